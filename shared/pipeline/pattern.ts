import type { Key } from "../events/event.ts";
import type {
  Condition,
  PatternSpec,
  PatternStep,
  SkipStrategy,
  TakingStep,
} from "../operators/pattern/spec.ts";
import type { FailurePolicy } from "../operators/spec.ts";
import type { VersionOptions } from "../operators/versioned.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import type { KeyedFlow } from "./flow.ts";

/** The events that each step has taken, in their order; none where an optional step took none. */
export type Captured<T, N extends string> = { readonly [Name in N]: readonly T[] };

type Where<T, N extends string> = (value: T, captured: Captured<T, N>) => boolean;

/** A pattern that can be looked for. */
export type Pattern<T, N extends string> = { readonly spec: PatternSpec; readonly of?: readonly [T, N] };

/** A pattern under construction: every method gives a new one. */
export type PatternBuilder<T, N extends string> = {
  /** Then the very next event of the key must fit. */
  next<M extends string>(name: M, where: Where<T, N | M>): StepBuilder<T, N | M>;
  /** Then the next event that fits, whatever lies between. */
  followedBy<M extends string>(name: M, where: Where<T, N | M>): StepBuilder<T, N | M>;
  /** Then any later event that fits: each gives a match of its own. */
  followedByAny<M extends string>(name: M, where: Where<T, N | M>): StepBuilder<T, N | M>;
  /** The very next event must not fit. */
  notNext(name: string, where: Where<T, N>): PatternBuilder<T, N>;
  /** No event that fits may come before the next step; at the end of a pattern, before its time is over. */
  notFollowedBy(name: string, where: Where<T, N>): PatternBuilder<T, N>;
  /** The last event of a match comes less than this after its first. Ends the pattern. */
  within(duration: DurationMs): Pattern<T, N>;
};

/** Says how often the step before is taken; between its events others may lie unless it is `consecutive`. */
export type StepBuilder<T, N extends string> = PatternBuilder<T, N> & {
  /** Exactly so often, or from `min` to `max` times: each number of them is a match. */
  times(min: number, max?: number): StepBuilder<T, N>;
  /** Once or more. */
  oneOrMore(): StepBuilder<T, N>;
  /** Or not at all. */
  optional(): StepBuilder<T, N>;
  /** No other event between those of the step. */
  consecutive(): StepBuilder<T, N>;
  /** Any of the later events that fit may be the step's next one: each choice is a match of its own. */
  allowCombinations(): StepBuilder<T, N>;
};

/**
 * Begins a pattern, as in Flink's CEP library: `pattern<Payment>().begin("small", …).followedBy("large", …).within(…)`.
 * A step's condition sees the event and what the steps before (and itself) have taken so far.
 */
export const pattern = <T>(): {
  begin<N extends string>(name: N, where: Where<T, N>): StepBuilder<T, N>;
} => ({
  begin: (name, where) => builder([taking(name, "relaxed", where as Condition)]),
});

// biome-ignore lint/suspicious/noExplicitAny: names and types live in the builder's type only
function builder(steps: readonly PatternStep[]): StepBuilder<any, any> {
  const last = steps.at(-1);
  const then = (step: PatternStep) => builder([...steps, step]);
  const changed = (change: Partial<TakingStep>) =>
    builder(last?.kind === "take" ? [...steps.slice(0, -1), { ...last, ...change }] : steps);
  return {
    next: (name: string, where: Condition) => then(taking(name, "strict", where)),
    followedBy: (name: string, where: Condition) => then(taking(name, "relaxed", where)),
    followedByAny: (name: string, where: Condition) => then(taking(name, "any", where)),
    notNext: (name, where) => then({ kind: "forbid", name, reach: "next", where: where as Condition }),
    notFollowedBy: (name, where) =>
      then({ kind: "forbid", name, reach: "between", where: where as Condition }),
    within: (within) => ({ spec: { steps, within } }),
    times: (min, max = min) => changed({ min, max }),
    oneOrMore: () => changed({ min: 1, max: Number.POSITIVE_INFINITY }),
    optional: () => changed({ min: 0 }),
    consecutive: () => changed({ inner: "strict" }),
    allowCombinations: () => changed({ inner: "any" }),
  };
}

const taking = (name: string, contiguity: TakingStep["contiguity"], where: Condition): TakingStep => ({
  kind: "take",
  name,
  contiguity,
  where,
  min: 1,
  max: 1,
  inner: "relaxed",
});

export type MatchOptions<N extends string, T = never> = {
  /** State is found again by this id. */
  readonly id: string;
  /**
   * What a match ends besides itself: `noSkip`, nothing; `skipToNext`, matches under way that began with the same event;
   * `skipPastLastEvent`, those that began with any event up to its last; `{ first }` and `{ last }`, those that began
   * before the first, or last, event of that step.
   * @default "noSkip"
   */
  readonly skip?: Extract<SkipStrategy, string> | { readonly first: N } | { readonly last: N };
  /** Matches under way that a key may have; the event that would make more becomes a failed event. @default 10,000 */
  readonly maxRuns?: number;
  /** The version of the events that are kept: raise it where they get another shape. */
  readonly kept?: VersionOptions<T>;
  readonly onError?: FailurePolicy;
};

/** A match, or what there is of one that ran out of time: what each step took, and its first and last event's times. */
export type Match<K extends Key, T, N extends string> = {
  readonly key: K;
  readonly match: Captured<T, N>;
  readonly start: EpochMs;
  readonly end: EpochMs;
};

/** Matches, keyed as the events were; a match's event time is that of its last event, or the end of its time. */
export type MatchFlow<K extends Key, T, N extends string> = KeyedFlow<K, Match<K, T, N>> & {
  /** Matches under way whose time was over. */
  readonly timeouts: KeyedFlow<K, Match<K, T, N>>;
  /** Events behind the watermark. */
  readonly late: KeyedFlow<K, T>;
};
