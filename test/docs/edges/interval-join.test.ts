import { expect, test } from "vitest";
import { type DurationMs, type KeyedFlow, milliseconds, minutes, seconds } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, foldOf, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";
import { facing } from "./sides.ts";
import { DAMAGED, upgraded } from "./upgraded.ts";

type Bounds = { readonly from: DurationMs; readonly to: DurationMs | ((left: Thing) => DurationMs) };
type Keyed = KeyedFlow<string, Thing>;
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

test("Partners of a row come by event time, those of one time as they came.", async () => {
  const events = [right(500, -1), right(0, -2), right(0, -3), left(0)];
  expect(pairs(await given(events, joined(BOTH), patient))).toEqual(["1 -2", "1 -3", "1 -1"]);
});

test("Of a side without rows `left` gives the left ones alone, and nothing else is told.", async () => {
  const told = async (type: "inner" | "left", ...events: readonly Readonly<Record<string, unknown>>[]) =>
    pairs(await given(events, joined(BOTH, { type })));
  expect([await told("inner", left(0)), await told("left", left(0))]).toEqual([[], ["1 null"]]);
  expect([await told("inner", right(0)), await told("left", right(0))]).toEqual([[], []]);
  expect(await told("left", left(0), { ...right(0), k: "b" })).toEqual(["1 null"]);
});

test("The watermark is the lower one of both sides: a silent one holds left rows alone back, and no pair.", async () => {
  const build = (lefts: Keyed, rights: Keyed) => {
    const joined = lefts.join(rights, { id: "j", within: BOTH, type: "left" });
    return { pairs: joined.map((pair) => ({ pair: `${pair.left.n} ${pair.right?.n ?? null}` })) };
  };
  const events = [
    { to: "left", ...left(0) },
    { to: "right", ...right(0) },
    { to: "left", ...left(10_000, 2) },
    { to: "left", ...left(60_000, 3) },
  ] as const;
  const idle = { threshold: minutes(1), incrementBy: minutes(1) };
  const driver = await facing(events, build, { end: false, idle });
  expect(pairs(driver)).toEqual(["1 -1"]);
  await driver.advance(minutes(5));
  expect(pairs(driver)).toEqual(["1 -1", "2 null", "3 null"]);
});

test("A row without a key meets nothing.", async () => {
  const driver = await given([left(0), { ...left(0, 2), k: "none" }], (things) => {
    const keyed = things.keyBy(({ k }) => (k === "none" ? (null as never) : k), { id: "keyed" });
    const none = keyed.filter(({ n }) => n < 0);
    const joined = keyed.join(none, { id: "j", within: BOTH, type: "left" });
    return { pairs: joined.map((pair) => ({ pair: `${pair.left.n} ${pair.right?.n ?? null}` })) };
  });
  expect([failures(driver), pairs(driver)]).toEqual([["keyed KEY_TYPE"], ["1 null"]]);
});

test("A row goes once no partner of it can come.", () => {
  const kept = (row: ReturnType<typeof left>, ms: number) =>
    foldOf([row, { ...left(ms, 9), k: "b" }], joined({ from: milliseconds(0), to: seconds(1) })).size;
  expect([kept(left(0), 1_000), kept(left(0), 1_125)]).toEqual([2, 1]);
  expect([kept(right(0), 0), kept(right(0), 125)]).toEqual([2, 1]);
});

test("Rows that wait outlive a crash, and each pair comes once.", async () => {
  const events = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [
    left(i * 400, i + 1),
    { ...right(i * 400, -i - 1), k: i % 3 === 0 ? "b" : "a" },
  ]);
  const build = joined({ from: milliseconds(-500), to: milliseconds(500) }, { type: "left" });
  const rows = await throughCrashes(events, build);
  expect(rows("pairs")).toEqual((await given(events, build)).lake("pairs"));
  expect(rows("pairs").length).toBeGreaterThan(8);
});

test("A row that an earlier version kept is migrated when it is given.", () => {
  const join =
    (type: "inner" | "left"): Parameters<typeof upgraded>[0] =>
    (rowsOf, kept) =>
      rowsOf(({ n }) => n > 0).join(
        rowsOf(({ n }) => n < 0),
        { id: "j", within: BOTH, type, kept: { left: kept, right: kept } },
      );
  const inner = upgraded(join("inner"), [left(0, 1), left(2_000, DAMAGED)], [right(0, -1), right(2_000, -2)]);
  expect(inner).toEqual({
    given: [{ key: "a", left: { two: 1 }, right: { two: -1 } }],
    failed: [{ two: -2, code: "STATE_MIGRATION" }],
  });
  const outer = upgraded(join("left"), [left(0, 1), left(2_000, DAMAGED)]);
  expect(outer).toEqual({
    given: [{ key: "a", left: { two: 1 }, right: null }],
    failed: [{ key: "a", left: DAMAGED, right: null, code: "STATE_MIGRATION" }],
  });
});

test("Other bounds, another type or `grace` are another state; what a function gives as `to` is not seen.", () => {
  const fingerprint = (build: Build) => stagesOf(build)[0]?.fingerprint;
  const others = [
    joined(BOTH),
    joined({ ...BOTH, from: seconds(0) }),
    joined({ ...BOTH, to: seconds(2) }),
    joined(BOTH, { type: "left" }),
    joined(BOTH, { grace: seconds(1) }),
  ];
  expect(new Set(others.map(fingerprint)).size).toBe(5);
  const asked = (ms: number) => joined({ from: seconds(0), to: () => milliseconds(ms) });
  expect(fingerprint(asked(1))).toBe(fingerprint(asked(2)));
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
