import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { lake, milliseconds } from "../../../shared/index.ts";
import { flights, planOf } from "../../plan/flights-app.ts";
import { anyReadings } from "../inputs.ts";
import { type Reading, sourceStage } from "../one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "../runner.ts";

const WITHIN = 24;
const OUT_OF_ORDER = 10;
const stageOf = (errorRate: number, capacity: number) =>
  sourceStage(
    (all) => ({
      out: all.dedupe({
        id: "d",
        by: "n",
        within: milliseconds(WITHIN),
        approximate: { errorRate, capacity },
      }),
    }),
    { outOfOrder: OUT_OF_ORDER },
  );

test("an id that is none fails its event, and leaves the others", () => {
  const stage = sourceStage((all) => {
    const approximate = { errorRate: 0.01, capacity: 2 };
    const out = all.dedupe({
      id: "d",
      by: ({ n }) => (n === 1 ? (null as never) : n),
      within: milliseconds(9),
      approximate,
    });
    return { out, failed: out.failed };
  });
  const events = [0, 1, 2, 3, 0].map((n, i) => eventOf({ id: `e${i}`, k: "a", t: 0, n }));
  const given = new Runner(stage).batch(events, 0);
  expect(rowsTo("out", given).map((one) => (one as Reading).n)).toEqual([0, 2]);
  expect(rowsTo("failed", given)).toMatchObject([
    { payload: { id: "e1" }, error: { code: "KEY_TYPE" } },
    {
      payload: { id: "e3" },
      error: {
        code: "DEDUPE_FULL",
        message: 'operator "d" remembers 2 ids, as many as it may: give it a larger capacity',
      },
    },
  ]);
});

const at = (t: number, n: number): Reading => ({ id: `${t}`, k: "a", t, n });

describe("an approximate dedupe", () => {
  test.prop([anyReadings, fc.constantFrom(0.4, 0.01), fc.constantFrom(4, 1_000)], { numRuns: 200 })(
    "lets no repeat pass for as long as it says, and forgets ids soon after",
    (readings, errorRate, capacity) => {
      const runner = new Runner(stageOf(errorRate, capacity));
      const passedAt = new Map<number, number>();
      let streamTime = -Infinity;
      for (const [i, reading] of readings.entries()) {
        const passed = rowsTo("out", runner.batch([eventOf(reading)], i)).length === 1;
        const before = passedAt.get(reading.n);
        if (before !== undefined && streamTime - OUT_OF_ORDER - before < WITHIN) expect(passed).toBe(false);
        streamTime = Math.max(streamTime, reading.t);
        if (passed) passedAt.set(reading.n, streamTime);
        const held = [...passedAt.values()].filter(
          (time) => streamTime - OUT_OF_ORDER - time <= WITHIN + WITHIN / 4,
        );
        expect(runner.fold.size).toBeLessThanOrEqual(held.length);
        expect(runner.fold.size).toBeLessThanOrEqual(capacity);
      }
      runner.batch([END], readings.length);
      expect(runner.fold.size).toBe(0);
    },
  );

  test.each([
    ["evenly", (i: number) => Math.floor(i / 45)],
    ["all at one time", (i: number) => 100 * Math.floor(i / 2_000)],
  ])("drops no more first events than it says, where ids come %s", (_, timeOf) => {
    const runner = new Runner(stageOf(0.05, 2_000));
    const ids = Array.from({ length: 20_000 }, (_, i) => at(timeOf(i), i));
    let counts = { duplicates: 0, failed: 0 };
    for (let i = 0; i < ids.length; i += 1_000)
      counts = runner.batch(ids.slice(i, i + 1_000).map(eventOf), i).counts;
    expect(counts.failed).toBe(0);
    expect(counts.duplicates).toBeGreaterThan(0);
    expect(counts.duplicates).toBeLessThan(ids.length * 0.05);
  });

  test("fails what it may not remember, and lets it pass once there is room", () => {
    const runner = new Runner(stageOf(0.001, 2));
    const given = runner.batch([at(0, 1), at(0, 2), at(0, 3)].map(eventOf), 0);
    expect(rowsTo("out", given)).toHaveLength(2);
    expect(given.outputs).toMatchObject({ failed: [{ payload: { n: 3 }, error: { code: "DEDUPE_FULL" } }] });
    expect(rowsTo("out", runner.batch([at(90, 4), at(90, 3)].map(eventOf), 3))).toMatchObject([{ n: 3 }]);
  });

  test("logs eight bytes of each new id, and nothing of a filter", () => {
    const runner = new Runner(stageOf(0.001, 100_000));
    runner.batch([at(0, 1), at(0, 2)].map(eventOf), 0);
    const { changes } = runner.batch([at(0, 1), at(0, 3), at(1, 4)].map(eventOf), 2);
    expect(changes).toEqual([["d", "put", expect.any(Number), expect.objectContaining({ length: 16 })]]);
  });

  test.each<[string, number, number, string]>([
    ["no errors", 0, 10, "errorRate must be above 0"],
    ["all to be errors", 1, 10, "below 1"],
    ["what is no rate", Number.NaN, 10, "errorRate"],
    ["no ids", 0.01, 0, "capacity must be a whole number from 1"],
    ["more than memory holds", 1e-9, 200_000_000, "may have 67108864"],
    ["a rate beyond numbers", 1e-300, 1e15, "may have 67108864"],
  ])("that allows %s is refused", (_, errorRate, capacity, sentence) => {
    const approximate = { errorRate, capacity };
    expect(() =>
      planOf((p) =>
        p
          .from(flights)
          .dedupe({ id: "d", within: milliseconds(5), approximate })
          .to(lake("l")),
      ),
    ).toThrow(expect.objectContaining({ code: "PLAN_OPTION", message: expect.stringContaining(sentence) }));
  });
});
