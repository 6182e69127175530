import { expect, test } from "vitest";
import {
  milliseconds,
  minutes,
  seconds,
  session,
  sum,
  type Trigger,
  tumbling,
} from "../../../shared/index.ts";
import { bounded } from "./bounded.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, given, NOON, panes, refusal, stagesOf, type Thing } from "./given.ts";

const summed =
  (trigger: Trigger<Thing>, allowedLateness = milliseconds(0)): Build =>
  (things) => {
    const sums = things
      .keyBy("k")
      .window(tumbling(seconds(10)), { id: "w", trigger, allowedLateness })
      .aggregate({ n: sum("n") });
    return { sums, late: sums.late };
  };
const at = (...times: number[]) => times.map((ms) => ({ at: NOON + ms }));
const DISCARDING = { accumulation: "discarding" } as const;

test("An early pane comes with the event that brings stream time to a multiple of the interval, that event included.", async () => {
  const driver = await given(at(0, 1_999, 2_000, 2_500), summed({ early: seconds(2) }), { end: false });
  expect(panes(driver, "sums", "n")).toEqual(["0..10000 0 early 3"]);
});

test("However far stream time jumps, there is one early pane.", async () => {
  const driver = await given(at(0, 9_000), summed({ early: seconds(2) }), { end: false });
  expect(panes(driver, "sums", "n")).toEqual(["0..10000 0 early 2"]);
});

test("Stream time is that of all keys of the partition.", async () => {
  const driver = await given([{ k: "a" }, { k: "b", at: NOON + 2_000 }], summed({ early: seconds(2) }), {
    end: false,
  });
  expect(field(driver, "sums", "key")).toEqual(["a"]);
});

test("Only windows with new events fire, at the next multiple after the first of them.", async () => {
  const events = [{ k: "a" }, ...[2_000, 4_000, 6_000].map((ms) => ({ k: "b", at: NOON + ms }))];
  const driver = await given(events, summed({ early: seconds(2) }), { end: false });
  expect(driver.lake("sums")).toMatchObject([
    { key: "a", n: 1 },
    { key: "b", n: 2 },
  ]);
});

const EACH_TWO_SECONDS = { early: { processingTime: seconds(2) } };

test("By processing time a pane comes with the first input or tick that was sent at or after a multiple of the interval, before anything in it.", async () => {
  // the driver sends its events a second apart, from the start of a minute on
  const events = [{ k: "b" }, { k: "a" }, { n: 7 }, { n: 8 }];
  const driver = await given(events, summed(EACH_TWO_SECONDS), { end: false });
  expect(driver.lake("sums")).toMatchObject([
    { key: "a", n: 1 },
    { key: "b", n: 1 },
  ]);
  await driver.advance(seconds(2));
  expect(panes(driver, "sums", "n").slice(2)).toEqual(["0..10000 1 early 16"]);
});

test("However long nothing came, there is one pane by processing time.", async () => {
  const driver = await given([{}], summed(EACH_TWO_SECONDS), { end: false });
  await driver.advance(minutes(10));
  expect(panes(driver, "sums", "n")).toEqual(["0..10000 0 early 1"]);
});

test("A quiet partition shows what it has with a tick.", async () => {
  const driver = await given([{}, { n: 2 }], summed(EACH_TWO_SECONDS), { end: false });
  await driver.advance(minutes(1));
  expect(panes(driver, "sums", "n")).toEqual(["0..10000 0 early 3"]);
  await driver.advance(minutes(5));
  expect(panes(driver, "sums", "n")).toHaveLength(1);
});

test("What still waits for processing time when the watermark comes is in the pane on time.", async () => {
  const driver = await given(at(0, 10_000), summed({ early: { processingTime: minutes(5) } }));
  expect(panes(driver, "sums", "n")).toEqual(["0..10000 0 on-time 1", "10000..20000 0 on-time 1"]);
});

test("In a bounded run processing time stands at 0, and no pane comes by it.", async () => {
  const rows = await bounded(at(0, 1_000, 11_000), summed({ early: { processingTime: milliseconds(1) } }));
  expect(rows("sums")).toMatchObject([
    { n: 2, pane: { index: 0, timing: "on-time" } },
    { n: 1, pane: { index: 0, timing: "on-time" } },
  ]);
});

test("A window of n events fires at each nth, and once more at the watermark.", async () => {
  const driver = await given(at(0, 1, 2, 3), summed({ early: { events: 2 } }));
  expect(panes(driver, "sums", "n")).toEqual([
    "0..10000 0 early 2",
    "0..10000 1 early 4",
    "0..10000 2 on-time 4",
  ]);
});

test("Discarding panes hold what is new, and there is none where nothing is.", async () => {
  const even = await given(at(0, 1, 2, 3), summed({ early: { events: 2 }, ...DISCARDING }));
  expect(panes(even, "sums", "n")).toEqual(["0..10000 0 early 2", "0..10000 1 early 2"]);
  const odd = await given(at(0, 1, 2), summed({ early: { events: 2 }, ...DISCARDING }));
  expect(panes(odd, "sums", "n")).toEqual(["0..10000 0 early 2", "0..10000 1 on-time 1"]);
});

test("Each late event gives a late pane.", async () => {
  const driver = await given(at(0, 10_000, 1, 2), summed({}, seconds(5)));
  expect(panes(driver, "sums", "n").slice(0, 3)).toEqual([
    "0..10000 0 on-time 1",
    "0..10000 1 late 2",
    "0..10000 2 late 3",
  ]);
});

test("A window whose first event is late has no on-time pane.", async () => {
  const driver = await given(at(10_000, 1), summed({}, seconds(5)));
  expect(panes(driver, "sums", "n")[0]).toBe("0..10000 0 late 1");
});

test("`when` sees the event, which is in the pane; where it throws, the event is in none.", async () => {
  const when = ({ n }: Thing): boolean => {
    if (n === 3) throw new Error("not three");
    return n > 1;
  };
  const driver = await given([{ n: 1 }, { n: 2 }, { n: 3 }], summed({ early: { when } }));
  expect(panes(driver, "sums", "n")).toEqual(["0..10000 0 early 3", "0..10000 1 on-time 3"]);
  expect(failures(driver)).toEqual(["w OPERATOR_FAILED"]);
});

test("Accumulating sessions that change their bounds are retracted, discarding ones are not.", async () => {
  const visits =
    (trigger: Trigger<Thing>): Build =>
    (things) => ({
      visits: things
        .keyBy("k")
        .window(session(seconds(10)), { id: "visits", trigger })
        .aggregate({ n: sum("n") }),
    });
  const events = at(0, 1_000, 2_000);
  const kept = await given(events, visits({ early: { events: 2 } }));
  expect(panes(kept, "visits", "n")).toEqual([
    "0..11000 0 early 2",
    "0..11000 1 retracted 2",
    "0..12000 2 on-time 3",
  ]);
  const added = await given(events, visits({ early: { events: 2 }, ...DISCARDING }));
  expect(panes(added, "visits", "n")).toEqual(["0..11000 0 early 2", "0..12000 1 on-time 1"]);
});

test("An early trigger may come and go between deployments, accumulation may not.", () => {
  const fingerprint = (trigger: Trigger<Thing>) => stagesOf(summed(trigger))[0]?.fingerprint;
  expect(fingerprint({ early: seconds(1) })).toBe(fingerprint({}));
  expect(fingerprint({ early: { events: 5 } })).toBe(fingerprint({}));
  expect(fingerprint(EACH_TWO_SECONDS)).toBe(fingerprint({}));
  expect(fingerprint(DISCARDING)).not.toBe(fingerprint({}));
});

test("An interval of nothing, by either time, and less than one event are refused.", () => {
  expect(refusal(summed({ early: milliseconds(0) }))).toBe("PLAN_DURATION");
  expect(refusal(summed({ early: { processingTime: milliseconds(0) } }))).toBe("PLAN_DURATION");
  expect(refusal(summed({ early: { events: 0 } }))).toBe("PLAN_OPTION");
  expect(refusal(summed({ early: { events: 1.5 } }))).toBe("PLAN_OPTION");
});

test("Panes outlive a crash: none is left out, and none comes twice.", async () => {
  const events = at(...Array.from({ length: 30 }, (_, i) => ((i * 7) % 30) * 500));
  for (const trigger of [{ early: seconds(2) }, { early: { events: 3 }, ...DISCARDING }]) {
    const build = summed(trigger, seconds(5));
    const rows = await throughCrashes(events, build);
    const expected = await given(events, build);
    expect(rows("sums")).toEqual(expected.lake("sums"));
    const told = panes(expected, "sums", "n");
    expect(["early", "late"].map((timing) => told.some((pane) => pane.includes(timing)))).toEqual([
      true,
      true,
    ]);
  }
});
