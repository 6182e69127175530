import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { weightOf } from "../../shared/operators/combine/weight.ts";
import { encodeValue } from "../../shared/state/codec.ts";

const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const TAG = 24;

describe("a value weighs about what it takes in a frame", () => {
  const cases: readonly (readonly [what: string, value: unknown, weight: number])[] = [
    ["a text, with its quotes and a comma", "four", 4 + 3],
    ["no text", "", 3],
    ["true", true, 6],
    ["false", false, 6],
    ["null", null, 5],
    ["undefined", undefined, TAG],
    ["a bigint, by its digits", 12345n, TAG + 5],
    ["a small number", 999, 4],
    ["zero", 0, 4],
    ["a middling number", 1_000, 7],
    ["the largest middling number", 999_999, 7],
    ["a large number", 1_000_000, 11],
    ["the largest of 32 bits", 2_147_483_647, 11],
    ["a larger one", 2_147_483_648, 25],
    ["a fraction", 0.5, 25],
    ["no number", Number.NaN, 25],
    ["a small number below zero", -999, 5],
    ["a larger one below zero", -1_000, 12],
    ["bytes, in base64", new Uint8Array(10), 2 + TAG + 14],
    ["an empty list", [], 2],
    ["a list, by what is in it", [1, "four", null], 2 + 4 + 7 + 5],
    ["an empty object", {}, 2],
    ["an object, by its names and what they hold", { a: 1, four: "four" }, 2 + (1 + 3 + 4) + (4 + 3 + 7)],
    ["an empty map", new Map(), 2 + TAG],
    [
      "a map, by its pairs",
      new Map([
        ["k", 1],
        ["l", 2],
      ]),
      2 + TAG + 2 * (2 + 4 + 4),
    ],
    ["what is within others", { list: [[1], { n: 5_000 }] }, 2 + 7 + 2 + (2 + 4) + (2 + 4 + 7)],
  ];

  test.each(cases)("%s", (_, value, weight) => {
    expect(weightOf(value, NO_LIMIT)).toBeCloseTo(weight);
  });

  test.each(cases)("at most what it may: %s", (_, value, weight) => {
    expect(weightOf(value, Math.ceil(weight))).toBeCloseTo(weight);
    expect(weightOf(value, weight - 1)).toBeUndefined();
  });
});

describe("a value has no weight", () => {
  class Money {
    cents = 5;
  }
  test.each([
    ["of a class", new Money()],
    ["that is a pattern", /a/],
    ["that is a set", new Set([1])],
    ["of another type of bytes", new Float64Array(1)],
    ["that is a function", () => 1],
    ["that is a symbol", Symbol("a")],
    ["without a prototype", Object.create(null)],
  ])("%s, wherever it is", (_, value) => {
    for (const one of [value, [value], { value }, new Map([["k", value]]), new Map([[value, 1]])])
      expect(weightOf(one, NO_LIMIT)).toBeUndefined();
  });

  test("that is deeper than 50 lists", () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 50; depth += 1) value = [value];
    expect(weightOf(value, NO_LIMIT)).toBe(50 * 2 + 4);
    expect(weightOf([value], NO_LIMIT)).toBeUndefined();
  });

  test("that holds itself", () => {
    const list: unknown[] = [];
    list.push(list);
    expect(weightOf(list, NO_LIMIT)).toBeUndefined();
  });
});

test("what is heavier than it may be is not looked at to its end", () => {
  const read: number[] = [];
  const list = Array.from({ length: 10 }, () => 0);
  const seen = new Proxy(list, {
    get: (target, at, receiver) => {
      if (typeof at === "string" && /^\d+$/.test(at)) read.push(Number(at));
      return Reflect.get(target, at, receiver);
    },
  });
  // two for the list, and four for each number: the third is too much
  expect(weightOf(seen, 13)).toBeUndefined();
  expect(read).toEqual([0, 1, 2]);
  const pairs = new Map(list.map((value, at) => [at, value]));
  let taken = 0;
  pairs[Symbol.iterator] = function* () {
    for (const pair of this.entries()) {
      taken += 1;
      yield pair;
    }
    return undefined;
  };
  expect(weightOf(pairs, 2 + TAG + 10 + 9)).toBeUndefined();
  expect(taken).toBe(3);
});

test.prop([fc.jsonValue(), fc.constantFrom("\u0000", '"', "é", "x")])(
  "a value's text in UTF-8 takes six times its weight at most",
  (json, unit) => {
    const value = { json, unit, map: new Map([[unit.repeat(20), undefined]]), bytes: new Uint8Array(40) };
    const bytes = new TextEncoder().encode(encodeValue(value)).length;
    expect(bytes).toBeLessThanOrEqual(6 * (weightOf(value, NO_LIMIT) ?? 0));
  },
);
