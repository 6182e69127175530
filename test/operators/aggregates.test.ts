import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  type Aggregate,
  avg,
  collect,
  count,
  custom,
  epochMs,
  first,
  last,
  max,
  min,
  quantile,
  sum,
} from "../../shared/index.ts";
import { cloneData } from "../../shared/operators/custom.ts";
import type { Reading } from "./one-stage.ts";

const anyReading: fc.Arbitrary<Reading> = fc.record({
  id: fc.string(),
  k: fc.constant("a"),
  t: fc.integer({ min: -5, max: 5 }),
  n: fc.integer({ min: -20, max: 20 }),
});
const anySome = fc.array(anyReading, { minLength: 1, maxLength: 30 });

const infoOf = ({ id, k, t }: Reading) => ({ id, time: epochMs(t), key: k });

function fold<R>(aggregate: Aggregate<Reading, R>, readings: readonly Reading[]): unknown {
  return readings.reduce((accumulator, reading) => {
    const info = infoOf(reading);
    return aggregate.add(accumulator, aggregate.extract(reading, info) as never, info);
  }, aggregate.create());
}

/** The result over all; also that of the first and the rest folded apart and merged, where they are. */
const over = <R>(aggregate: Aggregate<Reading, R>, readings: readonly Reading[], cut = 0): R =>
  aggregate.finish(
    aggregate.merge(fold(aggregate, readings.slice(0, cut)), fold(aggregate, readings.slice(cut))),
  );

const ns = (readings: readonly Reading[]): number[] => readings.map(({ n }) => n);
const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Each aggregate and its definition over all values at once. */
const definitions: Readonly<
  Record<string, [Aggregate<Reading, unknown>, (all: readonly Reading[]) => unknown]>
> = {
  count: [count(), (all) => all.length],
  "count where": [count(({ n }) => n > 3), (all) => all.filter(({ n }) => n > 3).length],
  sum: [sum("n"), (all) => total(ns(all))],
  "sum of a function": [sum(({ n }) => n * 2), (all) => total(ns(all)) * 2],
  "sum of whole numbers": [sum("n", { whole: true }), (all) => total(ns(all)) + 0],
  "sum of whole numbers beyond doubles": [
    sum(({ n }) => n * 2 ** 48 + (n % 2), { whole: true }),
    (all) => Number(ns(all).reduce((sum, n) => sum + BigInt(n) * 2n ** 48n + BigInt(n % 2), 0n)),
  ],
  min: [min("n"), (all) => Math.min(...ns(all))],
  max: [max("n"), (all) => Math.max(...ns(all))],
  avg: [avg("n"), (all) => total(ns(all)) / all.length],
  first: [first(), (all) => all.find(({ t }) => t === Math.min(...all.map((one) => one.t)))],
  last: [last(), (all) => all.findLast(({ t }) => t === Math.max(...all.map((one) => one.t)))],
  "first of a field": [
    first("id"),
    (all) => all.find(({ t }) => t === Math.min(...all.map((one) => one.t)))?.id,
  ],
  "last of a function": [
    last((one) => one.n + 1),
    (all) => (all.findLast(({ t }) => t === Math.max(...all.map((one) => one.t)))?.n ?? 0) + 1,
  ],
  collect: [collect(7, "n"), (all) => ns(all).slice(0, 7)],
};

describe.each(Object.entries(definitions))("%s", (_, [aggregate, defined]) => {
  test.prop([anySome, fc.nat({ max: 30 })])(
    "is what its definition says, folded at once or in two parts merged",
    (all, cut) => {
      expect(over(aggregate, all)).toEqual(defined(all));
      expect(over(aggregate, all, cut)).toEqual(defined(all));
    },
  );

  test.prop([anySome])("leaves a copy as it is when the original goes on", (all) => {
    const accumulator = fold(aggregate, all);
    const copy = aggregate.clone(accumulator);
    const before = structuredClone(copy);
    const [one] = all as [Reading];
    aggregate.add(accumulator, aggregate.extract(one, infoOf(one)) as never, infoOf(one));
    expect(copy).toEqual(before);
  });
});

describe("quantile", () => {
  test.prop([anySome, fc.integer({ min: 0, max: 8 }), fc.nat({ max: 30 })])(
    "is the smallest value that enough of all values are not above",
    (all, eighths, cut) => {
      const q = eighths / 8;
      const enough = (value: number): boolean => ns(all).filter((n) => n <= value).length >= q * all.length;
      const expected = Math.min(...ns(all).filter(enough));
      expect(over(quantile(q, "n"), all)).toBe(expected);
      expect(over(quantile(q, "n"), all, cut)).toBe(expected);
    },
  );

  const upTo = (n: number): Reading[] =>
    Array.from({ length: n }, (_, i) => ({ id: "", k: "a", t: 0, n: i + 1 }));

  test("of 0.07 among 100 is the seventh, though 0.07 * 100 is beyond 7", () => {
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(over(quantile(0.07, "n"), upTo(100))).toBe(7);
  });

  test.prop([fc.integer({ min: 1, max: 1_000 }), fc.nat({ max: 1_000 }), fc.integer({ min: 1, max: 500 })])(
    "of a ratio has the rank that whole numbers give",
    (whole, part, total) => {
      const [a, b] = [Math.min(part, whole), whole];
      const rank = Math.max(1, Math.floor((a * total + b - 1) / b));
      expect(over(quantile(a / b, "n"), upTo(total))).toBe(rank);
    },
  );

  test.prop([anySome, fc.nat({ max: 100 })])(
    "in hundredths is the smallest value that enough of all values are not above",
    (all, hundredths) => {
      const values = ns(all).sort((a, b) => a - b);
      const enough = (value: number): boolean =>
        values.filter((n) => n <= value).length * 100 >= hundredths * values.length;
      expect(over(quantile(hundredths / 100, "n"), all)).toBe(values.find(enough));
    },
  );

  test.each([-0.1, 1.1, Number.NaN])("of a rank of %d is refused", (q) => {
    expect(() => quantile(q, "n")).toThrow(expect.objectContaining({ code: "PLAN_OPTION" }));
  });

  test.each([Number.NaN, undefined, null, "2"])("of %s is refused, since it has no rank", (n) => {
    const { extract } = quantile<{ readonly n: number }>(0.5, "n");
    const info = { id: "", time: epochMs(0), key: "" };
    expect(() => extract({ n: n as number }, info)).toThrow(
      expect.objectContaining({ code: "AGGREGATE_VALUE" }),
    );
  });
});

test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "1", null, undefined, 1n])(
  "a sum of whole numbers does not take %s",
  (value) => {
    const { extract } = sum(() => value as number, { whole: true });
    const reading: Reading = { id: "a", k: "a", t: 0, n: 0 };
    expect(() => extract(reading, infoOf(reading))).toThrow(
      expect.objectContaining({ code: "AGGREGATE_VALUE" }),
    );
  },
);

test.each([0, -1, 1.5, Number.NaN])("a list of %d values is refused", (limit) => {
  expect(() => collect(limit)).toThrow(expect.objectContaining({ code: "PLAN_OPTION" }));
});

describe("a custom aggregate", () => {
  test("may give its accumulator as its result: the result stays what it was", () => {
    const ids = custom<Reading, string[], string[]>({
      create: () => [],
      add: (all, { id }) => {
        all.push(id);
        return all;
      },
      merge: (a, b) => [...a, ...b],
      finish: (all) => all,
    });
    const one: Reading = { id: "one", k: "a", t: 0, n: 0 };
    const accumulator = fold(ids, [one]);
    const result = ids.finish(accumulator);
    ids.add(accumulator, one as never, infoOf(one));
    expect(result).toEqual(["one"]);
  });

  test.prop([
    fc.oneof(
      fc.jsonValue(),
      fc.bigInt(),
      fc.uint8Array(),
      fc.array(fc.tuple(fc.string(), fc.array(fc.integer()))).map((pairs) => new Map(pairs)),
      fc.array(fc.integer()).map((members) => ({ members: new Set(members) })),
      fc.integer().map((ms) => [new globalThis.Date(ms)]),
    ),
  ])("copies every kind of plain data", (value) => {
    const copy = cloneData(value);
    expect(copy).toStrictEqual(value);
    if (typeof value === "object" && value !== null) expect(copy).not.toBe(value);
  });
});
