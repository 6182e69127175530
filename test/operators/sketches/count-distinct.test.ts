import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { countDistinct, type Key } from "../../../shared/index.ts";
import { decodeValue, encodeValue } from "../../../shared/state/codec.ts";
import { kept, over, overParts } from "./aggregated.ts";

const self = (value: Key): Key => value;
const anyKey = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.double({ noNaN: true }),
);
const anyKeys = fc.array(anyKey, { maxLength: 60 });
const numbered = (n: number, salt: number): Key[] => Array.from({ length: n }, (_, i) => `${salt}-${i}`);

describe("countDistinct", () => {
  test.prop([anyKeys])("is exact of a few values, however often each comes", (keys) => {
    // 0 and -0 are one value, as they are to a Map
    expect(over(countDistinct(self), [...keys, ...keys])).toBe(new Set(keys).size);
  });

  test("is exact as long as it keeps every hash, and goes over to registers without a step", () => {
    const aggregate = countDistinct(self);
    expect(over(aggregate, numbered(1_024, 3))).toBe(1_024);
    expect(Math.abs(over(aggregate, numbered(1_025, 3)) / 1_025 - 1)).toBeLessThan(0.03);
  });

  test.prop([fc.array(anyKeys, { minLength: 1, maxLength: 4 }), fc.constantFrom(0.01, 0.26)])(
    "merges parts to what one pass over all gives, in any order",
    (parts, standardError) => {
      const aggregate = countDistinct(self, { standardError });
      const whole = over(aggregate, parts.flat());
      expect(overParts(aggregate, parts)).toBe(whole);
      expect(overParts(aggregate, [...parts].reverse())).toBe(whole);
    },
  );

  test("tells values of different kinds and lengths apart", () => {
    const alike = [1, "1", "1\0", "", "\0", "\0\0", 0, "0", 1.5, "1.5", "é", "e\u0301"];
    expect(over(countDistinct(self), alike)).toBe(alike.length);
  });

  // of 200 sets of each size, so that the mean square is known to a tenth
  test.each([100, 1_000, 3_000, 10_000, 50_000])(
    "keeps its standard error with %d values, and is not off to one side",
    (n) => {
      const standardError = 0.03;
      const aggregate = countDistinct(self, { standardError });
      const runs = n > 10_000 ? 50 : 200;
      const errors = Array.from({ length: runs }, (_, salt) => over(aggregate, numbered(n, salt)) / n - 1);
      const mean = errors.reduce((sum, e) => sum + e, 0) / runs;
      const meanSquare = errors.reduce((sum, e) => sum + e ** 2, 0) / runs;
      expect(Math.sqrt(meanSquare)).toBeLessThan(1.25 * standardError);
      expect(Math.abs(mean)).toBeLessThan((4 * standardError) / Math.sqrt(runs));
    },
  );

  test("is as large as its error says, and not larger, whatever comes", () => {
    const aggregate = countDistinct(self, { standardError: 0.01 });
    const size = (n: number): number => encodeValue(kept(aggregate, numbered(n, 0))).length;
    expect(size(10)).toBeLessThan(300);
    // 2^14 registers in base64
    expect(size(1_000_000)).toBeLessThan((4 / 3) * 2 ** 14 + 100);
  });

  test.prop([fc.nat({ max: 9_000 })])("goes on from the log as it would have from memory", (n) => {
    const aggregate = countDistinct(self);
    const accumulator = kept(aggregate, numbered(n, 1));
    expect(decodeValue(encodeValue(accumulator))).toEqual(accumulator);
    expect(aggregate.finish(decodeValue(encodeValue(accumulator)))).toBe(aggregate.finish(accumulator));
  });

  test("leaves a copy and what it merged as they are", () => {
    const aggregate = countDistinct(self, { standardError: 0.2 });
    const accumulator = kept(aggregate, numbered(100, 0));
    const [copy, before] = [aggregate.clone(accumulator), encodeValue(accumulator)];
    aggregate.merge(accumulator, kept(aggregate, numbered(100, 1)));
    expect(encodeValue(accumulator)).toBe(before);
    for (const key of numbered(100, 2))
      aggregate.add(accumulator, key as never, { id: "", time: 0 as never, key: "" });
    expect(encodeValue(copy)).toBe(before);
    expect(encodeValue(accumulator)).not.toBe(before);
  });

  test.each([0, -1, 1, 0.002, Number.NaN])("refuses a standard error of %d", (standardError) => {
    expect(() => countDistinct(self, { standardError })).toThrow(
      `a standard error of ${standardError} is impossible: give one from 0.00203`,
    );
  });
});
