import { describe, expect, test } from "vitest";
import { type EpochMs, epochMs, milliseconds as ms, tumbling, valueState } from "../../shared/index.ts";
import type { ProcessContext } from "../../shared/operators/process/spec.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, type Input, Runner, rowsTo, timedRowsTo } from "./runner.ts";

const at = (sentAt: number, n: number, t = 0, k = "a"): Input => ({
  ...eventOf({ id: `e${n}`, k, t, n }),
  sentAt,
});
const tick = (time: number): Input => ({ kind: "tick", at: time });

type Timers = ProcessContext["timers"];

/** Asks for a call `n` after the event's processing time; `n` of 0 cancels one for 20. */
const asking = (onCall: (time: EpochMs, context: ProcessContext) => unknown[] = (time) => [time]): Runner =>
  new Runner(
    sourceStage((all) => {
      const out = all.keyBy("k").process({
        id: "p",
        state: {},
        onEvent({ n }: Reading, { timers, processingTime }) {
          if (n === 0) timers.cancelProcessingTime(epochMs(20));
          else timers.atProcessingTime(epochMs(processingTime + n));
          return [] as unknown[];
        },
        onProcessingTimer: onCall as never,
      });
      return { out, failed: out.failed };
    }),
  );

const given = (runner: Runner, ...inputs: readonly Input[]): unknown[] =>
  inputs.map((input, i) => rowsTo("out", runner.batch([input], i)));

describe("a timer of processing time", () => {
  test("is called with the first record that was sent at or after its time, whatever that record is", () => {
    expect(given(asking(), at(10, 5), at(14, 100), tick(15), at(30, 100))).toEqual([[], [], [15], []]);
    expect(given(asking(), at(10, 5), at(40, 100), tick(50))).toEqual([[], [15], []]);
  });

  test("is not called again, or earlier, by a clock that is behind", () => {
    expect(given(asking(), at(100, 5), at(20, 100), tick(50), tick(105), tick(1))).toEqual([
      ...[[], [], [], [105], []],
    ]);
  });

  test("for a time that has passed is called with the next record, though that was sent earlier", () => {
    expect(given(asking(), at(100, -7), at(20, 1_000), tick(21))).toEqual([[], [93], []]);
  });

  test("fires in the order of times, and may ask for later ones, which fire with it", () => {
    const runner = asking((time, { timers, key }) => {
      if (time < 40) timers.atProcessingTime(epochMs(time + 10));
      return [`${key}${time}`];
    });
    runner.batch([at(0, 15, 0, "b"), at(0, 5, 0, "a")], 0);
    expect(given(runner, tick(31))).toEqual([["a5", "a15", "b15", "a25", "b25"]]);
  });

  test("stays where the input ends: time does not end with it", () => {
    const runner = asking();
    expect(given(runner, at(0, 5), { ...END, sentAt: 4 }, tick(5))).toEqual([[], [], [5]]);
  });

  test("gives rows that are not late, with the time of the watermark or of the call that set it", () => {
    const runner = asking();
    const times = [at(0, 5, 50), at(1, 100, 70), tick(6), at(7, 3, 90), tick(11)].map((input, i) =>
      timedRowsTo("out", runner.batch([input], i)).map(([, time]) => time),
    );
    expect(times).toEqual([[], [], [70], [], [90]]);
  });

  test("counts in windows behind it as of then", () => {
    const runner = new Runner(
      sourceStage((all) => {
        const rows = all.keyBy("k").process({
          id: "p",
          state: {},
          onEvent: (_event, { timers, processingTime }) => {
            timers.atProcessingTime(epochMs(processingTime + 5));
          },
          onProcessingTimer: () => [1],
        });
        const out = rows.window(tumbling(ms(10)), { id: "w" }).aggregate({});
        return { out, late: out.late };
      }),
    );
    const rows = [at(0, 1, 8), at(5, 1, 25)].flatMap((input, i) => rowsTo("out", runner.batch([input], i)));
    expect(rows).toMatchObject([{ window: { start: 0, end: 10 } }]);
  });

  test("asks for a tick until it is called or cancelled, and for none after that", () => {
    const runner = asking();
    const next = (...inputs: readonly Input[]): unknown => {
      runner.batch(inputs, 0);
      return runner.fold.seal().nextProcessingTimer;
    };
    expect(next(at(0, 20), at(0, 50))).toBe(20);
    expect(next(at(1, 0))).toBe(50);
    expect(next(at(1, 19), at(1, 19, 0, "b"))).toBe(20);
    expect(next(at(1, 0))).toBe(20);
    expect(next(at(1, 0, 0, "b"))).toBe(50);
    expect(next(tick(50))).toBeUndefined();
    expect(runner.fold.size).toBe(0);
  });

  test.each<[string, (timers: Timers) => void]>([
    ["no whole number", (timers) => timers.atProcessingTime(epochMs(20.5))],
    ["no later than the one at hand", (timers) => timers.atProcessingTime(epochMs(5))],
    ["of a process that has no `onTimer`", (timers) => timers.at(epochMs(50))],
  ])("fails where its call sets one that is %s", (_, set) => {
    const runner = asking((_time, { timers }) => {
      set(timers);
      return ["given"];
    });
    runner.batch([at(0, 5)], 0);
    const { outputs } = runner.batch([tick(5)], 1);
    expect(outputs).toMatchObject({
      failed: [{ error: { code: "PROCESS_TIMER" }, payload: { key: "a", processingTimer: 5 } }],
    });
    expect(runner.fold.size).toBe(0);
  });
});

test("a state in processing time is gone once something comes that was sent so long after, and is then deleted", () => {
  const runner = new Runner(
    sourceStage((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: {
          last: valueState<number>({ ttl: ms(800), in: "processing-time" }),
          brief: valueState<number>({ ttl: ms(800) }),
        },
        onEvent({ n }, { state }) {
          const last = state.last.get() ?? "none";
          if (n > 0) state.last.set(n);
          if (n === 1) state.brief.set(n);
          return [last];
        },
      }),
    })),
  );
  // event time goes on by a day, which is nothing to it
  const day = 86_400_000;
  expect(given(runner, at(0, 1), at(799, 0, day), at(800, 0), at(900, 2, day), at(5, 3))).toEqual([
    ...[["none"], [1], ["none"], ["none"], [2]],
  ]);
  expect(runner.fold.size).toBe(1);
  runner.batch([at(1_700, 0, day, "b")], 9);
  expect(runner.fold.size).toBe(1);
  runner.batch([at(1_800, 0, day, "b")], 10);
  expect(runner.fold.size).toBe(0);
});
