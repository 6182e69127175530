import { expect, test } from "vitest";
import { count, cumulating, milliseconds, seconds } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, field, foldOf, given, NOON, panes, refusal } from "./given.ts";

const counted =
  (size = seconds(3), step = seconds(1), allowedLateness = milliseconds(0)): Build =>
  (things) => {
    const counts = things
      .keyBy("k")
      .window(cumulating(size, step), { id: "w", allowedLateness })
      .aggregate({ n: count() });
    return { counts, late: counts.late };
  };
const at = (...times: number[]) => times.map((ms) => ({ at: NOON + ms }));

test("Start in, end out: an event at the end of a step is in the next one.", async () => {
  const driver = await given(at(0, 1_000), counted());
  expect(panes(driver, "counts", "n")).toEqual([
    ...["0..1000 0 on-time 1", "0..2000 0 on-time 2", "0..3000 0 on-time 2"],
  ]);
});

test("The size must be a multiple of the step.", () => {
  expect(refusal(counted(seconds(3), seconds(2)))).toBe("PLAN_OPTION");
  expect(refusal(counted(seconds(3), milliseconds(0)))).toBe("PLAN_DURATION");
  expect(refusal(counted(seconds(3), seconds(3)))).toBe("none");
});

test("A step in which nothing came is told again, with what came before it.", async () => {
  const driver = await given(at(0), counted());
  expect(panes(driver, "counts", "n")).toEqual([
    ...["0..1000 0 on-time 1", "0..2000 0 on-time 1", "0..3000 0 on-time 1"],
  ]);
});

test("Windows before a key's first event are not told.", async () => {
  const driver = await given(at(2_500), counted());
  expect(panes(driver, "counts", "n")).toEqual(["0..3000 0 on-time 1"]);
});

test("Each window closes by itself: a late event goes into those that are still there.", async () => {
  const driver = await given(at(0, 1_000, 500), counted());
  expect(panes(driver, "counts", "n")).toEqual([
    ...["0..1000 0 on-time 1", "0..2000 0 on-time 3", "0..3000 0 on-time 3"],
  ]);
  expect(field(driver, "late", "at")).toEqual([]);
});

test("With `allowedLateness` it gives a late pane of each that was told.", async () => {
  const driver = await given(at(0, 2_000, 500), counted(seconds(3), seconds(1), seconds(5)));
  expect(panes(driver, "counts", "n")).toEqual([
    ...["0..1000 0 on-time 1", "0..2000 0 on-time 1", "0..1000 1 late 2", "0..2000 1 late 2"],
    "0..3000 0 on-time 3",
  ]);
});

test("It goes to `late` where none is there.", async () => {
  const driver = await given(at(0, 3_000, 2_999), counted());
  expect(field(driver, "late", "at")).toEqual([NOON + 2_999]);
});

test("Times before 1970 are ordinary times.", async () => {
  const driver = await given([{ at: -1 }], counted());
  expect(panes(driver, "counts", "n")).toEqual([`${-3_000 - NOON}..${-NOON} 0 on-time 1`]);
});

test("A key keeps a cell for each step that is still to end, and none after the last.", () => {
  const kept = (ms: number) => foldOf([...at(0), { k: "b", at: NOON + ms }], counted()).size;
  // of key "a" three, two, one and none; of "b" those that its event is in
  expect([0, 1_000, 2_000, 3_000].map(kept)).toEqual([6, 4, 2, 3]);
});

test("Open windows outlive a crash, and each result comes once.", async () => {
  const events = Array.from({ length: 24 }, (_, i) => ({ at: NOON + i * 300, k: i % 3 === 0 ? "b" : "a" }));
  const rows = await throughCrashes(events, counted());
  expect(rows("counts")).toEqual((await given(events, counted())).lake("counts"));
  expect(rows("counts").length).toBeGreaterThan(10);
});
