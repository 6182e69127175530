import { expect, test } from "vitest";
import { type EpochMs, epochMs } from "../../shared/index.ts";
import type { ProcessContext } from "../../shared/operators/process/spec.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "./runner.ts";

type Ask = (timers: ProcessContext["timers"]) => void;

/** A process whose events ask for timers, and what of it is called. */
function runnerOf(
  ask: Ask,
  calls: { onTimer?: boolean; onProcessingTimer?: boolean; again?: Ask } = {},
): Runner {
  const { onTimer = true, onProcessingTimer = true, again } = calls;
  const called = (what: string) => (time: EpochMs, context: ProcessContext) => {
    again?.(context.timers);
    return [`${what} ${time}`];
  };
  return new Runner(
    sourceStage((all) => {
      const process = all.keyBy("k").process({
        id: "p",
        state: {},
        onEvent(_: Reading, { timers }): string[] {
          ask(timers);
          return [];
        },
        ...(onTimer && { onTimer: called("at") as never }),
        ...(onProcessingTimer && { onProcessingTimer: called("processing") as never }),
      });
      const out = process.map((row, info) => ({ row, id: info.id, key: info.key, time: info.time }));
      return { out, failed: process.failed };
    }),
  );
}
const event = { ...eventOf({ id: "e", k: "a", t: 10, n: 0 }), sentAt: 10 };

test("rows of timers have ids of their operator, key and time, and the time of the timer", () => {
  const runner = runnerOf((timers) => {
    timers.at(epochMs(12));
    timers.atProcessingTime(epochMs(12));
  });
  expect(rowsTo("out", runner.batch([event], 0))).toEqual([]);
  expect(rowsTo("out", runner.batch([{ kind: "tick", at: 12 }], 1))).toEqual([
    { row: "processing 12", id: expect.stringMatching(/^p\/a\/.*12/), key: "a", time: 10 },
  ]);
  const [row, ...others] = rowsTo("out", runner.batch([END], 2)) as { id: string }[];
  expect([row, others]).toEqual([{ row: "at 12", id: "p/a/12", key: "a", time: 12 }, []]);
});

test("a timer of each kind at one time gives rows of different ids", () => {
  const runner = runnerOf((timers) => {
    timers.at(epochMs(10));
    timers.atProcessingTime(epochMs(10));
  });
  const rows = [
    runner.batch([event], 0),
    runner.batch([{ kind: "tick", at: 10 }], 1),
    runner.batch([END], 2),
  ].flatMap((batch) => rowsTo("out", batch)) as { id: string }[];
  expect(rows).toHaveLength(2);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
});

const failures = (runner: Runner): unknown[] =>
  [[event], [{ kind: "tick", at: 50 }] as const, [END]].flatMap((batch, i) =>
    rowsTo("failed", runner.batch(batch, i)),
  );

test.each<[why: string, ask: Ask, calls: Parameters<typeof runnerOf>[1]]>([
  ["a timer is set, and there is no `onTimer`", (timers) => timers.at(epochMs(20)), { onTimer: false }],
  [
    "a timer is set, and there is no `onProcessingTimer`",
    (timers) => timers.atProcessingTime(epochMs(20)),
    { onProcessingTimer: false },
  ],
  ["a timer must be whole milliseconds, not 1.5", (timers) => timers.at(1.5 as EpochMs), {}],
  [
    "a timer must be whole milliseconds, not NaN",
    (timers) => timers.atProcessingTime(Number.NaN as EpochMs),
    {},
  ],
  [
    "the timer of 20 sets one for 20: it must be later, or would never end",
    (timers) => timers.at(epochMs(20)),
    { again: (timers) => timers.at(epochMs(20)) },
  ],
  [
    "the timer of 20 sets one for 19: it must be later, or would never end",
    (timers) => timers.atProcessingTime(epochMs(20)),
    { again: (timers) => timers.atProcessingTime(epochMs(19)) },
  ],
])("what cannot be a timer says why: %s", (why, ask, calls) => {
  expect(failures(runnerOf(ask, calls))).toMatchObject([
    { error: { code: "PROCESS_TIMER", message: `operator "p": ${why}` } },
  ]);
});

test("a timer may set one of the other kind for an earlier time, and none of its own", () => {
  const runner = runnerOf((timers) => timers.atProcessingTime(epochMs(20)), {
    again: (timers) => timers.at(epochMs(15)),
  });
  expect(failures(runner)).toMatchObject([
    {
      id: "p/a/15",
      payload: { timer: 15 },
      error: { message: expect.stringContaining("timer of 15 sets one") },
    },
  ]);
});
