import type { EpochMs } from "../time/time.ts";

/**
 * The points in time at which operators want to be called, earliest first; at one time, in the order of the
 * operators. A time is armed once however many keys wait for it, so a timer costs the same with one
 * open window or a million. Not part of saved state: operators arm their timers again from their own.
 *
 * A binary heap of times, with their operators in a list of the same order, and a set beside them.
 */
export class Timers {
  readonly #times: EpochMs[] = [];
  readonly #nodes: number[] = [];
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
    this.#times.push(time);
    this.#nodes.push(node);
    this.#rise(this.#times.length - 1, time, node);
  }

  /** The earliest time asked for, and by whom. */
  get first(): Timer | undefined {
    const time = this.#times[0];
    const node = this.#nodes[0];
    return time === undefined || node === undefined ? undefined : { time, node };
  }

  /** The earliest time asked for. */
  get next(): EpochMs | undefined {
    return this.#times[0];
  }

  /** Takes the earliest timer that is due at `now`. */
  take(now: EpochMs): Timer | undefined {
    const { next } = this;
    if (next === undefined || next > now) return undefined;
    const top = { time: next, node: this.#nodes[0] as number };
    const time = this.#times.pop() as EpochMs;
    const node = this.#nodes.pop() as number;
    if (this.#times.length > 0) this.#sink(time, node);
    this.#armed.get(top.node)?.delete(top.time);
    return top;
  }

  clear(): void {
    this.#times.length = 0;
    this.#nodes.length = 0;
    this.#armed.clear();
  }

  /** Puts a timer where it belongs among those above `from`, and each that comes after it one level lower. */
  #rise(from: number, time: EpochMs, node: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(time, node, parent)) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#times[i] = time;
    this.#nodes[i] = node;
  }

  /** Puts a timer where it belongs below the top, which is free, and each that comes before it one level higher. */
  #sink(time: EpochMs, node: number): void {
    const { length } = this.#times;
    let i = 0;
    for (let child = 1; child < length; child = 2 * i + 1) {
      const right = child + 1;
      if (
        right < length &&
        this.#isBefore(this.#times[right] as EpochMs, this.#nodes[right] as number, child)
      )
        child = right;
      if (this.#isBefore(time, node, child)) break;
      this.#move(child, i);
      i = child;
    }
    this.#times[i] = time;
    this.#nodes[i] = node;
  }

  #isBefore(time: EpochMs, node: number, place: number): boolean {
    const other = this.#times[place] as EpochMs;
    return time < other || (time === other && node < (this.#nodes[place] as number));
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as EpochMs;
    this.#nodes[to] = this.#nodes[from] as number;
  }
}

export type Timer = { readonly time: EpochMs; readonly node: number };
