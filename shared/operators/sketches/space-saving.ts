import type { Key } from "../../events/event.ts";

/** By value: how often it came at most, and by how much that may be too often. In the order of their arrival. */
export type Counters = Map<Key, Counter>;
type Counter = readonly [count: number, error: number];

const counter = (counters: Counters, value: Key): Counter => counters.get(value) ?? [0, 0];

/**
 * Counts a value. Where all counters are taken, it takes over the lowest one, and that count is its possible error
 * (Space-Saving: Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in data streams",
 * ICDT 2005). Of several lowest the one that has stood longest goes, so that the same events give the same counters.
 */
export function countIn(counters: Counters, value: Key, capacity: number): Counters {
  const [count, error] = counter(counters, value);
  if (count > 0 || counters.size < capacity) return counters.set(value, [count + 1, error]);
  const [lowest, least] = lowestOf(counters);
  counters.delete(lowest);
  return counters.set(value, [least + 1, least]);
}

function lowestOf(counters: Counters): [value: Key, count: number] {
  let lowest: [Key, number] = ["", Number.POSITIVE_INFINITY];
  for (const [value, [count]] of counters) if (count < lowest[1]) lowest = [value, count];
  return lowest;
}

/**
 * The counters of all values of both; neither is changed. A value that only one knows may have come as often as the
 * other's lowest (Agarwal et al., "Mergeable summaries", PODS 2012), where that one is full.
 */
export function mergedCounters(a: Counters, b: Counters, capacity: number): Counters {
  const unseen = (counters: Counters): number => (counters.size < capacity ? 0 : lowestOf(counters)[1]);
  const [missedByA, missedByB] = [unseen(a), unseen(b)];
  const union: Counters = new Map();
  for (const [value, [count, error]] of a) {
    const [more, off] = b.get(value) ?? [missedByB, missedByB];
    union.set(value, [count + more, error + off]);
  }
  for (const [value, [count, error]] of b)
    if (!a.has(value)) union.set(value, [count + missedByA, error + missedByA]);
  return union.size <= capacity ? union : new Map(ranked(union).slice(0, capacity));
}

/** The highest first; of equal ones the surer, then the one that came first. */
export const ranked = (counters: Counters): [value: Key, counter: Counter][] =>
  [...counters].sort(([, [a, errorOfA]], [, [b, errorOfB]]) => b - a || errorOfA - errorOfB);
