import { expect, test } from "vitest";
import { type DurationMs, milliseconds, seconds } from "../../../shared/index.ts";
import { type Build, failures, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";

type Bounds = { readonly from: DurationMs; readonly to: DurationMs | ((left: Thing) => DurationMs) };
type More = { readonly type?: "inner" | "left"; readonly grace?: DurationMs };

/** Left rows have an `n` above 0, right ones one below. */
const joined =
  (within: Bounds, more: More = {}): Build =>
  (things) => {
    const keyed = things.keyBy("k");
    const pairs = keyed
      .filter(({ n }) => n > 0)
      .join(
        keyed.filter(({ n }) => n < 0),
        { id: "j", within, ...more },
      );
    return {
      pairs: pairs.map(({ left, right }, { time }) => ({
        pair: `${left.n} ${(right as Thing | null)?.n ?? null}`,
        time: time - NOON,
      })),
      late: pairs.late.map(({ side, row }) => ({ late: `${side} ${row.n}` })),
    };
  };
const left = (ms: number, n = 1) => ({ at: NOON + ms, n });
const right = (ms: number, n = -1) => ({ at: NOON + ms, n });
type Pair = { readonly pair: string; readonly time: number };
const pairs = (driver: Awaited<ReturnType<typeof given>>) =>
  driver.lake<Pair>("pairs").map(({ pair }) => pair);
const patient = { outOfOrder: seconds(60) };
const BOTH = { from: seconds(-1), to: seconds(1) };

test("The interval is half-open: its start belongs to it, its end does not.", async () => {
  const events = [left(0), right(-1_001, -1), right(-1_000, -2), right(999, -3), right(1_000, -4)];
  expect(pairs(await given(events, joined(BOTH), patient))).toEqual(["1 -2", "1 -3"]);
});

test("Both bounds may be on one side of the left row.", async () => {
  const events = [left(0), right(0, -1), right(500, -2), right(1_000, -3)];
  const within = { from: milliseconds(1), to: seconds(1) };
  expect(pairs(await given(events, joined(within), patient))).toEqual(["1 -2"]);
});

test("A pair is given when its second row comes, whichever side that is of.", async () => {
  const once = await given([left(0), right(0)], joined(BOTH), { ...patient, end: false });
  const turned = await given([right(0), left(0)], joined(BOTH), { ...patient, end: false });
  expect([pairs(once), pairs(turned)]).toEqual([["1 -1"], ["1 -1"]]);
});

test("A pair's time is the later one of its rows.", async () => {
  const driver = await given([left(0), right(500)], joined(BOTH), patient);
  expect(driver.lake<Pair>("pairs").map(({ time }) => time)).toEqual([500]);
});

test("With `left` a left row alone comes once the watermark has reached its end, at the millisecond before.", async () => {
  const build = joined(BOTH, { type: "left" });
  const waits = await given([left(0), right(999)], build, { end: false });
  expect(pairs(waits)).toEqual(["1 -1"]);
  const alone = await given([left(0), right(1_000)], build, { end: false });
  expect(alone.lake("pairs")).toEqual([{ pair: "1 null", time: 999 }]);
});

test("A row behind the watermark is late, on either side.", async () => {
  const driver = await given([left(1_000), left(999, 2), right(999, -2), right(1_000)], joined(BOTH));
  expect(driver.lake("late")).toEqual([{ late: "left 2" }, { late: "right -2" }]);
  expect(pairs(driver)).toEqual(["1 -1"]);
});

test("With `grace` it may be so much later.", async () => {
  const late = async (ms: number) => {
    const build = joined(BOTH, { grace: seconds(1) });
    return (await given([left(2_000), right(ms)], build)).lake("late").length;
  };
  expect([await late(1_000), await late(999)]).toEqual([0, 1]);
});

test("A bound that is no duration beyond `from` fails its row.", async () => {
  const within = { from: milliseconds(0), to: ({ n }: Thing) => milliseconds(n === 2 ? 0 : 1_000) };
  const driver = await given([left(0, 1), left(0, 2), right(0)], joined(within), patient);
  expect(failures(driver)).toEqual(["j JOIN_BOUND"]);
  expect(pairs(driver)).toEqual(["1 -1"]);
});

test("A stream that is joined with itself by its own key needs no shuffle.", () => {
  expect(stagesOf(joined(BOTH))).toHaveLength(1);
});

test("An interval in which nothing lies is refused.", () => {
  expect(refusal(joined({ from: seconds(1), to: seconds(1) }))).toBe("PLAN_JOIN_BOUNDS");
});
