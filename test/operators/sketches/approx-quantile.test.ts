import { DDSketch } from "@datadog/sketches-js";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { approxQuantile } from "../../../shared/index.ts";
import { MOST_BUCKETS } from "../../../shared/operators/sketches/ddsketch.ts";
import { kept, over, overParts } from "./aggregated.ts";

const self = (value: number): number => value;
const anyNumber = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  // nothing between zero and the smallest normal number: some take that for zero
  fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((x) => (Math.abs(x) < 1e-300 ? 0 : x)),
  fc.constantFrom(0, 1, 1e-9),
);
const anyNumbers = fc.array(anyNumber, { minLength: 1, maxLength: 60 });
const anyRank = fc.double({ min: 0, max: 1, noNaN: true });
const anyError = fc.constantFrom(0.001, 0.01, 0.2);

describe("approxQuantile", () => {
  test.prop([anyNumbers, anyRank, anyError])(
    "is within its error of a value of that rank",
    (values, q, error) => {
      const found = over(approxQuantile(q, self, { relativeError: error }), values);
      const exact = [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;
      // a hair more: logarithm and power round
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * error * (1 + 1e-9) + 1e-300);
    },
  );

  test.prop([anyNumbers, anyRank])("says what Datadog's sketch of the same error says", (values, q) => {
    const theirs = new DDSketch({ relativeAccuracy: 0.01 });
    for (const value of values) theirs.accept(value);
    const bounded = Math.min(
      Math.max(...values),
      Math.max(Math.min(...values), theirs.getValueAtQuantile(q)),
    );
    const ours = over(approxQuantile(q, self), values);
    expect(Math.abs(ours - bounded)).toBeLessThanOrEqual(Math.abs(bounded) * 1e-9);
  });

  test.prop([fc.array(anyNumbers, { minLength: 1, maxLength: 4 }), anyRank])(
    "merges parts to what one pass over all gives, in any order",
    (parts, q) => {
      const aggregate = approxQuantile(q, self);
      const whole = over(aggregate, parts.flat());
      expect(overParts(aggregate, parts)).toBe(whole);
      expect(overParts(aggregate, [...parts].reverse())).toBe(whole);
    },
  );

  test("joins the buckets nearest to zero where it has too many, and stays right above them", () => {
    const values = Array.from({ length: 40_000 }, (_, i) => 10 ** (i / 1_000 - 20));
    const aggregate = approxQuantile(0.9, self);
    const buckets = kept(aggregate, values) as { positive: Map<number, number> };
    expect(buckets.positive.size).toBe(MOST_BUCKETS);
    const exact = values[Math.floor(0.9 * (values.length - 1))] ?? 0;
    expect(Math.abs(aggregate.finish(buckets) / exact - 1)).toBeLessThanOrEqual(0.01);
    const joined = aggregate.merge(
      buckets,
      kept(
        aggregate,
        values.map((x) => x / 7),
      ),
    ) as typeof buckets;
    expect(joined.positive.size).toBe(MOST_BUCKETS);
  });

  test("leaves a copy and what it merged as they are", () => {
    const aggregate = approxQuantile(0.5, self);
    const accumulator = kept(aggregate, [1, -2, 3]);
    const copy = aggregate.clone(accumulator);
    aggregate.merge(accumulator, kept(aggregate, [1_000, 2_000, 3_000]));
    expect(accumulator).toEqual(copy);
    aggregate.add(accumulator, 5 as never, { id: "", time: 0 as never, key: "" });
    expect(copy).toEqual(kept(aggregate, [1, -2, 3]));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, "3"])("takes no %s for a number", (value) => {
    expect(() => over(approxQuantile(0.5, self), [value as number])).toThrow("takes finite numbers, not");
  });

  test.each([
    [-0.1, 0.01, "the rank must lie between 0 and 1"],
    [1.1, 0.01, "the rank must lie between 0 and 1"],
    [Number.NaN, 0.01, "the rank must lie between 0 and 1"],
    [0.5, 0, "a relative error of 0 is impossible"],
    [0.5, 1, "a relative error of 1 is impossible"],
    [0.5, Number.NaN, "a relative error of NaN is impossible"],
  ])("refuses rank %d with error %d", (q, relativeError, message) => {
    expect(() => approxQuantile(q, self, { relativeError })).toThrow(message);
  });
});
