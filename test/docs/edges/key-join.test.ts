import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { type DurationMs, lake, pipeline, seconds, stream, trusted } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, foldOf, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";
import { bySign, facing, type Keyed, patient, refusalOfTwoTypes, row } from "./sides.ts";
import { DAMAGED, upgraded } from "./upgraded.ts";

type Options = { readonly ttl: DurationMs | "forever"; readonly grace?: DurationMs };
const SECOND: Options = { ttl: seconds(1) };
const FOREVER: Options = { ttl: "forever" };

const join = (left: Keyed, right: Keyed, options: Options) => {
  const joined = left.join(right, { id: "j", ...options });
  return {
    pairs: joined.map(({ left: { n }, right: { n: m } }, { time }) => ({
      is: `${n} ${m}`,
      time: time - NOON,
    })),
    late: joined.late.map(({ side, row }) => ({ is: `${side} ${row.n}` })),
  };
};

const joined = (options: Options): Build => bySign((left, right) => join(left, right, options));
const is = (driver: Awaited<ReturnType<typeof given>>, table = "pairs") => field(driver, table, "is");

test("With a duration as `ttl` two rows meet where they are less than it apart, in event time.", async () => {
  const events = [row(1_000, 1), row(0, -1), row(1, -2), row(1_999, -3), row(2_000, -4)];
  expect(is(await given(events, joined(SECOND), patient))).toEqual(["1 -2", "1 -3"]);
});

test('With `"forever"` all rows of a key meet, and no row is ever late.', async () => {
  const events = [row(0, 1), row(1e12, 2, "b"), row(-1e12, -1), row(5, 3), row(1e12, -2, "b")];
  const driver = await given(events, joined(FOREVER));
  expect(is(driver)).toEqual(["1 -1", "3 -1", "2 -2"]);
  expect(is(driver, "late")).toEqual([]);
});

test('With `"forever"` streams need no event time.', async () => {
  const timeless = stream("timeless", { schema: trusted<Thing>(), key: "k", partitions: 1 });
  const itself = (options: Options) =>
    pipeline("p", (p) => {
      const keyed = p.from(timeless).keyBy("k");
      const { pairs, late } = join(keyed, keyed, options);
      pairs.to(lake("pairs"));
      late.to(lake("late"));
    });
  const driver = await TestDriver.create(itself(FOREVER));
  await driver.feed("timeless", [row(0, 1)]);
  expect(is(driver)).toEqual(["1 1"]);
  await expect(TestDriver.create(itself(SECOND))).rejects.toMatchObject({ code: "PLAN_NO_EVENT_TIME" });
});

test("A pair is given when its second row comes, whichever side that is of, and has the later time of both.", async () => {
  const build = (left: Keyed, right: Keyed) => join(left, right, SECOND);
  const [left, right] = [
    { to: "left", ...row(500, 1) },
    { to: "right", ...row(0, -1) },
  ] as const;
  for (const events of [
    [left, right],
    [right, left],
  ])
    expect((await facing(events, build, { end: false })).lake("pairs")).toEqual([{ is: "1 -1", time: 500 }]);
});

test("With a duration a row behind the watermark is late; `grace` lets it be so much later.", async () => {
  const events = [row(0, 1), row(100, 9, "b"), row(99, -1)];
  const late = await given(events, joined(SECOND));
  expect([is(late), is(late, "late")]).toEqual([[], ["right -1"]]);
  const graced = await given([...events, row(98, -2)], joined({ ...SECOND, grace: 1 as DurationMs }));
  expect([is(graced), is(graced, "late")]).toEqual([["1 -1"], ["right -2"]]);
});

test("Rows without a partner are never given.", async () => {
  expect(is(await given([row(0, 1), row(0, -1, "b")], joined(SECOND)))).toEqual([]);
  for (const type of ["left", "full", "semi", "anti"])
    expect(refusal(joined({ ...FOREVER, type } as never))).toBe("PLAN_OPTION");
});

test("A key with many rows on both sides gives all pairs.", async () => {
  const many = Array.from({ length: 20 }, (_, i) => [row(i, i + 1), row(i, -i - 1)]).flat();
  const driver = await given(many, joined(SECOND));
  expect(new Set(is(driver)).size).toBe(400);
  expect(is(driver)).toHaveLength(400);
});

test("Both sides may be one flow: each row then meets itself, too.", async () => {
  const itself: Build = (things) => join(things.keyBy("k"), things.keyBy("k"), SECOND);
  expect(is(await given([row(0, 1), row(0, 2)], itself)).toSorted()).toEqual(["1 1", "1 2", "2 1", "2 2"]);
});

test("A row without a key meets nothing.", async () => {
  const driver = await given([row(0, 1, "none"), row(0, -1, "none"), row(0, 1), row(0, -1)], (things) => {
    const keyed = things.keyBy(({ k }) => (k === "none" ? (null as never) : k), { id: "keyed" });
    return join(
      keyed.filter(({ n }) => n > 0),
      keyed.filter(({ n }) => n < 0),
      FOREVER,
    );
  });
  expect(failures(driver)).toEqual(["keyed KEY_TYPE", "keyed KEY_TYPE"]);
  expect(is(driver)).toEqual(["1 -1"]);
});

test('Keys must be of one type; 5 is not "5".', async () => {
  expect(refusalOfTwoTypes((text, number) => text.join(number, { id: "j", ...FOREVER } as const))).toBe(
    "PLAN_JOIN_KEY",
  );
  expect(is(await given([row(0, 1, "5"), row(0, -1, 5 as never)], joined(FOREVER)))).toEqual([]);
});

test('With `"forever"` every row stays; with a duration it goes once the watermark is beyond its `ttl`.', () => {
  const kept = (options: Options, ...rows: readonly ReturnType<typeof row>[]) =>
    foldOf(rows, joined(options)).size;
  const rows = [row(0, 1), row(0, -1)];
  expect(kept(FOREVER, ...rows, row(1e12, 9, "b"))).toBe(3);
  expect(kept(SECOND, ...rows, row(999, 9, "b"))).toBe(3);
  expect(kept(SECOND, ...rows, row(1_125, 9, "b"))).toBe(1);
});

test("Rows that are remembered outlive a crash, and each pair comes once.", async () => {
  const events = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [row(i * 200, i + 1), row(i * 200, -i - 1)]);
  const rows = await throughCrashes(events, joined(SECOND));
  expect(rows("pairs")).toEqual((await given(events, joined(SECOND))).lake("pairs"));
  expect(rows("pairs").length).toBeGreaterThan(20);
});

test("A row that an earlier version kept is migrated when it is given.", () => {
  const keeps: Parameters<typeof upgraded>[0] = (rowsOf, kept) =>
    rowsOf(({ n }) => n > 0).join(
      rowsOf(({ n }) => n < 0),
      { id: "j", ttl: "forever", kept: { left: kept, right: kept } },
    );
  const earlier = [row(0, 1), row(1, 2), row(0, DAMAGED, "b")];
  expect(upgraded(keeps, earlier, [row(2, -1), row(2, -2, "b")])).toEqual({
    given: [1, 2].map((n) => ({ key: "a", left: { two: n }, right: { two: -1 } })),
    failed: [{ two: -2, code: "STATE_MIGRATION" }],
  });
});

test("Another `ttl` or `grace` is another state.", () => {
  const fingerprint = (options: Options) => stagesOf(joined(options))[0]?.fingerprint;
  const all = [SECOND, FOREVER, { ...SECOND, grace: seconds(1) }];
  expect(new Set(all.map(fingerprint)).size).toBe(3);
});
