import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { count, epochMs, milliseconds, tumbling } from "../../shared/index.ts";
import { Fold } from "../../shared/operators/fold.ts";
import { idleWatermark } from "../../shared/operators/idle.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { START_OF_TIME, type TimeState } from "../../shared/operators/time-state.ts";
import { anyReadings } from "./inputs.ts";
import { sourceStage } from "./one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "./runner.ts";

const ms = milliseconds;
const passing = sourceStage((all) => ({ out: all }), { outOfOrder: 7 });

describe("the watermark of a source", () => {
  test.prop([anyReadings])(
    "follows the highest event time, out-of-orderness behind, from event to event",
    (readings) => {
      const runner = new Runner(passing);
      for (const [i, reading] of readings.entries()) {
        runner.batch([eventOf(reading)], i);
        expect(runner.fold.watermark).toBe(Math.max(...readings.slice(0, i + 1).map(({ t }) => t)) - 7);
      }
      runner.batch([END], readings.length);
      expect(runner.fold.watermark).toBe(Number.POSITIVE_INFINITY);
    },
  );
});

describe("the watermark behind a shuffle", () => {
  const stage: Stage = {
    ...passing,
    input: {
      kind: "internal",
      upstreams: [
        { stage: "a", partitions: 2 },
        { stage: "b", partitions: 1 },
      ],
    },
  };
  const channels = ["a/0", "a/1", "b/0"];
  const anyTold = fc.array(fc.tuple(fc.constantFrom(...channels), fc.integer({ min: -50, max: 50 })), {
    maxLength: 30,
  });

  test.prop([anyTold])("is the least that all upstream partitions have told, and never goes back", (told) => {
    const fold = new Fold(stage, { codeVersion: "c" });
    for (const [i, [channel, watermark]] of told.entries()) {
      fold.channelWatermark(channel, epochMs(watermark));
      const highest = channels.map((each) =>
        Math.max(
          -Infinity,
          ...told
            .slice(0, i + 1)
            .filter(([of]) => of === each)
            .map(([, at]) => at),
        ),
      );
      expect(fold.watermark).toBe(Math.min(...highest));
    }
  });
});

describe("timers", () => {
  test.prop([anyReadings])(
    "fire in time order, whatever operators set them, and all before the next event",
    (readings) => {
      const fired: number[] = [];
      const stage = sourceStage((all) => {
        const windowed = (size: number) =>
          all
            .keyBy("k")
            .window(tumbling(ms(size)), { id: `w${size}` })
            .aggregate({ n: count() })
            .map((row) => {
              fired.push(row.window.end);
              return row;
            });
        return { a: windowed(7), b: windowed(3), c: windowed(10) };
      });
      const runner = new Runner(stage);
      for (const [i, reading] of [...readings.map(eventOf), END].entries()) {
        fired.length = 0;
        const before = runner.fold.watermark;
        runner.batch([reading], i);
        expect(fired).toEqual(fired.toSorted((a, b) => a - b));
        for (const end of fired) {
          expect(end).toBeGreaterThan(before);
          expect(end).toBeLessThanOrEqual(runner.fold.watermark);
        }
      }
    },
  );

  test("what a window gives at its end is on time for the windows behind it", () => {
    const stage = sourceStage((all) => {
      const seconds = all
        .keyBy("k")
        .window(tumbling(ms(10)), { id: "small" })
        .aggregate({ n: count() });
      const minutes = seconds
        .window(tumbling(ms(20)), { id: "large" })
        .aggregate({ windows: count(), n: count((r) => r.n > 0) });
      return { out: minutes, late: minutes.late };
    });
    const given = new Runner(stage).batch(
      [...[1, 11, 12, 25, 90].map((t) => eventOf({ id: `${t}`, k: "a", t, n: 1 })), END],
      0,
    );
    expect(rowsTo("late", given)).toEqual([]);
    expect(rowsTo("out", given)).toMatchObject([
      { window: { start: 0 }, windows: 2, pane: { timing: "on-time" } },
      { window: { start: 20 }, windows: 1 },
      { window: { start: 80 }, windows: 1 },
    ]);
  });
});

describe("an idle source", () => {
  const idle = { threshold: ms(100), stepInterval: ms(50), incrementBy: ms(20), initSourceDelay: ms(500) };
  const state = (rest: Partial<Record<keyof TimeState, number>>): TimeState =>
    ({ ...START_OF_TIME, ...rest }) as TimeState;
  const step = (time: TimeState, tick: number, policy: Partial<typeof idle> = idle) =>
    idleWatermark(
      { threshold: idle.threshold, incrementBy: idle.incrementBy, ...policy },
      ms(10),
      time,
      epochMs(tick),
    );
  const had = { streamTime: 1_000, watermark: 990, lastEventAt: 2_000 };

  test("waits for its threshold, then steps each interval by the increment", () => {
    expect(step(state(had), 2_099)).toBeUndefined();
    expect(step(state(had), 2_100)).toBe(1_010);
    expect(step(state({ ...had, watermark: 1_010, lastStepAt: 2_100 }), 2_149)).toBeUndefined();
    expect(step(state({ ...had, watermark: 1_010, lastStepAt: 2_100 }), 2_150)).toBe(1_030);
  });

  test("never goes beyond the tick's time less the out-of-orderness", () => {
    expect(step(state({ ...had, watermark: 2_085 }), 2_100)).toBe(2_090);
    expect(step(state({ ...had, watermark: 2_090 }), 2_100)).toBeUndefined();
  });

  test("that never had an event starts after its first tick and the delay, and only where the policy says so", () => {
    expect(step(state({ firstTickAt: 3_000 }), 3_499)).toBeUndefined();
    expect(step(state({ firstTickAt: 3_000 }), 3_500)).toBe(2_990);
    expect(step(state({ firstTickAt: 3_000 }), 9_999, {})).toBeUndefined();
    expect(step(state({ firstTickAt: 3_000, watermark: 2_990, lastStepAt: 3_500 }), 3_550)).toBe(3_010);
  });

  test.prop([
    fc.array(
      fc.oneof(
        fc.nat({ max: 60 }).map((by) => ({ by, tick: true })),
        fc.nat({ max: 300 }).map((by) => ({ by, tick: false })),
      ),
      { maxLength: 60 },
    ),
  ])(
    "moves its watermark by ticks alone only while it is idle, never back, and gives its windows their ends",
    (steps) => {
      const runner = new Runner(
        sourceStage(
          (all) => ({
            out: all
              .keyBy("k")
              .window(tumbling(ms(10)), { id: "w" })
              .aggregate({ n: count() }),
          }),
          { outOfOrder: 10, idle },
        ),
      );
      let now = 10_000;
      let lastEvent = -Infinity;
      for (const [i, { by, tick }] of steps.entries()) {
        now += by;
        const before = runner.fold.watermark;
        if (tick) runner.batch([{ kind: "tick", at: now }], i);
        else {
          runner.fold.record(`shard:${i}`, epochMs(now));
          runner.fold.active();
          runner.fold.event(`e${i}`, epochMs(now - 3), "a", {}, 10);
          runner.fold.seal();
          runner.fold.keep();
          lastEvent = now;
        }
        const { watermark } = runner.fold;
        expect(watermark).toBeGreaterThanOrEqual(before);
        if (tick && watermark > before) {
          if (lastEvent > -Infinity) expect(now - lastEvent).toBeGreaterThanOrEqual(100);
          expect(watermark).toBeLessThanOrEqual(now - 10);
        }
        expect(runner.fold.size === 0 || (runner.fold.seal().nextTimer ?? 0) > watermark).toBe(true);
      }
    },
  );
});
