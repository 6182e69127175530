import { describe, expect, test } from "vitest";
import { epochMs, listState, mapState, milliseconds as ms, valueState } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import type { PagedRunner } from "./paged-runner.ts";
import { END, eventOf, type Input, rowsTo } from "./runner.ts";
import { lackedBy, nextProcessing, nextTimer, unread } from "./unread.ts";

const calls: string[] = [];

/**
 * By the number of an event: 0 keeps its id for ever, 1 and 2 for 800 ms of event time and of processing time, 3 deletes
 * all that, 4 and 5 set timers for 50 later, 6 and 7 cancel those for 50.
 */
const stage: Stage = sourceStage((all) => {
  const out = all.keyBy("k").process({
    id: "p",
    state: {
      kept: listState<string>(),
      brief: valueState<string>({ ttl: ms(800) }),
      byClock: mapState<string, string>({ ttl: ms(800), in: "processing-time" }),
    },
    onEvent({ id, n, t }: Reading, { state, timers, processingTime }) {
      const { kept, brief, byClock } = state;
      calls.push(id);
      if (n === 0) kept.add(id);
      if (n === 1) brief.set(id);
      if (n === 2) byClock.set("x", id);
      if (n === 3) for (const one of [kept, brief, byClock]) one.clear();
      if (n === 4) timers.at(epochMs(t + 50));
      if (n === 5) timers.atProcessingTime(epochMs(processingTime + 50));
      if (n === 6) timers.cancel(epochMs(50));
      if (n === 7) timers.cancelProcessingTime(epochMs(50));
      return [`${id}: ${kept.get()} ${brief.get()} ${byClock.get("x")}`];
    },
    onTimer: (time, { key }) => [`${key} at ${time}`],
    onProcessingTimer: (time, { key }) => [`${key} by the clock at ${time}`],
  });
  return { out, failed: out.failed };
});

const event = (k: string, n: number, t = 0, sentAt = 0): Input => ({
  ...eventOf({ id: `${k}${n}`, k, t, n }),
  sentAt,
});
const tick = (at: number): Input => ({ kind: "tick", at });
const rows = (runner: PagedRunner, ...inputs: Input[]): unknown[] => rowsTo("out", runner.batch(inputs, 20));

describe("of a process whose keys lie unread", () => {
  test("a batch lacks the keys of its events, and the function is not called for them before they are there", () => {
    const runner = unread(stage, event("a", 0), event("b", 0), event("c", 0));
    calls.length = 0;
    expect(lackedBy(runner, event("b", 0))).toEqual([1]);
    expect(lackedBy(runner, event("c", 0), event("b", 0), event("c", 1))).toEqual([2, 1]);
    expect(calls).toEqual([]);
    expect(rows(runner, event("b", 1))).toEqual(["b1: b0 b1 undefined"]);
    expect(calls).toEqual(["b1"]);
    // one that was never there would be in the page before
    expect(lackedBy(runner, event("bb", 0))).toEqual([]);
    expect(lackedBy(runner, event("d", 0))).toEqual([2]);
    expect(calls).toEqual(["b1", "bb0"]);
  });

  test("a watermark lacks those with timers that it makes due, and with what is to be deleted by then", () => {
    const runner = unread(stage, event("a", 4), event("b", 1), event("c", 0), event("d", 2));
    expect(nextTimer(runner)).toBe(50);
    expect(lackedBy(runner, event("z", 9, 49))).toEqual([3]);
    expect(lackedBy(runner, event("z", 9, 50))).toEqual([3, 0]);
    expect(rows(runner, event("z", 9, 50))).toEqual(["z9:  undefined undefined", "a at 50"]);
    // what is over at 800 goes at 900
    expect(nextTimer(runner)).toBe(900);
    expect(lackedBy(runner, event("z", 9, 899))).toEqual([]);
    expect(lackedBy(runner, event("z", 9, 900))).toEqual([1]);
    expect(runner.batch([event("z", 9, 900)], 30).changes).toEqual([["p", "drop", "b", "brief", 0]]);
    expect(lackedBy(runner, END)).toEqual([]);
  });

  test("processing time lacks those with timers that it makes due, and a tick is asked for them", () => {
    const runner = unread(stage, event("a", 5), event("b", 0), event("c", 4));
    expect(nextProcessing(runner)).toBe(50);
    runner.restart();
    expect(nextProcessing(runner)).toBe(50);
    expect(lackedBy(runner, tick(49))).toEqual([]);
    for (const _ of "twice") expect(lackedBy(runner, tick(50))).toEqual([0]);
    expect(rows(runner, tick(60))).toEqual(["a by the clock at 50"]);
    runner.restart();
    expect(nextProcessing(runner)).toBeUndefined();
    expect(lackedBy(runner, tick(10_000))).toEqual([]);
  });

  test("processing time lacks those with what is to be deleted by then, and no tick is asked for them", () => {
    const runner = unread(stage, event("a", 2), event("b", 0));
    expect(nextProcessing(runner)).toBeUndefined();
    runner.restart();
    expect(nextProcessing(runner)).toBeUndefined();
    expect(lackedBy(runner, tick(899))).toEqual([]);
    for (const _ of "twice") expect(lackedBy(runner, tick(900))).toEqual([0]);
    expect(runner.batch([tick(900)], 20).changes).toEqual([["p", "drop", "a", "byClock", "x"]]);
  });

  test("what they wait for is as of when they were forgotten", () => {
    const runner = unread(stage, event("a", 2), event("a", 1), event("a", 5), event("a", 0));
    runner.batch([event("a", 3), event("a", 7), event("a", 0)], 5);
    runner.write();
    runner.fold.evict(runner.pages);
    expect(nextProcessing(runner)).toBeUndefined();
    expect(lackedBy(runner, tick(10_000))).toEqual([]);
    expect(lackedBy(runner, END)).toEqual([]);
  });

  test("one of which a timer of processing time was cancelled elsewhere is lacked at once, for the log names the next", () => {
    const [leader, follower] = [1, 2].map(() => unread(stage, event("a", 5), event("b", 5, 0, 30))) as [
      PagedRunner,
      PagedRunner,
    ];
    const cancelled = leader.batch([event("a", 7, 0, 31)], 5);
    expect(cancelled.nextProcessingTimer).toBe(80);
    follower.follow(cancelled);
    expect(lackedBy(follower, tick(32))).toEqual([0]);
    for (const one of [leader, follower]) expect(one.batch([tick(32)], 6).nextProcessingTimer).toBe(80);
    // as a snapshot has it, too
    const late = unread(stage, event("a", 5), event("b", 5, 0, 30));
    late.follow(cancelled);
    late.restart();
    expect(lackedBy(late, tick(32))).toEqual([0]);
    expect(late.batch([tick(32)], 6).nextProcessingTimer).toBe(80);
  });

  test("one of which a timer of the watermark was cancelled elsewhere is not lacked for that", () => {
    const [leader, follower] = [1, 2].map(() => unread(stage, event("a", 4))) as [PagedRunner, PagedRunner];
    follower.follow(leader.batch([event("a", 6)], 5));
    expect(lackedBy(follower, tick(32))).toEqual([]);
    for (const one of [leader, follower]) expect(rows(one, event("z", 9, 60))).toHaveLength(1);
  });

  test("after the end of the input they wait for processing time, and for nothing else", () => {
    const runner = unread(stage, event("a", 5), event("b", 0), event("c", 2), event("d", 1));
    const kept = runner.write().get("p");
    expect(runner.batch([END], 10).changes).toEqual([["p", "drop", "d", "brief", 0]]);
    runner.restart();
    expect(runner.pages).toHaveLength((kept?.length ?? 0) - 1);
    expect(nextProcessing(runner)).toBe(50);
    expect(lackedBy(runner, tick(49))).toEqual([]);
    expect(rows(runner, tick(50))).toEqual(["a by the clock at 50"]);
    expect(rows(runner, event("c", 9, 0, 60))).toEqual(["c9:  undefined c2"]);
    runner.load(runner.unread);
    expect(runner.state).toEqual([
      ["p", "put", "b", "kept", -1, 1, null],
      ["p", "put", "b", "kept", 0, "b0", null],
      ["p", "put", "c", "byClock", "x", "c2", 800],
    ]);
  });

  test("a reader of a key lacks its page, and no other", () => {
    const runner = unread(stage, event("a", 0), event("b", 0));
    runner.fold.need("p", "b");
    expect(runner.fold.missing.map((page) => runner.pages.indexOf(page))).toEqual([1]);
    runner.load(runner.fold.missing);
    expect([runner.fold.stateOf("p", "b"), runner.fold.size]).toEqual([{ kept: ["b0"] }, 2]);
    runner.fold.evict(runner.pages);
    expect([runner.fold.stateOf("p", "b"), runner.fold.size]).toEqual([{}, 0]);
  });

  test("of a state that has a time to live no more, what was written when it had is deleted all the same", () => {
    const ofTtl = (ttl: { readonly ttl?: ReturnType<typeof ms> }): Stage =>
      sourceStage((all) => ({
        out: all.keyBy("k").process({
          id: "p",
          state: { seen: valueState<string>(ttl) },
          onEvent({ id }: Reading, { state }) {
            state.seen.set(id);
            return [];
          },
        }),
      }));
    const runner = unread(ofTtl({ ttl: ms(800) }), event("a", 0), event("b", 0));
    runner.restart(ofTtl({}));
    runner.batch([event("a", 0, 10)], 5);
    expect(runner.batch([event("c", 0, 900)], 6).changes.filter(([, kind]) => kind === "drop")).toEqual([
      ["p", "drop", "b", "seen", 0],
    ]);
    expect(lackedBy(runner, END)).toEqual([]);
  });
});
