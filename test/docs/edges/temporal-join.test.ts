import { expect, test } from "vitest";
import { milliseconds, minutes, seconds, type TemporalJoinOptions } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, foldOf, given, NOON, stagesOf, type Thing } from "./given.ts";
import { bySign, facing, type Keyed, patient, refusalOfTwoTypes, row } from "./sides.ts";
import { DAMAGED, upgraded } from "./upgraded.ts";

type Options = Omit<TemporalJoinOptions, "id">;

/** Left rows with the version that they were given, by their `n`; a version with an `n` of −99 is none. */
const join = (left: Keyed, right: Keyed, options: Options = {}) => {
  const versions = right.map((thing) => (thing.n === -99 ? null : thing));
  const joined = left.temporalJoin(versions, { id: "j", ...options });
  return {
    joined: joined.map(({ left: { n }, right: version }, { time }) => ({
      is: `${n} ${(version as Thing | null)?.n ?? null}`,
      time: time - NOON,
    })),
    late: joined.late.map(({ side, row }) => ({ is: `${side} ${row?.n}` })),
  };
};

/** Left rows have an `n` above 0, versions one below. */
const joined = (options: Options = {}): Build => bySign((left, right) => join(left, right, options));
const none = (ms: number) => row(ms, -99);
const LEFT = { type: "left" } as const;
const is = (driver: Awaited<ReturnType<typeof given>>, table = "joined") => field(driver, table, "is");

test("A version is in force from its own event time on, until the next one of its key.", async () => {
  const versions = [row(100, -1), row(200, -2), row(150, -3, "b")];
  const lefts = [row(99, 1), row(100, 2), row(199, 3), row(200, 4), row(9_999, 5)];
  const driver = await given([...versions, ...lefts], joined(LEFT), patient);
  expect(is(driver)).toEqual(["1 null", "2 -1", "3 -1", "4 -2", "5 -2"]);
});

test("Of two versions at one time the last that came counts.", async () => {
  expect(is(await given([row(0, -1), row(0, -2), row(0, 1)], joined(), patient))).toEqual(["1 -2"]);
  expect(is(await given([row(0, -2), row(0, 1), row(0, -1)], joined(), patient))).toEqual(["1 -1"]);
});

test("A version of `null` says that there is none from then on.", async () => {
  const events = [row(0, -1), none(100), row(300, -2), row(99, 1), row(100, 2), row(300, 3)];
  expect(is(await given(events, joined(LEFT), patient))).toEqual(["1 -1", "2 null", "3 -2"]);
});

test("With `ttl` there is none from the end of `ttl` on.", async () => {
  const events = [row(0, -1), row(999, 1), row(1_000, 2)];
  const build = joined({ ...LEFT, ttl: seconds(1) });
  expect(is(await given(events, build, patient))).toEqual(["1 -1", "2 null"]);
});

test("`inner` drops left rows for which there is no version, `left` gives them with `right: null`.", async () => {
  const events = [row(0, 1), row(1, -1), row(2, 2), none(3), row(4, 3), row(5, 4, "b")];
  expect(is(await given(events, joined()))).toEqual(["2 -1"]);
  expect(is(await given(events, joined(LEFT)))).toEqual(["1 null", "2 -1", "3 null", "4 null"]);
});

test("A left row waits until the watermark has passed its time.", async () => {
  const events = [row(0, -1), row(500, 1), row(500, 2), row(500, 9, "b")];
  expect(is(await given(events, joined(), { end: false }))).toEqual([]);
  expect(is(await given([...events, row(501, 3)], joined(), { end: false }))).toEqual(["1 -1", "2 -1"]);
});

test("Left rows are given by event time, those of one time by key and then as they came.", async () => {
  const versions = [row(0, -1, "a"), row(0, -2, "b")];
  const lefts = [row(9, 1, "b"), row(9, 2, "a"), row(5, 3, "b"), row(9, 4, "a")];
  const expected = ["3 -2", "2 -1", "4 -1", "1 -2"];
  expect(is(await given([...versions, ...lefts], joined(), patient))).toEqual(expected);
  expect(is(await given([...lefts, ...versions], joined(), patient))).toEqual(expected);
});

test("The watermark is the lower one of both sides: a table that is silent holds every left row back.", async () => {
  const events = [
    { to: "right", ...row(0, -1) },
    { to: "left", ...row(1, 1) },
    { to: "left", ...row(60_000, 2) },
  ] as const;
  const build = (left: Keyed, right: Keyed) => join(left, right);
  expect(is(await facing(events, build, { end: false }))).toEqual([]);
  const both = [...events, { to: "right", ...row(2, -2) }] as const;
  expect(is(await facing(both, build, { end: false }))).toEqual(["1 -1"]);
  const idle = { threshold: minutes(1), incrementBy: minutes(1) };
  const ticked = await facing(events, build, { end: false, idle });
  await ticked.advance(minutes(5));
  expect(is(ticked)).toEqual(["1 -1", "2 -1"]);
});

test("A row behind the watermark is late, a version too.", async () => {
  const driver = await given([row(0, -1), row(100, 1), row(99, 2), row(99, -2), row(100, 3)], joined());
  expect(is(driver, "late")).toEqual(["left 2", "right -2"]);
  expect(is(driver)).toEqual(["1 -1", "3 -1"]);
});

test("`grace` lets rows be so much later, and all results wait so much longer.", async () => {
  const build = joined({ grace: milliseconds(100) });
  const events = [row(0, -1), row(10, 1), row(110, 9, "b")];
  const waiting = await given([...events, row(10, -2)], build, { end: false });
  expect([is(waiting), is(waiting, "late")]).toEqual([[], []]);
  await waiting.feed("things", [{ id: "closes", ...row(111, 9, "b") }]);
  expect(is(waiting)).toEqual(["1 -2"]);
  expect(is(await given([...events, row(9, -2)], build), "late")).toEqual(["right -2"]);
});

test("A result has the left row's event time, and with `grace` that of the watermark at which it is given.", async () => {
  const time = async (options: Options) =>
    field(await given([row(0, -1), row(10, 1)], joined(options)), "joined", "time");
  expect(await time({})).toEqual([10]);
  expect(await time({ grace: milliseconds(100) })).toEqual([110]);
});

test("A row without a key has no version.", async () => {
  const driver = await given([row(0, 1), row(0, 2, "none")], (things) => {
    const keyed = things.keyBy(({ k }) => (k === "none" ? (null as never) : k), { id: "keyed" });
    return join(
      keyed,
      keyed.filter(({ n }) => n < 0),
      LEFT,
    );
  });
  expect(failures(driver)).toEqual(["keyed KEY_TYPE"]);
  expect(is(driver)).toEqual(["1 null"]);
});

test('Keys must be of one type; 5 is not "5".', async () => {
  expect(refusalOfTwoTypes((text, number) => text.temporalJoin(number, { id: "j" }))).toBe("PLAN_JOIN_KEY");
  const unsaid = await given([row(0, -1, 5 as never), row(0, 1, "5")], joined(LEFT));
  expect(is(unsaid)).toEqual(["1 null"]);
});

test("Of a key the version in force is kept and those after it; nothing, where that is `null` or its `ttl` is over.", () => {
  const kept = (options: Options, ...rows: readonly ReturnType<typeof row>[]) =>
    foldOf(rows, joined(options), patient).size;
  const later = row(70_000, 9, "b");
  // of the two rows of key "b" one waits, and one was given
  expect(kept({}, row(0, -1), row(1, -2), row(70_000, -3), later)).toBe(3);
  expect(kept({}, row(0, -1), none(1), later)).toBe(1);
  expect(kept({ ttl: seconds(1) }, row(0, -1), later)).toBe(1);
});

test("Rows that wait outlive a crash, and each result comes once.", async () => {
  const events = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [
    row(i * 400, i + 1),
    i % 3 === 0 ? none(i * 400) : row(i * 400, -i - 1),
  ]);
  const options = { outOfOrder: seconds(1) };
  const rows = await throughCrashes(events, joined(LEFT), options);
  expect(rows("joined")).toEqual((await given(events, joined(LEFT), options)).lake("joined"));
  expect(rows("joined")).toHaveLength(8);
});

test("A row that an earlier version kept is migrated when it is given.", () => {
  const keeps: Parameters<typeof upgraded>[0] = (rowsOf, kept) =>
    rowsOf(({ n }) => n > 0).temporalJoin(
      rowsOf(({ n }) => n < 0).map((one) => (one === -99 ? null : one)),
      { id: "j", type: "left", kept: { left: kept, right: kept } },
    );
  const versions = [row(0, -1), row(1_000, -99), row(2_000, -DAMAGED)];
  expect(upgraded(keeps, [...versions, row(0, 1), row(1_000, 2)], [row(2_000, 3)])).toEqual({
    given: [
      { key: "a", left: { two: 1 }, right: { two: -1 } },
      { key: "a", left: { two: 2 }, right: null },
    ],
    failed: [{ key: "a", left: { two: 3 }, right: -DAMAGED, code: "STATE_MIGRATION" }],
  });
});

test("Another type, `ttl` or `grace` is another state.", () => {
  const fingerprint = (options: Options) => stagesOf(joined(options))[0]?.fingerprint;
  const others: readonly Options[] = [LEFT, { ttl: seconds(1) }, { grace: seconds(1) }];
  expect(new Set([{}, ...others].map(fingerprint)).size).toBe(4);
});
