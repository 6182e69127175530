import { describe, expect, test } from "vitest";
import { avg, collect, count, first, last, max, min, sum } from "../../shared/index.ts";
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
