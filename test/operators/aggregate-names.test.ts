import { describe, expect, test } from "vitest";
import {
  approxQuantile,
  avg,
  collect,
  count,
  countDistinct,
  countMin,
  first,
  last,
  max,
  min,
  quantile,
  sum,
  topK,
} from "../../shared/index.ts";
import type { Aggregate } from "../../shared/operators/aggregate.ts";

type Row = { readonly n: number };
const info = { id: "e", key: "k", time: 5 as never };
const rows: readonly Row[] = [{ n: 4 }, { n: 1 }, { n: 7 }];

/** What becomes of the rows: all in one, and in two halves that are merged. */
function results(aggregate: Aggregate<Row, unknown>): readonly [whole: unknown, merged: unknown] {
  const all: Aggregate<Row, unknown> = aggregate as never;
  const of = (some: readonly Row[]): unknown =>
    some.reduce<unknown>((sum, row) => all.add(sum, all.extract(row, info) as never, info), all.create());
  return [
    all.finish(of(rows) as never),
    all.finish(all.merge(of(rows.slice(0, 1)) as never, of(rows.slice(1)) as never) as never),
  ];
}

describe("an aggregate", () => {
  test.each([
    ["count", count<Row>(), 3, true, "accumulator"],
    ["count", count<Row>(({ n }) => n > 3), 2, true, "accumulator"],
    ["sum", sum<Row>("n"), 12, undefined, "values"],
    ["min", min<Row>("n"), 1, true, "accumulator"],
    ["max", max<Row>("n"), 7, true, "accumulator"],
    ["avg", avg<Row>("n"), 4, undefined, "values"],
    ["first", first<Row, "n">("n"), 4, true, "values"],
    ["last", last<Row, "n">("n"), 7, true, "values"],
    ["first", first<Row>(), { n: 4 }, true, "values"],
    ["collect", collect<Row, "n">(2, "n"), [4, 1], undefined, "values"],
    ["collect", collect<Row>(2), [{ n: 4 }, { n: 1 }], undefined, "values"],
    ["sum/whole", sum<Row>("n", { whole: true }), 12, true, "accumulator"],
    ["quantile", quantile<Row>(0.5, "n"), 4, undefined, "accumulator"],
    ["quantile", quantile<Row>(0, "n"), 1, undefined, "accumulator"],
    ["countDistinct/14", countDistinct<Row>("n"), 3, undefined, "accumulator"],
    ["countDistinct/18", countDistinct<Row>("n", { standardError: 0.00204 }), 3, undefined, "accumulator"],
    ["approxQuantile/0.01", approxQuantile<Row>(1, "n"), 7, undefined, "accumulator"],
    [
      "approxQuantile/0.0001",
      approxQuantile<Row>(0, "n", { relativeError: 0.0001 }),
      1,
      undefined,
      "accumulator",
    ],
    ["topK/100", topK<Row, number>(1, "n"), [{ value: 4, count: 1, error: 0 }], undefined, "values"],
    [
      "topK/10000",
      topK<Row, number>(1, "n", { capacity: 10_000 }),
      [{ value: 4, count: 1, error: 0 }],
      undefined,
      "values",
    ],
  ] as const)(
    "called %s gives the same in one or in parts, and says how it is combined",
    (name, aggregate, result, divisible, combines) => {
      expect(results(aggregate as never)).toEqual([result, result]);
      expect([aggregate.name, aggregate.divisible, aggregate.combines]).toEqual([name, divisible, combines]);
      expect(aggregate.fallible).toBe(false);
    },
  );

  test("whose state is a list is copied, not shared", () => {
    for (const aggregate of [collect<Row>(5), avg<Row>("n")] as Aggregate<Row, unknown>[]) {
      const kept = aggregate.create();
      const copy = aggregate.clone?.(kept as never);
      aggregate.add(kept as never, aggregate.extract({ n: 1 }, info) as never, info);
      expect(copy).toEqual(aggregate.create());
    }
  });

  test("of the others may be taken in by one, as if it had seen all", () => {
    for (const aggregate of [quantile<Row>(0.5, "n"), countDistinct<Row>("n", { standardError: 0.26 })]) {
      const all: Aggregate<Row, unknown> = aggregate as never;
      const of = (some: readonly Row[]): unknown =>
        some.reduce<unknown>(
          (kept, row) => all.add(kept as never, all.extract(row, info) as never, info),
          all.create(),
        );
      const [into, from] = [of(rows.slice(0, 1)), of(rows.slice(1))];
      const before = all.clone(from as never);
      expect(all.absorb?.(into as never, from as never)).toEqual(of(rows));
      expect(from).toEqual(before);
    }
  });

  test.each<[() => unknown, string]>([
    [() => quantile(1.5, "n"), "quantile(1.5): the rank must lie between 0 and 1"],
    [() => approxQuantile(1.5, "n"), "approxQuantile(1.5): the rank must lie between 0 and 1"],
    [
      () => approxQuantile(0.5, "n", { relativeError: 0.000_09 }),
      "a relative error of 0.00009 is impossible",
    ],
    [() => topK(0, "n"), "topK(0) with a capacity of 100: k must be a whole number"],
    [() => countMin("n", { error: 0 }), "countMin: an error of 0 at a confidence of 0.99 is impossible"],
    [() => countMin("n", { confidence: 1 }), "countMin: an error of 0.01 at a confidence of 1 is impossible"],
    [() => countMin("n", { error: 0.0005, confidence: 0.9999 }), "must not exceed 50000"],
    [() => countDistinct("n", { standardError: 0 }), "countDistinct: a standard error of 0 is impossible"],
    [() => countDistinct("n", { standardError: 1 }), "countDistinct: a standard error of 1 is impossible"],
  ])("that is impossible is refused as the plan is made: %s", (make, message) => {
    expect(make).toThrow(
      expect.objectContaining({
        code: "PLAN_OPTION",
        next: "refused",
        message: expect.stringContaining(message),
      }),
    );
  });

  test.each<[string, Aggregate<Row, unknown>, unknown]>([
    ["quantile takes numbers, not x", quantile<Row>(0.5, "n"), "x"],
    ["a sum of whole numbers does not take 1.5", sum<Row>("n", { whole: true }), 1.5],
    [
      "approxQuantile takes finite numbers, not Infinity",
      approxQuantile<Row>(0.5, "n"),
      Number.POSITIVE_INFINITY,
    ],
    ["countDistinct", countDistinct<Row>("n"), null],
    ["countMin", countMin<Row>("n"), null],
    ["topK", topK<Row, number>(1, "n"), null],
  ])("fails an event that it cannot take: %s", (message, aggregate, n) => {
    expect(() => aggregate.extract({ n: n as number }, info)).toThrow(
      expect.objectContaining({ next: "dead-lettered", message: expect.stringContaining(message) }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 53])("that collects %d values is refused", (limit) => {
    expect(() => collect(limit)).toThrow(
      expect.objectContaining({
        code: "PLAN_OPTION",
        next: "refused",
        message: `collect(${limit}): the limit must be a whole number from 1`,
      }),
    );
  });

  test("may collect one value", () => expect(collect(1).parameter).toBe(1));
});
