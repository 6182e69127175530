import type { EpochMs } from "../time/time.ts";

/**
 * The points in time at which operators want to be called, earliest first; at one time, in the order of the
 * operators. A time is armed once however many keys wait for it, so a timer costs the same with one
 * open window or a million. Not part of saved state: operators arm their timers again from their own.
 *
 * A binary heap of `[time, operator]` with a set beside it.
 */
export class Timers {
  readonly #heap: Timer[] = [];
  readonly #armed = new Map<number, Set<EpochMs>>();

  /** Asks for a call of operator `node` at `time`; asking again changes nothing. */
  arm(node: number, time: EpochMs): void {
    let times = this.#armed.get(node);
    if (times === undefined) {
      times = new Set();
      this.#armed.set(node, times);
    }
    if (times.has(time)) return;
    times.add(time);
    this.#heap.push({ time, node });
    this.#rise(this.#heap.length - 1);
  }

  /** The earliest time asked for, and by whom. */
  get first(): Timer | undefined {
    return this.#heap[0];
  }

  /** The earliest time asked for. */
  get next(): EpochMs | undefined {
    return this.#heap[0]?.time;
  }

  /** Takes the earliest timer that is due at `now`. */
  take(now: EpochMs): Timer | undefined {
    const top = this.#heap[0];
    if (top === undefined || top.time > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    this.#armed.get(top.node)?.delete(top.time);
    return top;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#armed.clear();
  }

  #rise(from: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfBefore(i, parent)) return;
      i = parent;
    }
  }

  #sink(from: number): void {
    let i = from;
    for (;;) {
      const left = 2 * i + 1;
      const least = before(this.#heap[left + 1], this.#heap[left]) ? left + 1 : left;
      if (!this.#swapIfBefore(least, i)) return;
      i = least;
    }
  }

  #swapIfBefore(i: number, j: number): boolean {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (a === undefined || b === undefined || !before(a, b)) return false;
    this.#heap[i] = b;
    this.#heap[j] = a;
    return true;
  }
}

export type Timer = { readonly time: EpochMs; readonly node: number };

const before = (a: Timer | undefined, b: Timer | undefined): boolean =>
  a !== undefined && b !== undefined && (a.time < b.time || (a.time === b.time && a.node < b.node));
