import { MillraceError } from "../../errors/millrace-error.ts";
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
import {
  type Found,
  Matcher,
  type MatcherState,
  NOTHING_SEEN,
  type Read,
  type Step,
  TooManyRuns,
} from "./matcher.ts";
import type { Captures, MatchSpec } from "./spec.ts";

/** An event that waits for the watermark, so that no earlier one can come before it; its value as it is kept. */
type Waiting = readonly [time: EpochMs, value: unknown];
type KeyState = { readonly waiting: readonly Waiting[]; readonly matcher: MatcherState };

const NEW: KeyState = { waiting: [], matcher: NOTHING_SEEN };

/**
 * Looks for a pattern among the events of each key, in the order of their event times; at one time, in the order in
 * which they came. An event is looked at when the watermark has passed it.
 *
 * ```
 *   event ─► waits until the watermark is beyond its time ─► runs take it, or not ─► matches
 *                                                              └ start + within passed ─► timeouts
 * ```
 * A condition that throws makes its event a failed event, as if it had not come.
 */
export class PatternMatch implements StatefulOperator {
  readonly #host: Host;
  readonly #timeout: Push;
  readonly #spec: MatchSpec;
  readonly #matcher: Matcher;
  readonly #keys: KeyedValues<KeyState>;
  readonly #timers: KeyTimers;
  readonly #keeper: RowKeeper;
  /** Rows and failed events of the key and timer at hand: part of their ids. */
  #given = 0;

  constructor(host: Host, timeout: Push, spec: MatchSpec & { readonly kept: KeptRows }) {
    this.#host = host;
    this.#timeout = timeout;
    this.#spec = spec;
    this.#matcher = new Matcher(spec);
    this.#keys = new KeyedValues(host);
    this.#timers = new KeyTimers(host);
    this.#keeper = rowKeeper(host, spec.kept, 0);
  }

  get size(): number {
    return this.#keys.size;
  }

  readonly push = (value: unknown): void => {
    const { context, late } = this.#host;
    const { key, time } = context;
    if (time < context.watermark) {
      late(value);
      return;
    }
    if (!canKeep(this.#host, value)) return;
    const { waiting, matcher } = this.#keys.get(key) ?? NEW;
    const at = waiting.findLastIndex(([other]) => other <= time) + 1;
    const kept = this.#keeper.keep(value);
    this.#keys.set(key, { waiting: waiting.toSpliced(at, 0, [time, kept]), matcher });
    this.#timers.arm((time + 1) as EpochMs, key);
  };

  onTimer(at: EpochMs): void {
    for (const key of this.#timers.take(at)) this.#advance(key, at);
  }

  /** Takes the events before `at` and ends what is over by then, each in its turn. */
  #advance(key: Key, at: EpochMs): void {
    const before = this.#keys.get(key);
    if (before === undefined) return;
    this.#given = 0;
    let { matcher } = before;
    const count = before.waiting.filter(([time]) => time < at).length;
    for (const [time, value] of before.waiting.slice(0, count)) {
      matcher = this.#expire(key, matcher, time, at);
      matcher = this.#take(key, matcher, time, value, at);
    }
    matcher = this.#expire(key, matcher, at, at);
    // a timer of what has ended meanwhile: after a recovery there is none, and nothing may tell the two apart
    if (count === 0 && matcher === before.matcher) return;
    const waiting = before.waiting.slice(count);
    if (waiting.length === 0 && matcher.runs.length === 0) this.#keys.delete(key);
    else this.#keys.set(key, { waiting, matcher });
    this.#arm(key, { waiting: [], matcher });
  }

  #take(key: Key, state: MatcherState, time: EpochMs, kept: unknown, at: EpochMs): MatcherState {
    const { context, fail } = this.#host;
    const read = this.#readerFor(key);
    let value = asKept(kept);
    let step: Step;
    try {
      if (read !== undefined) value = read(kept);
      step = this.#matcher.next(state, time, value, kept, read);
    } catch (thrown) {
      const cause = thrown instanceof TooManyRuns ? this.#tooMany(key, thrown) : thrown;
      context.within(this.#idAt(key, at), time, key, () => fail(value, cause));
      return state;
    }
    this.#give(key, step, at);
    return step.state;
  }

  /** Reads what is kept of the key; undefined where that is as it was. */
  #readerFor(key: Key): Read | undefined {
    const keeper = this.#keeper;
    return keeper.migrates ? (kept) => keeper.read(kept, key) : undefined;
  }

  #tooMany(key: Key, cause: TooManyRuns): MillraceError {
    return new MillraceError(
      "PATTERN_RUNS",
      `operator "${this.#host.id}": key ${JSON.stringify(key)} would have ${cause.message}, and ${this.#spec.most} are allowed`,
      { next: "dead-lettered", cause },
    );
  }

  #expire(key: Key, state: MatcherState, upTo: EpochMs, at: EpochMs): MatcherState {
    let left = state;
    for (
      let deadline = this.#matcher.deadline(left);
      deadline !== undefined && deadline <= upTo;
      deadline = this.#matcher.deadline(left)
    ) {
      const step = this.#matcher.expire(left);
      this.#give(key, step, at);
      left = step.state;
    }
    return left;
  }

  #give(key: Key, { matches, timeouts }: Step, at: EpochMs): void {
    const { context, emit, fail } = this.#host;
    const read = this.#readerFor(key);
    const give = ({ captures, start, end }: Found, to: Push): void =>
      context.within(this.#idAt(key, at), (at - 1) as EpochMs, key, () => {
        let match = captures;
        try {
          if (read !== undefined) match = eachOf(captures, read);
        } catch (thrown) {
          fail({ key, match: eachOf(captures, asKept), start, end }, thrown);
          return;
        }
        to({ key, match, start, end });
      });
    for (const found of matches) give(found, emit);
    for (const found of timeouts) give(found, this.#timeout);
  }

  /** A timer fires once for a key: what it gives is told apart by its number. */
  #idAt(key: Key, at: EpochMs): () => string {
    const nth = this.#given++;
    return () => `${this.#host.id}/${key}/${at}/${nth}`;
  }

  #arm(key: Key, { waiting, matcher }: KeyState): void {
    for (const [time] of waiting) this.#timers.arm((time + 1) as EpochMs, key);
    const deadline = this.#matcher.deadline(matcher);
    if (deadline !== undefined) this.#timers.arm(deadline, key);
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
    for (const [key, state] of this.#keys.all()) this.#arm(key, state);
  }
}

const eachOf = (captures: Captures, read: Read): Captures =>
  Object.fromEntries(Object.entries(captures).map(([name, values]) => [name, values.map(read)]));
