import { expect, test } from "vitest";
import {
  count,
  type DurationMs,
  hours,
  milliseconds,
  seconds,
  sum,
  tumbling,
} from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, foldOf, given, NOON, panes, refusal, stagesOf } from "./given.ts";

const counted =
  (size: DurationMs = seconds(1), allowedLateness = milliseconds(0)): Build =>
  (things) => {
    const counts = things
      .keyBy("k")
      .window(tumbling(size), { id: "w", allowedLateness })
      .aggregate({ n: count() });
    return { counts, late: counts.late };
  };
const at = (...times: number[]) => times.map((ms) => ({ at: NOON + ms }));

test("Its start belongs to a window, its end to the next.", async () => {
  const driver = await given(at(0, 999, 1_000), counted());
  expect(panes(driver, "counts", "n")).toEqual(["0..1000 0 on-time 2", "1000..2000 0 on-time 1"]);
});

test("The event at its end closes a window.", async () => {
  const open = await given(at(0, 999), counted(), { end: false });
  expect(panes(open, "counts", "n")).toEqual([]);
  const closed = await given(at(0, 1_000), counted(), { end: false });
  expect(panes(closed, "counts", "n")).toEqual(["0..1000 0 on-time 1"]);
});

test("A millisecond of `outOfOrder` keeps it open for one more event.", async () => {
  const strict = await given(at(0, 1_000, 999), counted());
  expect(field(strict, "late", "at")).toEqual([NOON + 999]);
  const patient = await given(at(0, 1_000, 999), counted(), { outOfOrder: milliseconds(1) });
  expect(field(patient, "late", "at")).toEqual([]);
  expect(panes(patient, "counts", "n")[0]).toBe("0..1000 0 on-time 2");
});

test("An event is late by its window, not by its time.", async () => {
  const driver = await given(at(900, 100), counted());
  expect(panes(driver, "counts", "n")).toEqual(["0..1000 0 on-time 2"]);
});

test("`allowedLateness` ends as windows do: start in, end out.", async () => {
  const inTime = await given(at(0, 1_499, 999), counted(seconds(1), milliseconds(500)));
  expect(panes(inTime, "counts", "n").slice(0, 2)).toEqual(["0..1000 0 on-time 1", "0..1000 1 late 2"]);
  const tooLate = await given(at(0, 1_500, 999), counted(seconds(1), milliseconds(500)));
  expect(field(tooLate, "late", "at")).toEqual([NOON + 999]);
});

test("An empty window gives nothing.", async () => {
  const driver = await given(at(0, 5_000), counted());
  expect(panes(driver, "counts", "n")).toEqual(["0..1000 0 on-time 1", "5000..6000 0 on-time 1"]);
});

test("Times before 1970 are ordinary times.", async () => {
  const driver = await given([{ at: -1 }, { at: 0 }], counted());
  expect(panes(driver, "counts", "n")).toEqual([
    `${-1_000 - NOON}..${-NOON} 0 on-time 1`,
    `${-NOON}..${1_000 - NOON} 0 on-time 1`,
  ]);
});

test("Windows are aligned to the epoch, whatever their size.", async () => {
  const driver = await given([{ at: 20 }], counted(milliseconds(7)));
  expect(panes(driver, "counts", "n")).toEqual([`${14 - NOON}..${21 - NOON} 0 on-time 1`]);
});

test("A repeated event counts twice.", async () => {
  const driver = await given([{ id: "x" }, { id: "x" }], counted());
  expect(panes(driver, "counts", "n")).toEqual(["0..1000 0 on-time 2"]);
});

test("An event on which an aggregate throws is in no window.", async () => {
  const broken: Build = (things) => ({
    sums: things
      .keyBy("k")
      .window(tumbling(seconds(1)), { id: "w" })
      .aggregate({
        n: count(),
        all: sum(({ n }) => {
          if (n === 2) throw new Error("not two");
          return n;
        }),
      }),
  });
  const driver = await given([{ n: 1 }, { n: 2 }, { n: 2, k: "b" }], broken);
  expect(panes(driver, "sums", "n")).toEqual(["0..1000 0 on-time 1"]);
  expect(failures(driver)).toEqual(["w OPERATOR_FAILED", "w OPERATOR_FAILED"]);
});

test("A result's own time is the last millisecond of its window.", async () => {
  const driver = await given(at(0), (things) => ({
    times: things
      .keyBy("k")
      .window(tumbling(seconds(1)), { id: "w" })
      .aggregate({ n: count() })
      .map((_, { time }) => ({ time: time - NOON })),
  }));
  expect(driver.lake("times")).toEqual([{ time: 999 }]);
});

test("Windows that close together give their results by start, then key.", async () => {
  const events = [{ k: "b" }, { k: "a" }, { k: "c", at: NOON - 1 }, { k: "a", at: NOON + 10_000 }];
  const driver = await given(events, counted(), { outOfOrder: seconds(5) });
  expect(field(driver, "counts", "key")).toEqual(["c", "a", "b", "a"]);
});

test("Another size or lateness is another state.", () => {
  const fingerprint = (...options: Parameters<typeof counted>) =>
    stagesOf(counted(...options))[0]?.fingerprint;
  const before = fingerprint(seconds(1));
  expect(fingerprint(seconds(1))).toBe(before);
  expect(fingerprint(seconds(2))).not.toBe(before);
  expect(fingerprint(seconds(1), milliseconds(1))).not.toBe(before);
});

test("What cannot be is refused.", () => {
  expect(refusal(counted(milliseconds(0)))).toBe("PLAN_DURATION");
  expect(refusal(counted(milliseconds(0.5)))).toBe("PLAN_DURATION");
  expect(refusal(counted(seconds(1), milliseconds(-1)))).toBe("PLAN_DURATION");
  expect(refusal(counted(hours(24 * 365)))).toBe("none");
});

test("What a window keeps goes once the watermark is at its end and `allowedLateness`.", () => {
  const kept = (ms: number, lateness: number) =>
    foldOf([...at(0, 1, 2), { k: "b", at: NOON + ms }], counted(seconds(1), milliseconds(lateness))).size;
  expect([kept(999, 0), kept(1_000, 0)]).toEqual([2, 1]);
  expect([kept(1_499, 500), kept(1_500, 500)]).toEqual([2, 1]);
});

test("Open windows outlive a crash, and each result comes once.", async () => {
  const events = at(...Array.from({ length: 30 }, (_, i) => ((i * 7) % 30) * 200));
  const build = counted(seconds(1), seconds(1));
  const rows = await throughCrashes(events, build, { outOfOrder: seconds(1) });
  const expected = await given(events, build, { outOfOrder: seconds(1) });
  expect(rows("counts")).toEqual(expected.lake("counts"));
  expect(rows("late")).toEqual(expected.lake("late"));
  expect(rows("counts").length).toBeGreaterThan(5);
  expect(rows("late").length).toBeGreaterThan(0);
});
