import { exec } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { MillraceError, messageOf } from "../../../shared/errors/millrace-error.ts";
import type { AppCommand } from "./app-command.ts";
import { AppProcess } from "./app-process.ts";
import { synthFailure } from "./synth-failure.ts";

/** What a synthesis made. */
export type Synthesis = {
  readonly templateDir: string;
  /** The app's own modules, as far as it could be watched. */
  readonly loaded: readonly string[];
};

/** Synthesizes an app again and again, each time in a new process; one that waits makes the next time shorter. */
export class Synthesizer {
  readonly #app: () => AppCommand;
  readonly #folder: string;
  #runs = 0;
  #spare: AppProcess | undefined;
  #current: AppProcess | undefined;
  /** Whether the app lets itself be held up: one in another language begins at once. */
  #canWait = true;

  /**
   * @param app - asked before each run, as its settings may change
   * @param folder - gets a folder for each run; those of processes that are gone are deleted
   */
  constructor(app: () => AppCommand, folder: string) {
    this.#app = app;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder))
      if (!isAlive(Number(name.split("-")[0]))) rmSync(join(folder, name), { recursive: true });
  }

  /** Starts a process that waits for its sources. */
  warmUp(): void {
    if (this.#canWait) this.#spare ??= this.#start(true);
  }

  /**
   * The template of the sources as they are now.
   * @throws MillraceError SYNTH_FAILED; whatever MillraceError the app has thrown
   */
  async synthesize(): Promise<Synthesis> {
    const app = this.#app();
    await runBuild(app);
    const early = this.#spare?.isOf(app) ? this.#spare : undefined;
    if (early === undefined) await this.#spare?.stop();
    this.#spare = undefined;
    const run = early ?? this.#start(false);
    this.#current = run;
    const result = await run.go();
    this.#current = undefined;
    if (run === early && !run.waited) {
      // it may have read its sources before they changed
      this.#canWait = false;
      return this.synthesize();
    }
    if (!result.ok) throw synthFailure(result, app.folder);
    return { templateDir: run.templateDir, loaded: result.loaded };
  }

  /** Deletes the templates of earlier runs, except those that are still in use. */
  forget(inUse: (templateDir: string) => boolean): void {
    for (const name of this.#own()) {
      const place = join(this.#folder, name);
      const isSpare = this.#spare?.templateDir.startsWith(place) === true;
      if (!isSpare && !inUse(join(place, "template"))) rmSync(place, { recursive: true, force: true });
    }
  }

  /** Ends its processes and deletes all templates. */
  async close(): Promise<void> {
    await Promise.all([this.#spare?.stop(), this.#current?.stop()]);
    this.#spare = undefined;
    this.forget(() => false);
  }

  #own(): readonly string[] {
    return readdirSync(this.#folder).filter((name) => name.startsWith(`${process.pid}-`));
  }

  #start(waits: boolean): AppProcess {
    this.#runs += 1;
    return new AppProcess(this.#app(), join(this.#folder, `${process.pid}-${this.#runs}`), waits);
  }
}

async function runBuild({ build, folder, environment }: AppCommand): Promise<void> {
  if (build === undefined) return;
  try {
    await promisify(exec)(build, { cwd: folder, env: { ...process.env, ...environment } });
  } catch (cause) {
    throw new MillraceError("SYNTH_FAILED", messageOf(cause).trim(), { next: "refused", cause });
  }
}

/** Whether a process of that id runs, whoever's it is. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
