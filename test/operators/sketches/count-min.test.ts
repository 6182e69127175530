import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { countMin, frequencyIn, type Key } from "../../../shared/index.ts";
import { kept, over, overParts } from "./aggregated.ts";

const self = (value: Key): Key => value;
const anyKeys = fc.array(fc.oneof(fc.string({ maxLength: 2 }), fc.nat({ max: 30 })), { maxLength: 120 });
const rough = { error: 0.3, confidence: 0.5 };

describe("countMin", () => {
  test.prop([anyKeys, fc.oneof(fc.string(), fc.integer())])(
    "is never too low, and at most all",
    (keys, other) => {
      const sketch = over(countMin(self, rough), keys);
      for (const key of [...keys, other])
        expect(frequencyIn(sketch, key)).toBeGreaterThanOrEqual(keys.filter((one) => one === key).length);
      expect(frequencyIn(sketch, other)).toBeLessThanOrEqual(sketch.total);
      expect(sketch.total).toBe(keys.length);
    },
  );

  test.prop([fc.array(anyKeys, { minLength: 1, maxLength: 4 })])(
    "merges parts to what one pass over all gives",
    (parts) => {
      expect(overParts(countMin(self, rough), parts)).toEqual(over(countMin(self, rough), parts.flat()));
    },
  );

  test("is too high by more than its error no more often than it was told", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i % 5_000}`);
    const sketch = over(countMin(self), keys);
    const asked = Array.from({ length: 5_000 }, (_, i) => frequencyIn(sketch, `key-${i}`) - 4);
    expect(asked.filter((excess) => excess > 0.01 * keys.length).length).toBeLessThan(0.01 * asked.length);
    expect(asked.filter((excess) => excess > 0).length).toBeGreaterThan(0);
  });

  test("has as many counters as error and confidence ask for", () => {
    expect(over(countMin(self), []).counters).toHaveLength(272 * 5);
    expect(over(countMin(self, { error: 0.1, confidence: 0 }), []).counters).toHaveLength(28);
  });

  test("counts a value in the places that sketches of a log have it in", () => {
    const { width, counters } = over(countMin(self, { error: 0.3, confidence: 0.9 }), ["a", 7, "a"]);
    expect(width).toBe(10);
    expect(counters.flatMap((n, at) => (n === 0 ? [] : [[at, n]]))).toEqual([
      [8, 1],
      [9, 2],
      [10, 2],
      [11, 1],
      [25, 2],
      [28, 1],
    ]);
  });

  test("leaves a copy and its result as they are", () => {
    const aggregate = countMin(self, rough);
    const accumulator = kept(aggregate, ["a", "b"]);
    const [copy, result] = [aggregate.clone(accumulator), aggregate.finish(accumulator)];
    aggregate.add(accumulator, "a" as never, { id: "", time: 0 as never, key: "" });
    expect(copy).toEqual(kept(aggregate, ["a", "b"]));
    expect(result).toEqual(over(aggregate, ["a", "b"]));
  });

  test.each([
    [0, 0.99],
    [1, 0.99],
    [0.000_001, 0.99],
    [0.01, 1],
    [0.01, -0.1],
    [Number.NaN, 0.5],
  ])("refuses an error of %d at a confidence of %d", (error, confidence) => {
    expect(() => countMin(self, { error, confidence })).toThrow("is impossible: both lie between 0 and 1");
  });
});
