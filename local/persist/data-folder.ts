import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";

/**
 * A folder in which one process keeps its data: `snapshot-<n>`, everything as it was at a moment, and `journal-<n>`,
 * what was done from that moment on. A snapshot is there once it is whole; until then its journal follows the one
 * before.
 */
export class DataFolder {
  readonly path: string;

  /** @throws MillraceError PERSIST_FOLDER where it cannot be written, or another process has it */
  constructor(path: string) {
    this.path = path;
    try {
      // Node tries for ever to make a folder and its parents where the system allows none, as below /proc
      if (!existsSync(path)) mkdirSync(path, { recursive: !existsSync(dirname(path)) });
      this.#lock();
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      throw unusable(`"${path}" cannot be used: ${messageOf(cause)}`, cause);
    }
    for (const name of readdirSync(path))
      if (name.endsWith(PART)) rmSync(join(path, name), { recursive: true });
  }

  /** The newest snapshot's number; 0 where there is none. */
  newestSnapshot(): number {
    return Math.max(0, ...this.#numbersOf("snapshot"));
  }

  /** The journals that a snapshot does not cover, in their order. */
  journalsSince(snapshot: number): readonly number[] {
    return this.#numbersOf("journal").filter((n) => n >= snapshot);
  }

  snapshot(n: number): string {
    return join(this.path, `snapshot-${n}`);
  }

  journal(n: number): string {
    return join(this.path, `journal-${n}`);
  }

  /** Where something is written that is renamed once it is whole; deleted at the next start where it was not. */
  draftOf(path: string): string {
    return `${path}${PART}`;
  }

  /** Deletes what a snapshot has made superfluous. */
  forgetBefore(snapshot: number): void {
    for (const n of this.#numbersOf("journal")) if (n < snapshot) rmSync(this.journal(n));
    for (const n of this.#numbersOf("snapshot")) if (n < snapshot) rmSync(this.snapshot(n));
  }

  unlock(): void {
    rmSync(join(this.path, LOCK), { force: true });
  }

  #numbersOf(kind: "snapshot" | "journal"): readonly number[] {
    return readdirSync(this.path)
      .flatMap((name) => {
        const [, found, n] = /^(snapshot|journal)-(\d+)$/.exec(name) ?? [];
        return found === kind ? [Number(n)] : [];
      })
      .sort((a, b) => a - b);
  }

  #lock(): void {
    const file = join(this.path, LOCK);
    for (;;)
      try {
        const fd = openSync(file, "wx");
        writeSync(fd, String(process.pid));
        closeSync(fd);
        return;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        const pid = Number(readFileSync(file, "utf8"));
        if (isAlive(pid)) throw unusable(`"${this.path}" is in use by process ${pid}`);
        // its owner was killed
        rmSync(file);
      }
  }
}

const LOCK = "lock";
const PART = ".part";

function isAlive(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const unusable = (message: string, cause?: unknown): MillraceError =>
  new MillraceError("PERSIST_FOLDER", message, {
    next: "refused",
    ...(cause === undefined ? {} : { cause }),
  });
