import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { MAIN } from "./millrace.ts";

/** `millrace dev` while it runs. */
export class DevProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  readonly #lines: string[] = [];
  /** How many of the lines `said` has looked at. */
  #read = 0;
  #more = Promise.withResolvers<void>();

  /** @param main - the command's own file. @default that of this clone */
  constructor(cwd: string, args: readonly string[], main: string = MAIN) {
    this.#child = spawn(process.execPath, [main, "dev", ...args], {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
    });
    // "close", not "exit": by then every line has been read, and there is an exit code
    this.#exit = once(this.#child, "close");
    this.#child.on("close", () => this.#tell());
    const { stderr } = this.#child;
    if (stderr === null) throw new Error("no stderr");
    createInterface({ input: stderr }).on("line", (line) => {
      this.#lines.push(line);
      this.#tell();
    });
  }

  /** The next line that matches, with its groups; those before it are passed over. Rejects where it ends without one. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const more = this.#more.promise;
      for (; this.#read < this.#lines.length; this.#read += 1) {
        const found = pattern.exec(this.#lines[this.#read] ?? "");
        if (found === null) continue;
        this.#read += 1;
        return found;
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`it ended, and never said ${pattern}:\n${this.#lines.join("\n")}`);
      await more;
    }
  }

  /** Ends it and waits until it is gone. */
  async end(signal: "SIGINT" | "SIGKILL"): Promise<{ readonly code: unknown; readonly signal: unknown }> {
    this.#child.kill(signal);
    const [code, by] = await this.#exit;
    return { code, signal: by };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }

  #tell(): void {
    const { resolve } = this.#more;
    this.#more = Promise.withResolvers();
    resolve();
  }
}
