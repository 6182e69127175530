import { existsSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";

/**
 * Ends this process when a test takes far longer than it did without the mutant: a loop without an end is left in no
 * other way. Stryker tries the mutant again in a new process, which finds what the one before left; its own limit is
 * that of all the tests of a mutant together, minutes of them.
 */
const LONGEST_MS = 5_000;
const TIMES_AS_LONG = 5;

/** Of the file that is left, with the mutant's number behind it; in the folder that Stryker made for the run. */
const PREFIX = "ended-by-";

/** What a thread of its own looks at: when the test must be over, in milliseconds, or 0; and the mutant's number. */
const said = new BigInt64Array(new SharedArrayBuffer(16));

const DOG = `
  const { workerData: { said, pid, prefix } } = require("node:worker_threads");
  const { writeFileSync } = require("node:fs");
  setInterval(() => {
    const end = Number(Atomics.load(said, 0));
    if (end === 0 || performance.timeOrigin + performance.now() < end) return;
    writeFileSync(prefix + Atomics.load(said, 1), "a test did not end");
    process.kill(pid, "SIGKILL");
  }, 250);
`;
let dog: Worker | undefined;

/** Says that a test of a mutant starts, which took `usualMs` without it; or that none runs. */
export function watch(mutant: string | undefined, usualMs: number): void {
  if (dog === undefined) {
    dog = new Worker(DOG, { eval: true, workerData: { said, pid: process.pid, prefix: PREFIX } });
    dog.unref();
  }
  Atomics.store(said, 1, BigInt(mutant ?? 0));
  Atomics.store(
    said,
    0,
    mutant === undefined
      ? 0n
      : BigInt(Math.round(performance.timeOrigin + performance.now() + LONGEST_MS + TIMES_AS_LONG * usualMs)),
  );
}

/** Why the process that tried this mutant was ended, if one was. */
export function endedBy(mutant: string): string | undefined {
  const file = PREFIX + mutant;
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
