import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { milliseconds } from "../../shared/index.ts";
import { anyReadings } from "./inputs.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "./runner.ts";

const WITHIN = 24;
const OUT_OF_ORDER = 10;
const stage = sourceStage(
  (all) => ({ out: all.dedupe({ id: "d", by: "n", within: milliseconds(WITHIN) }) }),
  {
    outOfOrder: OUT_OF_ORDER,
  },
);

/** Whether each reading passed, and how many ids were held after it. */
function run(readings: readonly Reading[]): { passed: boolean; held: number }[] {
  const runner = new Runner(stage);
  return readings.map((reading, i) => {
    const given = runner.batch([eventOf(reading)], i);
    return { passed: rowsTo("out", given).length === 1, held: runner.fold.size };
  });
}

/** The highest time up to and with each reading. */
const streamTimes = (readings: readonly Reading[]): number[] =>
  readings.map((_, i) => Math.max(...readings.slice(0, i + 1).map(({ t }) => t)));

describe("dedupe", () => {
  test.prop([anyReadings], { numRuns: 200 })(
    "passes the first of each id, drops repeats for as long as it says, and no repeat of what it forgot",
    (readings) => {
      const times = streamTimes(readings);
      const results = run(readings);
      const passedAt = new Map<number, number>();
      for (const [i, { n }] of readings.entries()) {
        const before = passedAt.get(n);
        const now = times[i - 1] ?? -Infinity;
        if (before === undefined) expect(results[i]?.passed).toBe(true);
        else {
          const since = now - OUT_OF_ORDER - (times[before] ?? 0);
          if (since < WITHIN) expect(results[i]?.passed).toBe(false);
          if (since > WITHIN + WITHIN / 8) expect(results[i]?.passed).toBe(true);
        }
        if (results[i]?.passed) passedAt.set(n, i);
      }
    },
  );

  test("counts what it drops and lets its state go", () => {
    const runner = new Runner(stage);
    const readings = [0, 0, 1, 1, 1].map((n, t) => ({ id: `e${t}`, k: "a", t, n }));
    expect(runner.batch(readings.map(eventOf), 0).counts.duplicates).toBe(3);
    expect(runner.fold.size).toBe(2);
    runner.batch([eventOf({ id: "later", k: "a", t: 100, n: 9 })], 5);
    expect(runner.fold.size).toBe(1);
    runner.batch([END], 6);
    expect(runner.fold.size).toBe(0);
  });

  test("tells repeats by the event's own id where nothing is said", () => {
    const byId = sourceStage((all) => ({ out: all.dedupe({ id: "d", within: milliseconds(5) }) }));
    const given = new Runner(byId).batch(
      ["a", "b", "a"].map((id, n) => eventOf({ id, k: "k", t: 0, n })),
      0,
    );
    expect(rowsTo("out", given)).toMatchObject([{ id: "a" }, { id: "b" }]);
  });

  test("still knows, after a recovery, an id that was forgotten and remembered anew in one entry", () => {
    const at = (t: number, n: number): Reading => ({ id: `${t}`, k: "a", t, n });
    const first = [at(0, 1), at(50, 2), at(51, 1)].map(eventOf);
    const warm = new Runner(stage);
    const entry = warm.batch(first, 0);
    const cold = new Runner(stage);
    cold.recover([entry]);
    const repeat = [eventOf(at(52, 1))];
    expect(rowsTo("out", warm.batch(repeat, 3))).toEqual([]);
    expect(rowsTo("out", cold.batch(repeat, 3))).toEqual([]);
  });
});
