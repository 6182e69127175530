import { expect, test } from "vitest";
import { count, type DurationMs, hopping, milliseconds, seconds, sum } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, field, foldOf, given, NOON, panes, refusal, stagesOf } from "./given.ts";

const counted =
  (size: DurationMs = seconds(2), slide: DurationMs = seconds(1), allowedLateness = milliseconds(0)): Build =>
  (things) => {
    const counts = things
      .keyBy("k")
      .window(hopping(size, slide), { id: "w", allowedLateness })
      .aggregate({ n: count() });
    return { counts, late: counts.late };
  };
const at = (...times: number[]) => times.map((ms) => ({ at: NOON + ms }));
const spans = (all: string[]) => all.map((pane) => pane.split(" ")[0]);

test("An event is in every window that contains its time, the first of which begin before it.", async () => {
  const driver = await given(at(500), counted());
  expect(panes(driver, "counts", "n")).toEqual(["-1000..1000 0 on-time 1", "0..2000 0 on-time 1"]);
});

test("Start in, end out.", async () => {
  const driver = await given(at(1_000), counted());
  expect(spans(panes(driver, "counts", "n"))).toEqual(["0..2000", "1000..3000"]);
});

test("Where the slide does not divide the size, times are in different numbers of windows.", async () => {
  const inSoMany = async (ms: number) =>
    (await given([{ at: ms }], counted(milliseconds(10), milliseconds(4)))).lake("counts").length;
  expect([await inSoMany(0), await inSoMany(1), await inSoMany(2)]).toEqual([3, 3, 2]);
});

test("A slide of the size makes tumbling windows, a longer one is refused.", async () => {
  const driver = await given(at(500), counted(seconds(1), seconds(1)));
  expect(spans(panes(driver, "counts", "n"))).toEqual(["0..1000"]);
  expect(refusal(counted(seconds(1), seconds(2)))).toBe("PLAN_OPTION");
  expect(refusal(counted(seconds(1), milliseconds(0)))).toBe("PLAN_DURATION");
});

test("An event that is too late for some windows is in the others.", async () => {
  const driver = await given(at(0, 1_000, 500), counted());
  expect(panes(driver, "counts", "n")).toContain("-1000..1000 0 on-time 1");
  expect(panes(driver, "counts", "n")).toContain("0..2000 0 on-time 3");
  expect(field(driver, "late", "at")).toEqual([]);
});

test("It goes to `late` where all of them are gone.", async () => {
  const driver = await given(at(0, 2_000, 999), counted());
  expect(field(driver, "late", "at")).toEqual([NOON + 999]);
});

test("Windows without events give nothing.", async () => {
  const driver = await given(at(500, 9_500), counted());
  expect(spans(panes(driver, "counts", "n"))).toEqual([
    "-1000..1000",
    "0..2000",
    "8000..10000",
    "9000..11000",
  ]);
});

test("Times before 1970 are ordinary times.", async () => {
  const driver = await given([{ at: -1 }], counted());
  expect(spans(panes(driver, "counts", "n"))).toEqual([
    `${-2_000 - NOON}..${-NOON}`,
    `${-1_000 - NOON}..${1_000 - NOON}`,
  ]);
});

test("Slices and windows of their own give the same.", async () => {
  const times = Array.from({ length: 60 }, (_, i) => ({ at: NOON + ((i * 7_919) % 9_000), n: 1 }));
  const driver = await given(
    times,
    (things) => {
      const keyed = things.keyBy("k");
      const window = hopping(seconds(3), seconds(1));
      return {
        counts: keyed.window(window, { id: "sliced" }).aggregate({ n: count() }),
        sums: keyed.window(window, { id: "whole" }).aggregate({ n: sum("n") }),
      };
    },
    { outOfOrder: seconds(9) },
  );
  expect(panes(driver, "counts", "n").length).toBeGreaterThan(9);
  expect(panes(driver, "sums", "n")).toEqual(panes(driver, "counts", "n"));
});

test("What makes slices impossible makes another state.", () => {
  const fingerprint = (...options: Parameters<typeof counted>) =>
    stagesOf(counted(...options))[0]?.fingerprint;
  expect(fingerprint(seconds(2), seconds(1))).not.toBe(fingerprint(seconds(2), milliseconds(500)));
  const early = (early: { trigger?: { early: DurationMs } }) =>
    stagesOf((things) => ({
      counts: things
        .keyBy("k")
        .window(hopping(seconds(2), seconds(1)), { id: "w", ...early })
        .aggregate({ n: count() }),
    }))[0]?.fingerprint;
  expect(early({})).not.toBe(early({ trigger: { early: milliseconds(100) } }));
});

test("A row of state stays until the last window that it is in has closed.", () => {
  const kept = (ms: number, lateness: number) =>
    foldOf([...at(0), { k: "b", at: NOON + ms }], counted(seconds(4), seconds(1), milliseconds(lateness)))
      .size;
  // by slices, one for each key; and four windows of each
  expect([kept(3_999, 0), kept(4_000, 0)]).toEqual([2, 1]);
  expect([kept(0, 1), kept(3_999, 1), kept(4_001, 1)]).toEqual([8, 5, 4]);
});

test("Open windows outlive a crash, and each result comes once.", async () => {
  const events = Array.from({ length: 24 }, (_, i) => ({ at: NOON + i * 300, k: i % 3 === 0 ? "b" : "a" }));
  for (const build of [counted(seconds(2), seconds(1)), counted(seconds(2), seconds(1), seconds(1))]) {
    const rows = await throughCrashes(events, build);
    expect(rows("counts")).toEqual((await given(events, build)).lake("counts"));
    expect(rows("counts").length).toBeGreaterThan(10);
  }
});
