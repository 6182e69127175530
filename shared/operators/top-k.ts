import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { type Aggregate, type Pick, picker } from "./aggregate.ts";
import { checkedKey } from "./checked-key.ts";
import { type Counters, countIn, mergedCounters, ranked } from "./sketches/space-saving.ts";

export type TopKOptions = {
  /**
   * Values that are counted at a time: a count is too high by `events / capacity` at most, and every value that came
   * more often than that is counted. `k` to 10,000. @default ten times k, at least 100
   */
  readonly capacity?: number;
};

/** A value, how often it came at most, and by how much that may be too often. */
export type TopEntry<V> = { readonly value: V; readonly count: number; readonly error: number };

/**
 * About the `k` values that came most often, the most frequent first, by Space-Saving. Exact (`error` 0) as long as
 * there are no more different values than `capacity`. A value beyond it costs a look at all counters.
 * @throws MillraceError `PLAN_OPTION` for a `k` or capacity that no sketch has
 */
export function topK<T, V extends Key>(
  k: number,
  of: Pick<T, V>,
  { capacity = Math.max(100, 10 * k) }: TopKOptions = {},
): Aggregate<T, readonly TopEntry<V>[]> {
  if (!(Number.isInteger(k) && k >= 1 && Number.isInteger(capacity) && k <= capacity && capacity <= 10_000))
    throw new MillraceError(
      "PLAN_OPTION",
      `topK(${k}) with a capacity of ${capacity}: k must be a whole number from 1 to the capacity, which may be 10,000`,
      { next: "refused" },
    );
  const pick = picker(of);
  return {
    name: `topK/${capacity}`,
    create: (): Counters => new Map(),
    extract: (value, info) => checkedKey(pick(value, info), "topK"),
    add: (counters: Counters, value: Key) => countIn(counters, value, capacity),
    merge: (a: Counters, b: Counters) => mergedCounters(a, b, capacity),
    finish: (counters: Counters) =>
      ranked(counters)
        .slice(0, k)
        .map(([value, [count, error]]) => ({ value: value as V, count, error })),
    clone: (counters: Counters): Counters => new Map(counters),
    fallible: false,
    combines: "values",
  };
}
