import { type Clock, isoOf } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";

/** One line that a function wrote to stdout or stderr. */
export type LogLine = {
  readonly at: EpochMs;
  readonly functionName: string;
  readonly line: string;
  /** The log stream of the environment that wrote it. */
  readonly logStream: string;
};

/** The log stream of an environment, by the day of its start: `2026/01/31/[$LATEST]0a1b…`. */
export function logStreamOf(startedAt: EpochMs, environmentId: string): string {
  const [day = ""] = isoOf(startedAt).split("T");
  return `${day.replaceAll("-", "/")}/[$LATEST]${environmentId.replaceAll("-", "")}`;
}

/** The last lines of all functions, and whoever listens to them. */
export class FunctionLogs {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #listeners = new Set<(line: LogLine) => void>();
  #lines: LogLine[] = [];

  /** @param capacity - lines kept at least; up to twice as many are held for a moment. @default 10000 */
  constructor(clock: Clock, capacity = 10_000) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  append(functionName: string, line: string, logStream: string): void {
    const entry = { at: this.#clock.now(), functionName, line, logStream };
    this.#lines.push(entry);
    // halving now and then costs O(1) a line; shifting each time would copy the whole buffer
    if (this.#lines.length >= this.#capacity * 2) this.#lines = this.#lines.slice(-this.#capacity);
    for (const listener of this.#listeners) listener(entry);
  }

  /** The newest lines, oldest first; of one function where it is named. */
  tail(count: number, functionName?: string): readonly LogLine[] {
    const lines =
      functionName === undefined
        ? this.#lines
        : this.#lines.filter((line) => line.functionName === functionName);
    return lines.slice(-Math.min(count, this.#capacity));
  }

  /** Calls `listener` for each further line; the answer takes it off again. */
  onLine(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
