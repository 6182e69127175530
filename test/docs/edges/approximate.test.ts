import { expect, test } from "vitest";
import {
  type Aggregate,
  approxQuantile,
  type CountMinSketch,
  countDistinct,
  countMin,
  frequencyIn,
  seconds,
  session,
  topK,
  tumbling,
} from "../../../shared/index.ts";
import type { AnyWindow } from "../../../shared/operators/window.ts";
import { encodeValue } from "../../../shared/state/codec.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, codeOf, failures, foldOf, given, NOON, stagesOf, type Thing } from "./given.ts";

type Aggregates = { readonly [name: string]: Aggregate<Thing, unknown> };
const SECOND = tumbling(seconds(1));
const of =
  (aggregates: Aggregates, window: AnyWindow<Thing> = SECOND): Build =>
  (things) => ({ results: things.keyBy("k").window(window, { id: "w" }).aggregate(aggregates) });
const valued = (values: Iterable<unknown>) => Array.from(values, (n) => ({ n }));

/** The events in one request: a thousand of them need no commit each. */
async function results(aggregates: Aggregates, values: readonly unknown[]): Promise<Record<string, unknown>> {
  const driver = await given([], of(aggregates), { end: false });
  await driver.feed(
    "things",
    values.map((n, i) => ({ id: `e${i}`, k: "a", at: NOON, n })),
  );
  await driver.end();
  const [{ key: _, window: __, pane: ___, ...row } = {}] = driver.lake<Record<string, unknown>>("results");
  return row;
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const ALL: Aggregates = {
  distinct: countDistinct("n", { standardError: 0.1 }),
  middle: approxQuantile(0.5, "n"),
  top: topK(2, "n", { capacity: 3 }),
  asked: countMin("n", { error: 0.2, confidence: 0.5 }),
};

test('1 and `"1"` are two values, 0 and −0 one.', async () => {
  const row = await results({ distinct: countDistinct("n"), top: topK(3, "n"), asked: countMin("n") }, [
    1,
    "1",
    0,
    -0,
  ]);
  expect(row["distinct"]).toBe(3);
  expect(row["top"]).toMatchObject([
    { value: 0, count: 2 },
    { value: 1, count: 1 },
    { value: "1", count: 1 },
  ]);
  const sketch = row["asked"] as CountMinSketch;
  expect([1, "1", 0, -0].map((value) => frequencyIn(sketch, value))).toEqual([1, 1, 2, 2]);
});

test("What is neither a string nor a number fails, in `approxQuantile` what is no finite number; the window stays as it was.", async () => {
  const odd = [null, undefined, true, { n: 1 }];
  for (const aggregate of [countDistinct<Thing>("n"), topK<Thing, number>(1, "n"), countMin<Thing>("n")]) {
    const driver = await given(valued([7, ...odd, 7]), of({ n: aggregate }));
    expect(failures(driver)).toEqual(odd.map(() => "w KEY_TYPE"));
    expect(driver.lake("results")).toHaveLength(1);
  }
  const driver = await given(
    valued([1, ...odd, Number.NaN, Number.POSITIVE_INFINITY, "2", 1]),
    of({ n: approxQuantile(1, "n"), distinct: countDistinct(({ id }) => id) }),
  );
  expect(failures(driver)).toEqual(Array(7).fill("w AGGREGATE_VALUE"));
  expect(driver.lake("results")).toMatchObject([{ n: expect.closeTo(1, 1), distinct: 2 }]);
});

test("The same events in the same order give the same result, on every machine and after a crash.", async () => {
  const build = of(ALL);
  const events = valued(numbers(40).map((i) => i % 7));
  const rows = await throughCrashes(events, build);
  expect(rows("results")).toEqual((await given(events, build)).lake("results"));
  // whatever machine it is: the hash has no seed
  expect(await results({ n: countDistinct("n", { standardError: 0.05 }) }, numbers(5_000))).toEqual({
    n: 5_079,
  });
});

test("In another order `countDistinct`, `approxQuantile` and `countMin` give the same result, too; `topK` may not.", async () => {
  const values = [1, 1, 2, 3, 4, 5, 4, 6, 7, 1];
  const forth = await results(ALL, values);
  const back = await results(ALL, values.toReversed());
  const { top: one, ...others } = forth;
  const { top: other, ...rest } = back;
  expect(rest).toEqual(others);
  expect(other).not.toEqual(one);
});

test("Few values are counted exactly.", async () => {
  const few = { distinct: countDistinct<Thing>("n"), top: topK<Thing, number>(1, "n", { capacity: 1_000 }) };
  const row = await results(few, [...numbers(1_000), 7]);
  expect(row).toEqual({ distinct: 1_000, top: [{ value: 7, count: 2, error: 0 }] });
});

test("Beyond that results are within their bounds: a frequency is never too low, a count too high by its `error` at most.", async () => {
  const values = [...numbers(3_000), ...numbers(300), ...numbers(300)];
  const row = await results(
    {
      distinct: countDistinct("n"),
      top: topK(1, "n", { capacity: 10 }),
      asked: countMin("n"),
      half: approxQuantile(0.5, "n"),
    },
    values,
  );
  expect(Math.abs((row["distinct"] as number) - 3_000)).toBeLessThan(3_000 * 0.04);
  const asked = row["asked"] as CountMinSketch;
  const excess = numbers(3_000).map((n) => frequencyIn(asked, n) - (n < 300 ? 3 : 1));
  expect(Math.min(...excess)).toBeGreaterThanOrEqual(0);
  expect(frequencyIn(asked, "nobody")).toBeGreaterThanOrEqual(0);
  const [{ count, error, value } = { count: 0, error: 0, value: 0 }] = row["top"] as {
    count: number;
    error: number;
    value: number;
  }[];
  const came = value < 300 ? 3 : 1;
  expect(error).toBeLessThanOrEqual(values.length / 10);
  expect([count >= came, count - error <= came]).toEqual([true, true]);
  // the value of the middle rank is 1,200 of 3,600 values in order
  expect(Math.abs((row["half"] as number) - 1_199)).toBeLessThan(1_199 * 0.011);
});

test("Sessions that become one have the results of all their events.", async () => {
  const window = session(seconds(10));
  const at = [0, 15_000, 7_000];
  const events = at.flatMap((ms, i) => [1, 2, i + 3].map((n) => ({ n, at: NOON + ms })));
  const { top: _, ...mergeable } = ALL;
  const merged = await given(events, of(mergeable, window), { outOfOrder: seconds(60) });
  const [{ window: __, pane: ___, key: ____, ...row } = {}] = merged.lake<Record<string, unknown>>("results");
  expect(merged.lake("results")).toHaveLength(1);
  expect(row).toEqual(
    await results(
      mergeable,
      events.map(({ n }) => n),
    ),
  );
  const top = await given(events, of({ top: topK(2, "n") }, window), { outOfOrder: seconds(60) });
  expect(top.lake("results")).toMatchObject([{ top: [{ count: 3 }, { count: 3 }] }]);
});

test("State has a bound, whatever comes.", () => {
  const chars = (aggregate: Aggregate<Thing, unknown>, count: number) =>
    encodeValue([...foldOf(valued(numbers(count)), of({ n: aggregate })).snapshot()]).length;
  // in base64, and with what stands around it
  const bounds: readonly (readonly [Aggregate<Thing, unknown>, number])[] = [
    [countDistinct("n", { standardError: 0.02 }), (4_096 * 4) / 3],
    [topK(1, "n", { capacity: 50 }), 50 * 30],
    [countMin("n", { error: 0.1 }), 28 * 5 * 5],
  ];
  for (const [aggregate, most] of bounds) expect(chars(aggregate, 20_000)).toBeLessThan(most + 200);
  const spread = approxQuantile<Thing>(0.5, ({ n }) => 1.5 ** (n % 1_700));
  expect(chars(spread, 20_000)).toBeLessThan(2_048 * 15);
  expect(chars(spread, 20_000)).toBe(chars(spread, 40_000));
});

test("Impossible bounds are refused where the pipeline is written.", () => {
  const impossible: readonly (() => unknown)[] = [
    () => countDistinct<Thing>("n", { standardError: 0 }),
    () => countDistinct<Thing>("n", { standardError: 0.000_1 }),
    () => approxQuantile<Thing>(1.1, "n"),
    () => approxQuantile<Thing>(0.5, "n", { relativeError: 0 }),
    () => topK<Thing, number>(5, "n", { capacity: 4 }),
    () => topK<Thing, number>(0, "n"),
    () => countMin<Thing>("n", { error: 0 }),
    () => countMin<Thing>("n", { confidence: 1 }),
  ];
  expect(impossible.map(codeOf)).toEqual(impossible.map(() => "PLAN_OPTION"));
});

test("Another error or capacity is another state; another rank or `k` is not.", () => {
  const fingerprint = (aggregate: Aggregate<Thing, unknown>) =>
    stagesOf(of({ n: aggregate }))[0]?.fingerprint;
  const differ = (a: Aggregate<Thing, unknown>, b: Aggregate<Thing, unknown>) =>
    fingerprint(a) !== fingerprint(b);
  expect(differ(countDistinct("n"), countDistinct("n", { standardError: 0.1 }))).toBe(true);
  expect(differ(approxQuantile(0.5, "n"), approxQuantile(0.5, "n", { relativeError: 0.1 }))).toBe(true);
  expect(differ(topK(1, "n", { capacity: 10 }), topK(1, "n", { capacity: 20 }))).toBe(true);
  expect(differ(countMin("n"), countMin("n", { confidence: 0.5 }))).toBe(true);
  expect(differ(approxQuantile(0.5, "n"), approxQuantile(0.9, "n"))).toBe(false);
  expect(differ(topK(1, "n", { capacity: 10 }), topK(5, "n", { capacity: 10 }))).toBe(false);
});
