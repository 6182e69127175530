import { expect, test } from "vitest";
import {
  type Aggregate,
  avg,
  collect,
  count,
  custom,
  first,
  last,
  max,
  milliseconds,
  min,
  quantile,
  seconds,
  session,
  sum,
  tumbling,
} from "../../../shared/index.ts";
import { type Build, failures, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";

type Aggregates = { readonly [name: string]: Aggregate<Thing, unknown> };
const of =
  (aggregates: Aggregates): Build =>
  (things) => ({
    results: things
      .keyBy("k")
      .window(tumbling(seconds(1)), { id: "w" })
      .aggregate(aggregates),
  });

async function results(aggregates: Aggregates, values: readonly unknown[]): Promise<Record<string, unknown>> {
  const driver = await given(
    values.map((n) => ({ n })),
    of(aggregates),
  );
  const [{ key: _, window: __, pane: ___, ...row } = {}] = driver.lake<Record<string, unknown>>("results");
  return row;
}

test("There is no result of nothing: a window without events gives no row.", async () => {
  const driver = await given([], of({ n: count() }));
  expect(driver.lake("results")).toEqual([]);
});

test("A `count` with a condition may be 0.", async () => {
  expect(await results({ n: count(({ n }) => n > 5) }, [1, 2])).toEqual({ n: 0 });
});

test("`sum` and `avg` add doubles in the order in which events came.", async () => {
  expect(await results({ s: sum("n"), a: avg("n") }, [0.1, 0.2, 0.3])).toEqual({
    s: 0.6000000000000001,
    a: 0.20000000000000004,
  });
  expect(await results({ s: sum("n") }, [0.3, 0.2, 0.1])).toEqual({ s: 0.6 });
});

test("Types are the schema's affair: what it let through that is no number is added as JavaScript adds.", async () => {
  const numbers = { s: sum("n"), a: avg("n"), lo: min("n"), hi: max("n") };
  expect(await results(numbers, [1, undefined, 3])).toEqual({ s: NaN, a: NaN, lo: NaN, hi: NaN });
  expect(await results({ s: sum("n"), a: avg("n") }, [1, null, 3])).toEqual({ s: 4, a: 4 / 3 });
  expect(await results({ s: sum("n") }, [1, "2", 3])).toEqual({ s: "123" });
});

test("A `quantile` takes numbers only.", async () => {
  const driver = await given(
    [{ n: 1 }, { n: Number.NaN }, { n: "2" }, { n: 3 }],
    of({ n: quantile(1, "n") }),
  );
  expect(driver.lake("results")).toMatchObject([{ n: 3 }]);
  expect(failures(driver)).toEqual(["w AGGREGATE_VALUE", "w AGGREGATE_VALUE"]);
});

test("`first` and `last` go by event time; of one time the first that came is the first, the last the last.", async () => {
  const driver = await given(
    [
      { n: 2, at: NOON + 5 },
      { n: 3, at: NOON + 5 },
      { n: 1, at: NOON },
      { n: 0, at: NOON },
    ],
    of({ first: first("n"), last: last("n") }),
  );
  expect(driver.lake("results")).toMatchObject([{ first: 1, last: 3 }]);
});

test("`collect` keeps the first so many in the order in which they came, and drops the others unsaid.", async () => {
  expect(await results({ some: collect(2, "n"), n: count() }, [3, 1, 2])).toEqual({ some: [3, 1], n: 3 });
});

test("`quantile` is the smallest value such that so many are not above it.", async () => {
  const all = {
    lowest: quantile(0, "n"),
    half: quantile(0.5, "n"),
    most: quantile(0.9, "n"),
    highest: quantile(1, "n"),
  };
  expect(await results(all, [4, 1, 3, 2])).toEqual({ lowest: 1, half: 2, most: 4, highest: 4 });
});

const words = custom({
  create: () => new Set<unknown>(),
  add: (seen, { n }: Thing) => seen.add(n),
  merge: (a, b) => new Set([...a, ...b]),
  finish: (seen) => [...seen],
});

test("`custom` keeps plain data, Map, Set, bigint, Date, bytes; an event that puts something else in fails.", async () => {
  const driver = await given([{ n: 1 }, { n: 1n }], of({ words, n: count() }));
  expect(driver.lake("results")).toMatchObject([{ words: [1, 1n], n: 2 }]);
  const broken = custom({
    create: () => [] as unknown[],
    add: (list, { n }: Thing) => [...list, n === 2 ? () => n : n],
    merge: (a) => a,
    finish: (list) => list.length,
  });
  const failed = await given([{ n: 1 }, { n: 2 }, { n: 3 }], of({ broken }));
  expect(failed.lake("results")).toMatchObject([{ broken: 2 }]);
  expect(failures(failed)).toEqual(["w VALUE_UNSUPPORTED"]);
});

test("Where `add` throws half-way, the window stays as it was.", async () => {
  const halfWay = custom({
    create: () => ({ seen: 0 }),
    add: (state, { n }: Thing) => {
      state.seen += 1;
      if (n === 2) throw new Error("not two");
      return state;
    },
    merge: (a, b) => ({ seen: a.seen + b.seen }),
    finish: ({ seen }) => seen,
  });
  const driver = await given([{ n: 1 }, { n: 2 }, { n: 3 }], of({ halfWay, n: count() }));
  expect(driver.lake("results")).toMatchObject([{ halfWay: 2, n: 2 }]);
  expect(failures(driver)).toEqual(["w OPERATOR_FAILED"]);
});

test("Where `finish` throws, what it was given becomes the failed event.", async () => {
  const broken = custom({
    create: () => 0,
    add: (n) => n + 1,
    merge: (a, b) => a + b,
    finish: () => {
      throw new Error("no");
    },
  });
  const driver = await given([{}, {}], of({ broken, n: count() }));
  expect(driver.lake("results")).toEqual([]);
  expect(driver.failed()).toMatchObject([{ operator: "w", payload: { key: "a", accumulators: [2, 2] } }]);
});

test("`merge` is called for sessions and windows that merge only.", async () => {
  const merged =
    (window: Parameters<ReturnType<Parameters<Build>[0]["keyBy"]>["window"]>[0]): Build =>
    (things) => ({
      results: things
        .keyBy("k")
        .window(window, { id: "w" })
        .aggregate({
          n: custom({ create: () => 0, add: (n) => n + 1, merge: (a, b) => a + b + 100, finish: (n) => n }),
        }),
    });
  const events = [{ at: NOON }, { at: NOON + 500 }, { at: NOON + 250 }];
  const options = { outOfOrder: seconds(5) };
  const once = await given(events, merged(tumbling(seconds(1))), options);
  expect(once.lake("results")).toMatchObject([{ n: 3 }]);
  const joined = await given(events, merged(session(milliseconds(300))), options);
  expect(joined.lake("results")).toMatchObject([{ n: 103 }]);
});

test("No aggregates at all tell which keys were there.", async () => {
  const driver = await given([{}, { k: "b" }, {}], of({}));
  expect(driver.lake("results")).toMatchObject([{ key: "a" }, { key: "b" }]);
});

test("Names of a result's own fields are refused, ranks beyond 0 to 1 too, and lists of no length.", () => {
  expect(refusal(of({ key: count() }))).toBe("PLAN_OPTION");
  expect(() => collect(0)).toThrow(expect.objectContaining({ code: "PLAN_OPTION" }));
  expect(() => quantile(1.1, "n" as never)).toThrow(expect.objectContaining({ code: "PLAN_OPTION" }));
});

test("Other names or kinds are another state; what a function does is not seen.", () => {
  const fingerprint = (aggregates: Aggregates) => stagesOf(of(aggregates))[0]?.fingerprint;
  const before = fingerprint({ n: sum("n") });
  expect(fingerprint({ m: sum("n") })).not.toBe(before);
  expect(fingerprint({ n: avg("n") })).not.toBe(before);
  expect(fingerprint({ n: sum(({ n }) => n * 2) })).toBe(before);
});
