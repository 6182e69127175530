import { describe, expect, test } from "vitest";
import { count, custom, epochMs, max } from "../../shared/index.ts";
import type { Aggregate } from "../../shared/operators/aggregate.ts";
import { CompositeAggregate, cellOf } from "../../shared/operators/cell.ts";

type Row = { readonly n: number };

/** A list of numbers in version 3; in 1 and 2 a text of them. */
const listed = (migrate: (old: unknown, from: number) => number[]) =>
  custom<Row, number[], number[]>({
    create: () => [],
    add: (all, { n }) => [...all, n],
    merge: (a, b) => [...a, ...b],
    finish: (all) => all,
    version: 3,
    migrate,
  });
const parsed = listed((old, from) => [from, ...String(old).split(" ").map(Number)]);

const of = (parts: Record<string, Aggregate<Row, unknown>>): CompositeAggregate =>
  new CompositeAggregate(parts as Record<string, Aggregate<unknown, unknown>>);
const found = { pipeline: "p", operator: "w", key: "k" };
const cell = (accumulators: unknown[], versions?: readonly number[]) =>
  cellOf({
    key: "k",
    start: epochMs(0),
    end: epochMs(9),
    accumulators,
    versions,
    panes: 0,
    pending: 1,
  });

describe("the aggregates of a window", () => {
  test("have versions only where one is above 1", () => {
    expect(of({ n: count(), top: max("n") }).versions).toBeUndefined();
    expect(of({ n: count(), all: parsed }).versions).toEqual([1, 3]);
  });

  test("know the log's versions for their own where they are the same", () => {
    const aggregates = of({ n: count(), all: parsed });
    expect(aggregates.versionsOf([1, 3])).toBe(aggregates.versions);
    for (const other of [
      [1, 2],
      [3, 3],
      [3, 1],
    ])
      expect(aggregates.versionsOf(other)).toBe(other);
    expect(aggregates.versionsOf(undefined)).toBeUndefined();
    const plain = of({ n: count() });
    expect(plain.versionsOf(undefined)).toBeUndefined();
    expect(plain.versionsOf([2])).toEqual([2]);
  });

  test("bring what earlier versions kept to their own, and copy the rest", () => {
    const aggregates = of({ n: count(), all: parsed });
    expect(aggregates.migrated(cell([2, "4 5"], [1, 2]), found, false)).toEqual([2, [2, 4, 5]]);
    // nothing is said of version 1
    expect(aggregates.migrated(cell([2, "4"]), found, true)).toEqual([2, [1, 4]]);
    const present = [4, 5];
    const [, copy] = aggregates.migrated(cell([2, present], [1, 3]), found, false);
    expect(copy).toEqual(present);
    expect(copy).not.toBe(present);
  });

  test("name the aggregate that could not be brought to its version", () => {
    const broken = of({
      n: count(),
      all: listed(() => {
        throw new RangeError("no list");
      }),
    });
    expect(() => broken.migrated(cell([2, "4"], [1, 2]), found, false)).toThrow(
      expect.objectContaining({
        code: "STATE_MIGRATION",
        message:
          'pipeline "p", operator "w", key "k": "all" of version 2 could not be brought to version 3: no list',
      }),
    );
  });

  test("look whether a log keeps what was migrated where they are told to", () => {
    const odd = of({ all: listed(() => [(() => 1) as never]) });
    expect(odd.migrated(cell(["4"]), found, false)).toHaveLength(1);
    expect(() => odd.migrated(cell(["4"]), found, true)).toThrow(
      expect.objectContaining({
        code: "STATE_MIGRATION",
        message: expect.stringContaining('"all" of version 1 could not be brought to version 3'),
      }),
    );
  });

  test("are merged part by part, into a new one or into the first", () => {
    const aggregates = of({ n: count(), top: max("n") });
    const [a, b] = [
      [2, 7],
      [3, 5],
    ];
    expect(aggregates.merge(a, b)).toEqual([5, 7]);
    expect(a).toEqual([2, 7]);
    aggregates.mergeInto(a, b);
    expect([a, b]).toEqual([
      [5, 7],
      [3, 5],
    ]);
    expect(aggregates.finish(a)).toEqual({ n: 5, top: 7 });
    expect(aggregates.clone(a)).toEqual(a);
    expect(aggregates.clone(a)).not.toBe(a);
  });
});
