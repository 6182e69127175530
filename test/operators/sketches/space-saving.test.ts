import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  type Counters,
  countIn,
  mergedCounters,
  ranked,
} from "../../../shared/operators/sketches/space-saving.ts";

type Row = [value: string, counter: readonly [count: number, error: number]];

/** The counters as a list in the order of their arrival, searched from end to end. */
function countedByDefinition(values: readonly string[], capacity: number): Row[] {
  let rows: Row[] = [];
  for (const value of values) {
    const mine = rows.find(([of]) => of === value);
    if (mine !== undefined) mine[1] = [mine[1][0] + 1, mine[1][1]];
    else if (rows.length < capacity) rows.push([value, [1, 0]]);
    else {
      const least = Math.min(...rows.map(([, [count]]) => count));
      const lowest = rows.find(([, [count]]) => count === least);
      rows = [...rows.filter((row) => row !== lowest), [value, [least + 1, least]]];
    }
  }
  return rows;
}

const anyValues = fc.array(fc.constantFrom(..."abcdef"), { maxLength: 30, size: "max" });
const anyCapacity = fc.integer({ min: 1, max: 4 });
const of = (values: readonly string[], capacity: number): Counters =>
  values.reduce<Counters>((counters, value) => countIn(counters, value, capacity), new Map());

describe("the counters of a Space-Saving", () => {
  test.prop([anyValues, anyCapacity])(
    "take the place of the lowest, of several of the one that has stood longest",
    (values, capacity) => {
      expect([...of(values, capacity)]).toEqual(countedByDefinition(values, capacity));
    },
  );

  test("come the highest first, of equal ones the surer, then the one that came first", () => {
    const counters: Counters = new Map([
      ["low", [1, 0]],
      ["unsure", [5, 4]],
      ["first", [5, 2]],
      ["second", [5, 2]],
      ["high", [9, 8]],
      ["sure", [5, 0]],
    ]);
    expect(ranked(counters).map(([value]) => value)).toEqual([
      "high",
      "sure",
      "first",
      "second",
      "unsure",
      "low",
    ]);
  });

  test("of two that are full may each have missed as much as their lowest", () => {
    const a: Counters = new Map([
      ["x", [7, 1]],
      ["y", [3, 0]],
    ]);
    const b: Counters = new Map([
      ["y", [6, 2]],
      ["z", [5, 1]],
    ]);
    // x may be 5 more, z 3 more: those that are the highest stay
    expect([...mergedCounters(a, b, 2)]).toEqual([
      ["x", [12, 6]],
      ["y", [9, 2]],
    ]);
    // neither is full: what is not there did not come
    expect([...mergedCounters(a, b, 3)]).toEqual([
      ["x", [7, 1]],
      ["y", [9, 2]],
      ["z", [5, 1]],
    ]);
  });

  test("of a full one and of one with room: only the full one may have missed some", () => {
    const full: Counters = new Map([
      ["x", [7, 1]],
      ["y", [3, 0]],
    ]);
    const one: Counters = new Map([["z", [2, 0]]]);
    for (const [a, b] of [
      [full, one],
      [one, full],
    ] as const)
      expect(ranked(mergedCounters(a, b, 2))).toEqual([
        ["x", [7, 1]],
        ["z", [5, 3]],
      ]);
  });

  test("that fit stay in the order in which they came", () => {
    const a: Counters = new Map([
      ["low", [1, 0]],
      ["high", [2, 0]],
    ]);
    expect([...mergedCounters(a, new Map(), 2)]).toEqual([...a]);
    expect([...mergedCounters(a, new Map([["low", [1, 0]]]), 2)]).toEqual([
      ["low", [2, 0]],
      ["high", [2, 0]],
    ]);
  });
});
