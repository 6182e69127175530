import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";

/** CPU time of this process so far: what else the machine does meanwhile says nothing about what it runs. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** What something may take. */
export type Limit = {
  readonly cpuMs: number;
  /** By the clock: whoever waits for what does not come takes no CPU time. @default no limit */
  readonly clockMs?: number;
  /** Of the file that is left. @default 0 */
  readonly number?: number;
};

const DOG = `
  const { workerData: { limits, prefix } } = require("node:worker_threads");
  const { writeFileSync } = require("node:fs");
  setInterval(() => {
    const [cpu, clock, number] = [0, 1, 2].map((i) => Number(Atomics.load(limits, i)));
    const { user, system } = process.cpuUsage();
    const isLate = (user + system) / 1_000 > cpu || performance.timeOrigin + performance.now() > clock;
    if (cpu === 0 || !isLate) return;
    if (prefix !== undefined) writeFileSync(prefix + number, "it did not end");
    process.kill(process.pid, "SIGKILL");
  }, 250);
`;

/**
 * Ends this process where what runs takes too much: a loop without an await is left in no other way. It is a thread of
 * its own that looks, since nothing else runs any more then.
 */
export class Watchdog {
  /** The process's last ms of CPU time, or 0 where nothing is watched; the last ms by the clock; the file's number. */
  readonly #limits = new BigInt64Array(new SharedArrayBuffer(24));
  readonly #prefix: string | undefined;
  #thread: Worker | undefined;

  /** @param prefix - the path, without its number, of a file that is left where the process is ended. @default none */
  constructor(prefix?: string) {
    this.#prefix = prefix;
  }

  /** From now on something runs that may take so much; what was watched before is over. */
  watch({ cpuMs: most, clockMs = Number.MAX_SAFE_INTEGER, number = 0 }: Limit): void {
    if (this.#thread === undefined) {
      const workerData = { limits: this.#limits, prefix: this.#prefix };
      this.#thread = new Worker(DOG, { eval: true, execArgv: [], workerData });
      this.#thread.unref();
    }
    // nothing is watched while the rest is set
    this.rest();
    this.#set(1, performance.timeOrigin + performance.now() + clockMs);
    this.#set(2, number);
    this.#set(0, cpuMs() + most);
  }

  /** Nothing runs. */
  rest(): void {
    this.#set(0, 0);
  }

  #set(index: number, value: number): void {
    Atomics.store(this.#limits, index, BigInt(Math.round(value)));
  }
}
