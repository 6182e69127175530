import { describe, expect, test } from "vitest";
import type { Head } from "../../../functions/aws/heads.ts";
import { type Heads, stagesToRead, ticksFor } from "../../../functions/clock/ticks.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs, epochMs } from "../../../shared/time/time.ts";
import { stages, stagesIn } from "./fixture.ts";

const NOW = epochMs(1_000_000);
const [byPage = ""] = stagesIn("by-page");
const [byUser = "", byUserWindows = ""] = stagesIn("by-user");
const [started = "", startedWindows = ""] = stagesIn("started");
const [steadily = ""] = stagesIn("steadily");
const [alone = ""] = stagesIn("alone");

const [alarms = ""] = stagesIn("alarms");
const [shown = ""] = stagesIn("shown");

const head = (watermark: number, rest: Partial<Head> = {}): Head => ({
  watermark: watermark as EpochMs,
  nextTimer: undefined,
  owes: false,
  ...rest,
});
const timer = { nextTimer: epochMs(5_000_000) };
const heads = (...entries: readonly [string, (Head | undefined)[]][]): Heads => new Map(entries);
const ticked = (given: Heads): string[] =>
  ticksFor(stages, given, NOW).map(({ stream, partition }) => `${stream}/${partition}`);

test("heads are read of stages whose partitions may get a tick, and of those that wait for them", () => {
  expect(stagesToRead(stages).map(({ id }) => id)).toEqual([
    byPage,
    byUser,
    byUserWindows,
    started,
    startedWindows,
    steadily,
    alarms,
    shown,
  ]);
});

describe("a partition of an idle stream", () => {
  test("gets a tick while it has a timer", () => {
    expect(ticked(heads([byPage, [head(100, timer), head(100)]]))).toEqual(["visits/0"]);
  });

  test("gets a tick while a stage behind it has a timer, whichever partition", () => {
    const given = heads([byUser, [head(100), head(200)]], [byUserWindows, [undefined, head(100, timer)]]);
    expect(ticked(given)).toEqual(["visits/0", "visits/1"]);
  });

  test("gets none where nothing waits for it", () => {
    expect(ticked(heads([byPage, [head(100)]], [byUser, [head(100)]], [byUserWindows, [head(100)]]))).toEqual(
      [],
    );
  });

  test("gets none where its watermark is as far as a tick may move it", () => {
    expect(ticked(heads([byPage, [head(990_000, timer), head(989_999, timer)]]))).toEqual(["visits/1"]);
  });

  test("gets none once its input has ended", () => {
    expect(ticked(heads([byPage, [head(END_OF_TIME, timer)]]))).toEqual([]);
  });

  test("gets one tick where two stages wait for it", () => {
    const waiting = [head(100, timer)];
    expect(ticked(heads([byPage, waiting], [byUser, waiting]))).toEqual(["visits/0"]);
  });

  test("that never had an event gets ticks only where the policy says when it starts", () => {
    const never = [undefined, head(BEGINNING_OF_TIME)];
    const open = [head(BEGINNING_OF_TIME, timer)];
    expect(ticked(heads([byUser, never], [byUserWindows, open]))).toEqual([]);
    expect(ticked(heads([started, never], [startedWindows, open]))).toEqual(["starting/0", "starting/1"]);
  });
});

describe("a partition that owes its watermark to another stage", () => {
  const owing = head(100, { owes: true });

  test("gets a tick, also where its stream has no idle policy", () => {
    expect(ticked(heads([steadily, [owing, head(100, timer)]]))).toEqual(["steady/0"]);
  });

  test("gets one even when its input has ended", () => {
    expect(ticked(heads([steadily, [head(END_OF_TIME, { owes: true })]]))).toEqual(["steady/0"]);
  });
});

describe("a partition with timers, or early panes, of processing time", () => {
  const due = (at: number) => ({ nextProcessingTimer: epochMs(at) });

  test("gets a tick once the time of one has come, and none before", () => {
    for (const stage of [alarms, shown])
      expect(ticked(heads([stage, [head(100, due(1_000_001)), head(100, due(1_000_000))]]))).toEqual([
        "steady/1",
      ]);
  });

  test("gets one even when its input has ended, or when it never had a watermark", () => {
    expect(ticked(heads([alarms, [head(END_OF_TIME, due(5)), head(BEGINNING_OF_TIME, due(5))]]))).toEqual([
      "steady/0",
      "steady/1",
    ]);
  });

  test("gets it through the stream between stages where it has one", () => {
    expect(ticked(heads([byUserWindows, [head(100, due(5))]]))).toEqual([`${byUserWindows}/0`]);
  });
});

test("a timer of a stream without idle policy makes no tick: none could move its watermark", () => {
  expect(ticked(heads([alone, [head(100, timer), undefined]]))).toEqual([]);
});
