import { describe, expect, test } from "vitest";
import { count, type DurationMs, milliseconds as ms, session, tumbling } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Trigger } from "../../shared/operators/trigger.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { PagedRunner } from "./paged-runner.ts";
import { END, eventOf, type Input, rowsTo } from "./runner.ts";
import { lackedBy, nextProcessing, nextTimer, unread } from "./unread.ts";

/** Told its watermark by one upstream partition. */
const behind = (stage: Stage): Stage => ({
  ...stage,
  input: { kind: "internal", upstreams: [{ stage: "up", partitions: 1 }] },
});

const windows = (lateness = 0, trigger: Trigger<Reading> = {}): Stage =>
  behind(
    sourceStage((all) => ({
      out: all
        .keyBy("k")
        .window(tumbling(ms(10)), { id: "w", allowedLateness: ms(lateness) as DurationMs, trigger })
        .aggregate({ n: count() }),
    })),
  );

const row = (k: string, t: number): Input => ({
  kind: "row",
  channel: "up/0",
  row: { id: `${k}${t}`, k, t, n: 0 },
});
const watermark = (at: number): Input => ({ kind: "watermark", channel: "up/0", at });

const four = [row("a", 1), row("b", 1), row("a", 11), row("b", 11)];

describe("of pages that lie unread", () => {
  test("a batch lacks those of the places that it needs, again until they are read", () => {
    const runner = unread(windows(), ...four);
    expect(lackedBy(runner, row("a", 12))).toEqual([2]);
    expect(lackedBy(runner, row("a", 12), row("b", 2), row("a", 13))).toEqual([2, 1]);
    // what stands nowhere yet would stand in the page before
    expect(lackedBy(runner, row("c", 2))).toEqual([1]);
    runner.load(runner.pages.slice(2, 3));
    expect(runner.pages.map(({ resident }) => resident)).toEqual([false, false, true, false]);
    expect(lackedBy(runner, row("a", 12))).toEqual([]);
    expect(runner.batch([row("a", 12)], 4).changes).toEqual([["w", "put", 10, "a", [2], 0, 2]]);
  });

  test("a watermark lacks those that wait for it, however often it is tried", () => {
    const runner = unread(windows(), ...four);
    expect(lackedBy(runner, watermark(9))).toEqual([]);
    expect(lackedBy(runner, watermark(10))).toEqual([0, 1]);
    expect(lackedBy(runner, watermark(10), watermark(20))).toEqual([0, 1, 2, 3]);
    expect(lackedBy(runner, watermark(20))).toEqual([0, 1, 2, 3]);
    runner.batch([watermark(9)], 4);
    expect(lackedBy(runner, watermark(10))).toEqual([0, 1]);
    expect(rowsTo("out", runner.batch([watermark(10)], 5))).toMatchObject([
      { key: "a", window: { start: 0 } },
      { key: "b", window: { start: 0 } },
    ]);
    expect(lackedBy(runner, watermark(20))).toEqual([2, 3]);
  });

  test("the first that is due is a time that the log names", () => {
    const runner = unread(windows(), ...four);
    expect(nextTimer(runner)).toBe(10);
    runner.restart();
    expect(nextTimer(runner)).toBe(10);
    runner.batch([watermark(10)], 4);
    expect(nextTimer(runner)).toBe(20);
    runner.batch([watermark(20)], 5);
    expect(nextTimer(runner)).toBeUndefined();
  });

  test("stream time lacks those with early panes that it makes due", () => {
    const runner = new PagedRunner(windows(0, { early: ms(4) }), 1);
    runner.batch([row("z", 10), row("a", 1)], 0);
    runner.write();
    runner.fold.evict(runner.pages.slice(0, 1));
    expect(lackedBy(runner, row("z", 11))).toEqual([]);
    expect(lackedBy(runner, row("z", 12))).toEqual([0]);
    expect(lackedBy(runner, row("z", 12))).toEqual([0]);
    runner.batch([row("z", 11)], 2);
    expect(rowsTo("out", runner.batch([row("z", 12)], 3))).toMatchObject([
      { key: "a", n: 1, pane: { timing: "early" } },
      { key: "z", n: 3 },
    ]);
    // what has no new events waits for no stream time
    runner.write();
    runner.fold.evict(runner.pages.slice(0, 1));
    expect(lackedBy(runner, row("z", 18))).toEqual([]);
  });

  test("processing time lacks those with early panes that it makes due, and a tick is asked for them", () => {
    const stage = windows(0, { early: { processingTime: ms(4) } });
    const runner = new PagedRunner(stage, 1);
    const sent = (k: string, t: number, sentAt: number): Input => ({ ...row(k, t), sentAt });
    runner.batch([sent("z", 1, 10), sent("a", 1, 10)], 0);
    runner.restart();
    runner.load(runner.pages.slice(1, 2));
    expect(nextProcessing(runner)).toBe(12);
    expect(lackedBy(runner, sent("z", 2, 11))).toEqual([]);
    expect(lackedBy(runner, sent("z", 2, 12))).toEqual([0]);
    expect(lackedBy(runner, sent("z", 2, 12))).toEqual([0]);
    expect(rowsTo("out", runner.batch([{ kind: "tick", at: 13 }], 2))).toMatchObject([
      { key: "a", n: 1, pane: { timing: "early" } },
      { key: "z", n: 1, pane: { timing: "early" } },
    ]);
    // what has no new events waits for no time
    runner.restart();
    expect(nextProcessing(runner)).toBeUndefined();
    expect(lackedBy(runner, sent("b", 2, 100))).toEqual([0]);
    expect(lackedBy(runner, { kind: "tick", at: 100 })).toEqual([]);
  });

  test("those that code wrote which did not go by processing time are lacked at once, to see what waits in them", () => {
    const [other, runner] = [new PagedRunner(windows(), 1), new PagedRunner(windows(), 1)];
    for (const one of [other, runner]) one.batch([row("a", 1), row("b", 11)], 0);
    runner.restart(windows(0, { early: { processingTime: ms(4) } }));
    // a change of the log says nothing of what stood there before
    runner.follow(other.batch([row("b", 11)], 1));
    expect(runner.unread).toHaveLength(2);
    expect(lackedBy(runner, { kind: "tick", at: 2 })).toEqual([0, 1]);
    expect(rowsTo("out", runner.batch([{ kind: "tick", at: 2 }], 2))).toEqual([]);
    expect(nextProcessing(runner)).toBe(4);
    expect(rowsTo("out", runner.batch([{ kind: "tick", at: 4 }], 3))).toMatchObject([
      { key: "a", n: 1, pane: { timing: "early" } },
      { key: "b", n: 2, pane: { timing: "early" } },
    ]);
  });

  test("those of which something is over by the watermark ask for no tick that finds nothing to do", () => {
    const stage = windows(5, { early: { processingTime: ms(100) } });
    const [leader, follower] = [new PagedRunner(stage, 1), new PagedRunner(stage, 1)];
    const begun = leader.batch([row("a", 1)], 0);
    follower.follow(begun);
    follower.write();
    follower.fold.evict(follower.pages);
    expect([begun.nextProcessingTimer, nextProcessing(follower)]).toEqual([100, 100]);
    const over = leader.batch([watermark(10)], 1);
    expect(over.nextProcessingTimer).toBeUndefined();
    follower.follow(over);
    const quiet: Input = { kind: "tick", at: 50 };
    expect(lackedBy(follower, quiet)).toEqual([0]);
    for (const one of [leader, follower]) expect(one.batch([quiet], 2).nextProcessingTimer).toBeUndefined();
  });

  test("a reader of a key lacks those that may hold it, in whatever window", () => {
    const runner = unread(windows(), ...four);
    const lackedFor = (operator: string, key: string): number[] => {
      runner.fold.need(operator, key);
      const lacked = runner.fold.missing.map((page) => runner.pages.indexOf(page));
      runner.fold.rollback();
      return lacked;
    };
    expect(lackedFor("w", "a")).toEqual([0, 2]);
    expect(lackedFor("w", "b")).toEqual([1, 3]);
    expect(lackedFor("nobody", "a")).toEqual([]);
    runner.fold.need("w", "b");
    runner.load(runner.fold.missing);
    expect(runner.fold.missing).toEqual([]);
    expect(runner.fold.stateOf("w", "b")).toEqual([
      { key: "b", n: 1, window: { start: 0, end: 10 } },
      { key: "b", n: 1, window: { start: 10, end: 20 } },
    ]);
    runner.load(runner.unread);
    expect(lackedFor("w", "a")).toEqual([]);
    expect(runner.fold.stateOf("w", "c")).toEqual([]);
    expect(runner.fold.stateOf("nobody", "a")).toBeUndefined();
  });

  test("those whose time has passed are dropped without being read, by whoever takes the watermark", () => {
    const stage = windows(5);
    const [leader, follower, restarted] = [1, 2, 3].map(() => new PagedRunner(stage, 1)) as [
      PagedRunner,
      PagedRunner,
      PagedRunner,
    ];
    for (const given of [leader.batch([row("a", 1)], 0), leader.batch([watermark(10)], 1)])
      for (const other of [follower, restarted]) other.follow(given);
    for (const runner of [leader, follower]) {
      runner.write();
      runner.fold.evict(runner.pages);
    }
    restarted.restart();
    for (const runner of [leader, follower, restarted]) {
      expect([runner.fold.size, runner.fold.openWindows]).toEqual([0, 1]);
      expect(lackedBy(runner, watermark(15))).toEqual([]);
      expect(runner.batch([watermark(15)], 2).changes).toEqual([["w", "drop", 0]]);
      expect([runner.fold.size, runner.fold.openWindows]).toEqual([0, 0]);
      runner.load(runner.unread);
      expect(runner.state).toEqual([]);
      expect(runner.write().get("w")).toEqual([]);
    }
  });

  test("changes that come from the log wait at those, and what they make due is known", () => {
    const stage = windows();
    const [leader, follower] = [unread(stage, row("a", 1)), unread(stage, row("a", 1))];
    leader.load(leader.unread);
    const [one, other] = [leader.batch([row("a", 2)], 1), leader.batch([row("b", 31)], 2)];
    for (const given of [one, other]) follower.follow(given);
    const [page] = follower.pages;
    expect(page?.pending).toEqual([...one.changes, ...other.changes]);
    expect(page?.summary).toEqual({ due: 10, streamDue: Infinity, until: 40, marks: [0, 30], count: 3 });
    expect(follower.state).toEqual([]);
    expect(lackedBy(follower, watermark(10))).toEqual([0]);
    follower.load(follower.unread);
    expect(page?.pending).toEqual([]);
    expect(follower.state).toEqual(leader.state);
    // they are no part of its blocks yet
    follower.write();
    follower.fold.evict(follower.pages);
    follower.load(follower.unread);
    expect(follower.state).toEqual(leader.state);
  });

  test("one that is in memory is not read over", () => {
    const runner = unread(windows(), row("a", 1));
    const pages = runner.pages;
    runner.load(pages);
    runner.batch([row("a", 2)], 1);
    runner.load(pages);
    expect(runner.state).toEqual([["w", "put", 0, "a", [2], 0, 2]]);
  });

  test("forgotten ones say what they wait for as of then", () => {
    const runner = unread(windows(5), row("a", 1));
    expect(runner.pages[0]?.summary).toMatchObject({ due: 10, until: 15, marks: [0], count: 1 });
    runner.batch([watermark(10)], 1);
    runner.write();
    runner.fold.evict(runner.pages);
    expect(runner.pages[0]?.summary).toMatchObject({ due: Infinity, until: 15, marks: [0], count: 1 });
    expect(lackedBy(runner, watermark(14))).toEqual([]);
  });

  test("those of sessions wait for their ends, and for when they go", () => {
    const stage = behind(
      sourceStage((all) => ({
        out: all
          .keyBy("k")
          .window(session(ms(5)), { id: "w", allowedLateness: ms(3) })
          .aggregate({ n: count() }),
      })),
    );
    const runner = unread(stage, row("a", 1), row("b", 4));
    expect(runner.fold.openWindows).toBe(2);
    expect(lackedBy(runner, row("a", 9))).toEqual([0]);
    expect(lackedBy(runner, watermark(6))).toEqual([]);
    expect(lackedBy(runner, watermark(7))).toEqual([0]);
    expect(lackedBy(runner, watermark(10))).toEqual([0, 1]);
    runner.batch([watermark(7)], 2);
    runner.write();
    runner.fold.evict(runner.pages);
    expect(lackedBy(runner, watermark(9))).toEqual([]);
    expect(runner.batch([watermark(10)], 3).changes).toEqual([
      ["w", "drop", "a", 1],
      ["w", "put", "b", 4, 9, [1], 1, 0],
    ]);
  });

  test("those of ids wait for nothing, not even the end", () => {
    const runner = unread(
      sourceStage((all) => ({ out: all.dedupe({ id: "d", by: "k", within: ms(80) }) })),
      ...["a", "b"].map((k) => eventOf({ id: k, k, t: 1, n: 0 })),
    );
    expect(nextTimer(runner)).toBe(90);
    expect(lackedBy(runner, eventOf({ id: "2", k: "b", t: 5, n: 0 }))).toEqual([1]);
    expect(runner.batch([eventOf({ id: "2", k: "b", t: 5, n: 0 })], 2).counts).toMatchObject({
      duplicates: 1,
    });
    expect(lackedBy(runner, END)).toEqual([]);
    expect(runner.batch([END], 3).changes).toEqual([["d", "drop", 90]]);
  });
});
