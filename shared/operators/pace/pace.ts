import type { Key } from "../../events/event.ts";
import type { Change } from "../../state/change.ts";
import type { EpochMs } from "../../time/time.ts";
import type { Host } from "../host.ts";
import { canKeep } from "../keepable.ts";
import type { KeptRows } from "../kept-rows.ts";
import { KeyTimers } from "../key-timers.ts";
import { KeyedValues } from "../keyed-values.ts";
import type { Push, StatefulOperator } from "../operator.ts";
import { asKept, type RowKeeper, rowKeeper } from "../row-keeper.ts";
import { type Due, type PaceLogic, paceLogic, type Taken } from "./pace-logic.ts";
import type { PaceSpec } from "./spec.ts";

/**
 * Thins out or puts together the events of each key. What passes keeps its id and time; what had to wait for the
 * watermark has the last millisecond before it as its time, so that nothing after it finds it late.
 */
export class Pace implements StatefulOperator {
  readonly #host: Host;
  readonly #excess: Push;
  readonly #logic: PaceLogic<unknown>;
  readonly #keys: KeyedValues<unknown>;
  readonly #timers: KeyTimers;
  readonly #keeper: RowKeeper;
  readonly #row: (key: Key, given: unknown) => unknown;
  /** What is given, with `read` applied to each row in it. */
  readonly #each: (given: unknown, read: (kept: unknown) => unknown) => unknown;

  /** @param excess - takes what a throttle does not let pass */
  constructor(host: Host, excess: Push, spec: PaceSpec, kept: KeptRows) {
    this.#host = host;
    this.#excess = excess;
    this.#logic = paceLogic(spec) as PaceLogic<unknown>;
    this.#keys = new KeyedValues(host);
    this.#timers = new KeyTimers(host);
    this.#keeper = rowKeeper(host, kept, 0);
    const batches = spec.by === "batch";
    this.#row = batches ? (key, values) => ({ key, values }) : (_, value) => value;
    this.#each = batches
      ? (values, read) => (values as readonly unknown[]).map(read)
      : (row, read) => read(row);
  }

  get size(): number {
    return this.#keys.size;
  }

  readonly push = (value: unknown): void => {
    const { context, emit, late } = this.#host;
    const { key, time, watermark } = context;
    if (this.#logic.isLate(time, watermark)) {
      late(value);
      return;
    }
    if (this.#logic.keepsEvents && !canKeep(this.#host, value)) return;
    const kept = this.#keeper.keep(value);
    const taken: Taken<unknown> = this.#logic.take(this.#keys.get(key), time, kept, watermark);
    let gives = taken.gives ?? NOTHING;
    if (this.#keeper.migrates && gives.length > 0) {
      try {
        gives = gives.map((given) => this.#present(key, given));
      } catch (thrown) {
        this.#host.fail(value, thrown);
        return;
      }
    }
    this.#keep(key, taken.state);
    if (taken.passes === true) emit(value);
    if (taken.passes === false) this.#excess(value);
    for (const given of gives) emit(this.#row(key, given));
  };

  /** @throws MillraceError `STATE_MIGRATION` */
  #present(key: Key, given: unknown): unknown {
    return this.#each(given, (kept) => this.#keeper.read(kept, key));
  }

  onTimer(at: EpochMs): void {
    const { context, id } = this.#host;
    for (const key of this.#timers.take(at)) {
      const state = this.#keys.get(key);
      // a timer of what has been given meanwhile
      if (state === undefined || this.#logic.next(state) > at) continue;
      const { state: left, gives }: Due<unknown> = this.#logic.due(state, at);
      this.#keep(key, left);
      for (const [i, given] of gives.entries())
        context.within(
          () => `${id}/${key}/${at}/${i}`,
          (at - 1) as EpochMs,
          key,
          () => this.#give(key, given),
        );
    }
  }

  #give(key: Key, given: unknown): void {
    const { emit, fail } = this.#host;
    let present: unknown;
    try {
      present = this.#present(key, given);
    } catch (thrown) {
      fail(this.#row(key, this.#each(given, asKept)), thrown);
      return;
    }
    emit(this.#row(key, present));
  }

  #keep(key: Key, state: unknown): void {
    if (state === this.#keys.get(key)) return;
    if (state === undefined) this.#keys.delete(key);
    else {
      this.#keys.set(key, state);
      this.#timers.arm(this.#logic.next(state), key);
    }
  }

  changes(): Change[] {
    return this.#keys.changes();
  }

  clean(): void {
    this.#keys.clean();
  }

  snapshot(): Iterable<Change> {
    return this.#keys.snapshot();
  }

  apply(change: Change): void {
    this.#keys.apply(change);
  }

  rearm(): void {
    this.#keys.clean();
    this.#timers.clear();
    for (const [key, state] of this.#keys.all()) this.#timers.arm(this.#logic.next(state), key);
  }
}

const NOTHING: readonly unknown[] = [];
