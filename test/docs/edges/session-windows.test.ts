import { expect, test } from "vitest";
import { collect, count, milliseconds, seconds, session } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, field, foldOf, given, NOON, panes, refusal } from "./given.ts";

const counted =
  (gap = seconds(10), allowedLateness = milliseconds(0)): Build =>
  (things) => {
    const visits = things
      .keyBy("k")
      .window(session(gap), { id: "visits", allowedLateness })
      .aggregate({ n: count(), order: collect(10, "n") });
    return { visits, late: visits.late };
  };
const at = (...times: number[]) => times.map((ms, n) => ({ at: NOON + ms, n }));

test("Events exactly the gap apart share a session; a millisecond more, and they do not.", async () => {
  const driver = await given(at(0, 10_000, 20_001), counted());
  expect(panes(driver, "visits", "n")).toEqual(["0..20000 0 on-time 2", "20001..30001 0 on-time 1"]);
});

test("The window goes from the first event to the last and the gap.", async () => {
  const driver = await given(at(3_000, 0), counted());
  expect(panes(driver, "visits", "n")).toEqual(["0..13000 0 on-time 2"]);
});

test("It closes a millisecond after its end, since an event at the end still joins.", async () => {
  const open = await given([...at(0), { k: "b", at: NOON + 10_000 }], counted(), { end: false });
  expect(panes(open, "visits", "n")).toEqual([]);
  const closed = await given([...at(0), { k: "b", at: NOON + 10_001 }], counted(), { end: false });
  expect(panes(closed, "visits", "n")).toEqual(["0..10000 0 on-time 1"]);
});

test("An event between two sessions makes them one.", async () => {
  const driver = await given(at(0, 15_000, 7_000), counted(), { outOfOrder: seconds(30) });
  expect(panes(driver, "visits", "n")).toEqual(["0..25000 0 on-time 3"]);
});

test("Of sessions that become one, the earlier one's events come first.", async () => {
  const driver = await given(at(15_000, 0, 7_000), counted(), { outOfOrder: seconds(30) });
  expect(field(driver, "visits", "order")).toEqual([[1, 0, 2]]);
});

test("Whether an event is late is asked of the session that it makes.", async () => {
  const joins = await given([...at(9_000), { k: "b", at: NOON + 15_000 }, ...at(0)], counted());
  expect(field(joins, "late", "at")).toEqual([]);
  expect(panes(joins, "visits", "n")[0]).toBe("0..19000 0 on-time 2");
  const alone = await given([{ k: "b", at: NOON + 15_000 }, ...at(0)], counted());
  expect(field(alone, "late", "at")).toEqual([NOON]);
});

test("One that was shown and then changes its bounds is retracted first; where they stay, it is not.", async () => {
  const visits = async (...late: readonly number[]) =>
    panes(
      await given(
        [...at(0, 1_000), { k: "b", at: NOON + 20_001 }, ...at(...late)],
        counted(seconds(10), seconds(60)),
      ),
      "visits",
      "n",
    ).filter((pane) => pane.startsWith("0.."));
  expect(await visits(5_000)).toEqual([
    "0..11000 0 on-time 2",
    "0..11000 1 retracted 2",
    "0..15000 2 late 3",
  ]);
  expect(await visits(500)).toEqual(["0..11000 0 on-time 2", "0..11000 1 late 3"]);
});

test("Keys do not share sessions.", async () => {
  const driver = await given([{ k: "a" }, { k: "b" }], counted());
  expect(panes(driver, "visits", "n")).toEqual(["0..10000 0 on-time 1", "0..10000 0 on-time 1"]);
});

test("Times before 1970 are ordinary times.", async () => {
  const driver = await given([{ at: -5 }, { at: 5 }], counted(milliseconds(10)));
  expect(panes(driver, "visits", "n")).toEqual([`${-5 - NOON}..${15 - NOON} 0 on-time 2`]);
});

test("A result's own time is the end of its session.", async () => {
  const driver = await given(at(0), (things) => ({
    times: things
      .keyBy("k")
      .window(session(seconds(10)), { id: "w" })
      .aggregate({ n: count() })
      .map((_, { time }) => ({ time: time - NOON })),
  }));
  expect(driver.lake("times")).toEqual([{ time: 10_000 }]);
});

test("A session that never pauses never ends.", async () => {
  const driver = await given(at(...Array.from({ length: 50 }, (_, i) => i * 10_000)), counted(), {
    end: false,
  });
  expect(panes(driver, "visits", "n")).toEqual([]);
  expect(driver.counts()["p.things"]).toMatchObject({ open: 1 });
});

test("A gap of nothing is refused.", () => {
  expect(refusal(counted(milliseconds(0)))).toBe("PLAN_DURATION");
});

test("What a session keeps goes once it is over: one row, however many events and merges it had.", () => {
  const kept = (...times: readonly number[]) =>
    foldOf([...at(...times.slice(0, -1)), { k: "b", at: NOON + (times.at(-1) ?? 0) }], counted(), {
      outOfOrder: seconds(30),
    }).size;
  expect(kept(0, 15_000, 15_000)).toBe(3);
  expect(kept(0, 15_000, 7_000, 15_000)).toBe(2);
  expect([kept(0, 40_000), kept(0, 40_001)]).toEqual([2, 1]);
});

test("Open sessions outlive a crash, and each result and retraction comes once.", async () => {
  const events = at(...Array.from({ length: 30 }, (_, i) => ((i * 11) % 30) * 6_000));
  const build = counted(seconds(10), seconds(300));
  const rows = await throughCrashes(events, build);
  const expected = await given(events, build);
  expect(rows("visits")).toEqual(expected.lake("visits"));
  const retracted = panes(expected, "visits", "n").filter((pane) => pane.includes("retracted"));
  expect(retracted.length).toBeGreaterThan(0);
});
