import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { ownFile } from "../own-file.ts";
import type { AppCommand } from "./app-command.ts";
import type { Thrown } from "./synth-failure.ts";

/** How a run of the app ended. */
export type AppRun = {
  readonly ok: boolean;
  /** What it wrote to stdout and stderr. */
  readonly said: string;
  /** What it threw, where it told. */
  readonly thrown: Thrown | undefined;
  /** Modules that it loaded, those of packages left out; empty where it could not be watched. */
  readonly loaded: readonly string[];
};

/** One run of a CDK app, in a process of its own that may be started before it is needed. */
export class AppProcess {
  /** Where the template will be. */
  readonly templateDir: string;
  readonly #app: AppCommand;
  readonly #notes: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #said = "";

  /**
   * @param place - a folder of its own for this run
   * @param waits - whether it loads what it needs and then waits for `go`; an app that is run by no Node does not
   */
  constructor(app: AppCommand, place: string, waits: boolean) {
    const { command, folder, environment } = app;
    this.#app = app;
    this.templateDir = join(place, "template");
    this.#notes = join(place, "notes");
    rmSync(place, { recursive: true, force: true });
    mkdirSync(this.#notes, { recursive: true });
    const { NODE_OPTIONS: options = "", ...inherited } = process.env;
    this.#process = spawn(command, {
      shell: true,
      cwd: folder,
      // a group of its own: a shell does not hand a signal on to what it runs
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...inherited,
        CDK_VALIDATION: "false",
        ...environment,
        CDK_OUTDIR: this.templateDir,
        NODE_OPTIONS: `${options} --import=${pathToFileURL(ownFile("infra/dev/warm-start")).href}`.trim(),
        MILLRACE_NODE_OPTIONS: options,
        MILLRACE_WARM_START: this.#notes,
        ...(waits && { MILLRACE_WAITS: "yes" }),
      },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#said += chunk.toString();
      });
    // it may have ended before it is told to go on: its exit code says more
    this.#process.stdin?.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.#ended = promise;
    this.#process.once("close", resolve);
    this.#process.once("error", (error) => {
      this.#said += error.message;
      resolve(null);
    });
  }

  /** Whether it reads its sources only after `go`: known once it has ended, or waits. */
  get waited(): boolean {
    return existsSync(join(this.#notes, "ready"));
  }

  /** Whether it was started with these settings. */
  isOf(app: AppCommand): boolean {
    return isDeepStrictEqual(app, this.#app);
  }

  /** Lets it read its sources, and waits for its end. */
  async go(): Promise<AppRun> {
    this.#process.stdin?.end("go\n");
    const code = await this.#ended;
    return {
      ok: code === 0 && existsSync(join(this.templateDir, "manifest.json")),
      said: this.#said,
      thrown: this.#note("thrown.json"),
      loaded: this.#note("loaded.json") ?? [],
    };
  }

  /** Ends it, and resolves when it is gone. */
  async stop(): Promise<void> {
    const { pid } = this.#process;
    try {
      if (pid !== undefined && this.#process.exitCode === null) process.kill(-pid, "SIGKILL");
    } catch (error) {
      // it ended by itself a moment ago
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
    await this.#ended;
  }

  #note<T>(name: string): T | undefined {
    const file = join(this.#notes, name);
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : undefined;
  }
}
