import type { EventInfo } from "../events/event.ts";

/** A field by name or a function of the value. */
export type Pick<T, V> =
  | { [F in keyof T & string]: T[F] extends V ? F : never }[keyof T & string]
  | ((value: T, info: EventInfo) => V);

/**
 * What a window keeps per key instead of its events. An accumulator is plain data (JSON, Map, Set, bigint):
 * it travels through the commit log.
 *
 * User code runs in `extract` (and, for `custom`, in `add`): where it throws, the event fails and the
 * accumulator stays what it was.
 */
export type Aggregate<T, R> = {
  readonly name: string;
  /** What it was made with: the rank of a quantile, the limit of a collect. */
  readonly parameter?: number;
  readonly create: () => Accumulator;
  readonly extract: (value: T, info: EventInfo) => unknown;
  /** Returns the accumulator to keep; may change and return the one it got. */
  readonly add: (accumulator: Accumulator, extracted: never, info: EventInfo) => Accumulator;
  readonly merge: (a: Accumulator, b: Accumulator) => Accumulator;
  readonly finish: (accumulator: Accumulator) => R;
  /** A copy that shares nothing mutable with the original. */
  readonly clone: (accumulator: Accumulator) => Accumulator;
  /** True where `add` is the user's own, and so may throw half-way. */
  readonly fallible: boolean;
  /**
   * True where parts of a window, each aggregated on its own and merged oldest first, give exactly what all its events
   * give in the order in which they came: not so for sums of doubles, which round.
   */
  readonly divisible?: true;
  /** Of the accumulator's shape. @default 1 */
  readonly version?: number;
  /** Makes an accumulator of this version of one that an earlier one kept. */
  readonly migrate?: (old: unknown, fromVersion: number) => Accumulator;
  /**
   * What may be sent over a shuffle in place of events, so that the result stays what it is to the last bit:
   * `accumulator`, where neither the order of events nor how they are put together in parts can be told from the result;
   * `values`, those that were extracted, in their order, where `add` looks at nothing else.
   * @default the events themselves
   */
  readonly combines?: "accumulator" | "values";
  /** As `merge`; the first may be changed and returned, the second stays as it is. @default `merge` */
  readonly absorb?: (into: Accumulator, from: Accumulator) => Accumulator;
};

/** Opaque to everything but its own aggregate. */
// biome-ignore lint/suspicious/noExplicitAny: an accumulator is known to its aggregate alone
export type Accumulator = any;

/** Turns a field name or function into a function. */
export function picker<T, V>(pick: Pick<T, V>): (value: T, info: EventInfo) => V {
  return typeof pick === "function" ? pick : (value) => value[pick] as V;
}

/** Makes an aggregate whose accumulator is a primitive, so that a copy is the value itself. */
export function primitive<T, A, X, R>(
  name: string,
  steps: {
    readonly create: () => A;
    readonly extract: (value: T, info: EventInfo) => X;
    readonly add: (accumulator: A, x: X) => A;
    readonly merge: (a: A, b: A) => A;
    readonly finish: (accumulator: A) => R;
    readonly divisible?: true;
    readonly combines?: "accumulator" | "values";
  },
): Aggregate<T, R> {
  return { name, ...steps, clone: (accumulator) => accumulator, fallible: false };
}
