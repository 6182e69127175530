import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type Key, type TopEntry, topK } from "../../../shared/index.ts";
import { kept, over, overParts } from "./aggregated.ts";

const self = (value: Key): Key => value;
/** Few values often and many seldom, in any order. */
const anyKeys = fc.array(
  fc.oneof(fc.constantFrom<Key>("a", "b", 1, "1"), fc.string({ maxLength: 2 }), fc.nat({ max: 30 })),
  { maxLength: 120 },
);
const anyParts = fc.array(anyKeys, { minLength: 1, maxLength: 4 });
const anyCapacity = fc.integer({ min: 2, max: 12 });

function counted(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The bounds of the papers, for every counter that there is. */
function expectBounds(found: readonly TopEntry<Key>[], keys: readonly Key[], capacity: number): void {
  const counts = counted(keys);
  for (const { value, count, error } of found) {
    const exact = counts.get(value) ?? 0;
    expect(count).toBeGreaterThanOrEqual(exact);
    expect(count - error).toBeLessThanOrEqual(exact);
    expect(error).toBeLessThanOrEqual(keys.length / capacity);
  }
  for (const [value, exact] of counts)
    if (exact > keys.length / capacity) expect(found.map((entry) => entry.value)).toContain(value);
  expect(found.map(({ count }) => count)).toEqual(found.map(({ count }) => count).sort((a, b) => b - a));
}

describe("topK", () => {
  test.prop([anyKeys])("is exact as long as there is a counter for each value", (keys) => {
    const exact = [...counted(keys)].sort(([, a], [, b]) => b - a);
    const found = over(topK(5, self, { capacity: 200 }), keys);
    expect(found.map(({ count }) => count)).toEqual(exact.slice(0, 5).map(([, n]) => n));
    for (const { value, count, error } of found)
      expect([counted(keys).get(value), 0]).toEqual([count, error]);
  });

  test.prop([anyKeys, anyCapacity])(
    "is off by no more than events / capacity, and misses none beyond",
    (keys, capacity) => {
      expectBounds(over(topK(capacity, self, { capacity }), keys), keys, capacity);
    },
  );

  test.prop([anyParts, anyCapacity])("keeps its bounds over parts that are merged", (parts, capacity) => {
    expectBounds(overParts(topK(capacity, self, { capacity }), parts), parts.flat(), capacity);
  });

  test("gives the place of the one that has stood longest, of several lowest", () => {
    const found = over(topK(2, self, { capacity: 2 }), ["old", "new", "newest"]);
    expect(found).toEqual([
      { value: "newest", count: 2, error: 1 },
      { value: "new", count: 1, error: 0 },
    ]);
  });

  test("leaves a copy and what it merged as they are", () => {
    const aggregate = topK(2, self, { capacity: 3 });
    const accumulator = kept(aggregate, ["a", "b", "a"]);
    const copy = aggregate.clone(accumulator);
    aggregate.merge(accumulator, kept(aggregate, ["c", "d", "e"]));
    expect(accumulator).toEqual(copy);
    aggregate.add(accumulator, "a" as never, { id: "", time: 0 as never, key: "" });
    expect(copy).toEqual(kept(aggregate, ["a", "b", "a"]));
  });

  test("fails an event whose value is neither string nor number", () => {
    expect(() => over(topK(1, self), [null as unknown as Key])).toThrow("a key must be a string or a number");
  });

  test.each([
    [0, 100],
    [1.5, 100],
    [5, 4],
    [5, 10_001],
    [5, 7.5],
  ])("refuses k = %d with a capacity of %d", (k, capacity) => {
    expect(() => topK(k, self, { capacity })).toThrow("k must be a whole number from 1 to the capacity");
  });

  test("keeps ten times k, and a hundred at least, where nothing else is said", () => {
    expect([topK(3, self).name, topK(50, self).name]).toEqual(["topK/100", "topK/500"]);
  });
});
