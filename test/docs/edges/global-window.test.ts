import { expect, test } from "vitest";
import {
  collect,
  count,
  type DurationMs,
  global,
  milliseconds,
  seconds,
  sum,
  type Trigger,
  tumbling,
} from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, field, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";

const FIRST = -8.64e15;
const LAST = 8.64e15;
type Options = { readonly trigger?: Trigger<Thing>; readonly allowedLateness?: DurationMs };

const all =
  (options: Options = {}): Build =>
  (things) => {
    const sums = things
      .keyBy("k")
      .window(global(), { id: "w", ...options })
      .aggregate({ n: sum("n"), order: collect(10, "n") });
    return {
      sums: sums.map(({ key, n, order, window, pane }, { time }) => {
        return { is: `${key} ${pane.index} ${pane.timing} ${n}`, order, window, time };
      }),
      late: sums.late,
    };
  };
const is = (driver: Awaited<ReturnType<typeof given>>) => field(driver, "sums", "is");
const BY_TWO = { early: { events: 2 } } as const;
const DISCARDING = { accumulation: "discarding" } as const;
const open = { end: false };

test("There is one window per key, from the first to the last time that a date can have.", async () => {
  const driver = await given([{ at: 0 }, { at: NOON }, { at: -NOON, k: "b" }], all());
  expect(is(driver)).toEqual(["a 0 on-time 2", "b 0 on-time 1"]);
  const window = { start: FIRST, end: LAST };
  expect(field(driver, "sums", "window")).toEqual([window, window]);
});

test("Without a trigger there is one result for a key, when the input ends.", async () => {
  const driver = await given([{ n: 1 }, { n: 2, at: NOON + 1e12 }], all(), open);
  expect(is(driver)).toEqual([]);
  await driver.end();
  expect(is(driver)).toEqual(["a 0 on-time 3"]);
});

test("Nothing is late for it, until its input has ended.", async () => {
  const driver = await given([{ at: NOON }, { at: 0 }, { at: -1e12 }], all());
  expect(is(driver)).toEqual(["a 0 on-time 3"]);
  expect(driver.lake("late")).toEqual([]);
  await driver.feed("things", [{ id: "after", k: "a", at: NOON, n: 1 }]);
  expect(field(driver, "late", "id")).toEqual(["after"]);
});

test("Panes are early ones until the input ends; then there is one on time, discarding where something is new.", async () => {
  const events = [{ n: 1 }, { n: 2 }];
  expect(is(await given(events, all({ trigger: BY_TWO })))).toEqual(["a 0 early 3", "a 1 on-time 3"]);
  const trigger = { ...BY_TWO, ...DISCARDING };
  expect(is(await given(events, all({ trigger })))).toEqual(["a 0 early 3"]);
  expect(is(await given([...events, { n: 4 }], all({ trigger })))).toEqual(["a 0 early 3", "a 1 on-time 4"]);
});

test("Discarding panes by count are a count window, key by key.", async () => {
  const trigger = { ...BY_TWO, ...DISCARDING };
  const events = [1, 2, 3, 4].flatMap((n) => [{ n }, { n: n * 10, k: "b" }]);
  const panes = is(await given(events, all({ trigger }), open));
  expect(panes).toEqual(["a 0 early 3", "b 0 early 30", "a 1 early 7", "b 1 early 70"]);
});

test("Events are taken in the order of the log, whatever their times.", async () => {
  const events = [5, -5, 0].map((ms, n) => ({ at: NOON + ms, n }));
  const driver = await given(events, all({ trigger: BY_TWO }));
  expect(field(driver, "sums", "order")).toEqual([
    [0, 1],
    [0, 1, 2],
  ]);
});

test("A result's event time is the last but one of its window, an early pane's too: what goes by time behind it waits for the end.", async () => {
  const driver = await given(
    [{ n: 1 }, { n: 2 }, { n: 3, at: NOON + 60_000 }],
    (things) => {
      const sums = things
        .keyBy("k")
        .window(global(), { id: "w", trigger: { ...BY_TWO, ...DISCARDING } })
        .aggregate({ n: sum("n") });
      const behind = sums.window(tumbling(seconds(1)), { id: "behind" }).aggregate({ panes: count() });
      return { times: sums.map((_, { time }) => ({ time })), behind };
    },
    open,
  );
  expect(field(driver, "times", "time")).toEqual([LAST - 1]);
  expect(driver.lake("behind")).toEqual([]);
  await driver.end();
  expect(field(driver, "times", "time")).toEqual([LAST - 1, LAST - 1]);
  expect(field(driver, "behind", "panes")).toEqual([2]);
});

test("`allowedLateness` says nothing.", async () => {
  const events = [{ n: 1 }, { n: 2 }, { n: 4, at: 0 }];
  const patient = all({ trigger: BY_TWO, allowedLateness: seconds(60) });
  expect(is(await given(events, patient))).toEqual(is(await given(events, all({ trigger: BY_TWO }))));
});

test("Each key that ever came has a cell until the input ends.", async () => {
  const driver = await given([{ k: "a" }, { k: "b", at: NOON + 1e12 }, { k: "a" }], all(), open);
  expect(driver.counts()["p.things"]).toMatchObject({ open: 2 });
  await driver.end();
  expect(driver.counts()["p.things"]).toMatchObject({ open: 0, windows: 2 });
});

test("Cells outlive a crash, and each pane comes once.", async () => {
  const events = Array.from({ length: 20 }, (_, n) => ({ n, k: n % 3 === 0 ? "a" : "b" }));
  const build = all({ trigger: BY_TWO });
  const rows = await throughCrashes(events, build);
  expect(rows("sums")).toEqual((await given(events, build)).lake("sums"));
  expect(rows("sums")).toHaveLength(11);
});

test("Its events are combined before a shuffle where it has no panes by count, and its keys can be spread where it has no early panes.", () => {
  const byN =
    (spread: boolean, trigger: Trigger<Thing> = {}): Build =>
    (things) => {
      const keyed = things.keyBy("n");
      const sums = (spread ? keyed.spread(2) : keyed).window(global(), { id: "w", trigger });
      return { sums: sums.aggregate({ n: count() }) };
    };
  const isCombined = (trigger?: Trigger<Thing>) =>
    stagesOf(byN(false, trigger)).some(({ nodes }) =>
      nodes.some(({ spec }) => spec.kind === "feed" && spec.stage === "p.w" && spec.combine !== undefined),
    );
  const byClock = { early: { processingTime: seconds(1) } };
  expect([isCombined(), isCombined(byClock), isCombined(BY_TWO)]).toEqual([true, true, false]);
  expect(refusal(byN(true))).toBe("none");
  expect(refusal(byN(true, byClock))).toBe("PLAN_OPTION");
});

test("Other aggregates, lateness or accumulation are another state; an early trigger may come and go.", () => {
  const fingerprint = (options: Options) => stagesOf(all(options))[0]?.fingerprint;
  expect(fingerprint({ trigger: BY_TWO })).toBe(fingerprint({}));
  expect(fingerprint({ trigger: { early: milliseconds(5) } })).toBe(fingerprint({}));
  expect(fingerprint({ trigger: DISCARDING })).not.toBe(fingerprint({}));
  expect(fingerprint({ allowedLateness: seconds(1) })).not.toBe(fingerprint({}));
  const counted: Build = (things) => ({
    sums: things.keyBy("k").window(global(), { id: "w" }).aggregate({ n: count() }),
  });
  expect(stagesOf(counted)[0]?.fingerprint).not.toBe(fingerprint({}));
});
