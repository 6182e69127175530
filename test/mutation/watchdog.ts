import { existsSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";

/** CPU time of this process so far: what else the machine does meanwhile says nothing about a test. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Ends this process when a test takes far more CPU time than it did without the mutant, or waits for what does not come:
 * a loop without an end is left in no other way. Stryker tries the mutant again in a new process, which finds what the
 * one before left; its own limit is that of all the tests of a mutant together, minutes of them.
 */
const MOST_CPU_MS = 5_000;
const TIMES_AS_MUCH = 5;
/** By the clock, for each ms that the processor may take. */
const WAITING = 10;

/** Of the file that is left, with the mutant's number behind it; in the folder that Stryker made for the run. */
const PREFIX = "ended-by-";

/** What a thread of its own looks at: the test's last ms of CPU time, or 0; its last ms by the clock; the mutant's number. */
const said = new BigInt64Array(new SharedArrayBuffer(24));

const DOG = `
  const { workerData: { said, pid, prefix } } = require("node:worker_threads");
  const { writeFileSync } = require("node:fs");
  setInterval(() => {
    const [cpu, clock, mutant] = [0, 1, 2].map((i) => Number(Atomics.load(said, i)));
    const { user, system } = process.cpuUsage();
    const isLate = (user + system) / 1_000 > cpu || performance.timeOrigin + performance.now() > clock;
    if (cpu === 0 || !isLate) return;
    writeFileSync(prefix + mutant, "a test did not end");
    process.kill(pid, "SIGKILL");
  }, 250);
`;
let dog: Worker | undefined;

/** Says that a test of a mutant starts, which took so much CPU time without it; or that none runs. */
export function watch(mutant: string | undefined, usualMs: number): void {
  if (dog === undefined) {
    dog = new Worker(DOG, { eval: true, workerData: { said, pid: process.pid, prefix: PREFIX } });
    dog.unref();
  }
  const most = MOST_CPU_MS + TIMES_AS_MUCH * usualMs;
  const set = (i: number, ms: number): void => void Atomics.store(said, i, BigInt(Math.round(ms)));
  // none runs while the rest is set
  set(0, 0);
  if (mutant === undefined) return;
  set(1, performance.timeOrigin + performance.now() + WAITING * most);
  set(2, Number(mutant));
  set(0, cpuMs() + most);
}

/** Why the process that tried this mutant was ended, if one was. */
export function endedBy(mutant: string): string | undefined {
  const file = PREFIX + mutant;
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
