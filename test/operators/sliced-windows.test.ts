import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  avg,
  count,
  first,
  hopping,
  last,
  max,
  milliseconds as ms,
  session,
  sum,
  tumbling,
} from "../../shared/index.ts";
import { canBeSliced } from "../../shared/operators/sliced-windows.ts";
import type { WindowOptions } from "../../shared/operators/spec.ts";
import { anyReadings } from "./inputs.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "./runner.ts";

const aggregates = {
  n: count<Reading>(),
  top: max<Reading>("n"),
  old: first<Reading, "id">("id"),
  new: last<Reading, "id">("id"),
};
const sliced = hopping(ms(24), ms(8));
/** As an operator has them, which knows no types. */
const untyped = (some: unknown): WindowOptions["aggregates"] => some as WindowOptions["aggregates"];
const options: WindowOptions = { aggregates: untyped(aggregates), allowedLateness: ms(0), trigger: {} };

type Row = { readonly key: string; readonly window: { readonly start: number; readonly end: number } };

/** Each window of each key, looked at when the watermark has reached its end, over a list of all events that came in time. */
function byDefinition(size: number, slide: number, outOfOrder: number, readings: readonly Reading[]) {
  const taken: Reading[] = [];
  const late: string[] = [];
  const starts = [...new Set(readings.flatMap(({ t }) => Array.from({ length: size }, (_, i) => t - i)))]
    .filter((start) => Number.isInteger(start / slide))
    .sort((a, b) => a - b);
  let watermark = Number.NEGATIVE_INFINITY;
  const reach = (to: number): unknown[] => {
    const rows: unknown[] = [];
    for (const start of starts.filter((one) => watermark < one + size && one + size <= to))
      for (const k of ["a", "b", "c"]) {
        const mine = taken.filter((one) => one.k === k && start <= one.t && one.t < start + size);
        if (mine.length === 0) continue;
        const times = mine.map(({ t }) => t);
        rows.push({
          n: mine.length,
          top: Math.max(...mine.map(({ n }) => n)),
          old: mine.find(({ t }) => t === Math.min(...times))?.id,
          new: mine.findLast(({ t }) => t === Math.max(...times))?.id,
          key: k,
          window: { start, end: start + size },
          pane: { index: 0, timing: "on-time" },
        });
      }
    watermark = Math.max(watermark, to);
    return rows;
  };
  const steps = readings.map((reading) => {
    const newest = Math.floor(reading.t / slide) * slide;
    if (newest + size <= watermark) late.push(reading.id);
    else taken.push(reading);
    return reach(reading.t - outOfOrder);
  });
  return { steps: [...steps, reach(Number.POSITIVE_INFINITY)], late };
}

describe("hopping windows of slices", () => {
  test.prop([
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 2, max: 5 }),
    fc.nat({ max: 25 }),
    anyReadings,
  ])(
    "give the rows of their definition, event by event, by window and key",
    (slide, times, outOfOrder, readings) => {
      const size = slide * times;
      const stage = sourceStage(
        (all) => {
          const out = all
            .keyBy("k")
            .window(hopping(ms(size), ms(slide)), { id: "w" })
            .aggregate(aggregates);
          return { out, late: out.late };
        },
        { outOfOrder },
      );
      const runner = new Runner(stage);
      const given = [...readings.map(eventOf), END].map((input, i) => runner.batch([input], i));
      const expected = byDefinition(size, slide, outOfOrder, readings);
      expect(given.map((one) => rowsTo("out", one))).toEqual(expected.steps);
      expect(given.flatMap((one) => rowsTo("late", one)).map((one) => (one as Reading).id)).toEqual(
        expected.late,
      );
      expect(runner.fold.size).toBe(0);
      expect(runner.fold.seal().nextTimer).toBeUndefined();
    },
  );

  test("keep a cell for each key and slide, however many windows those are in", () => {
    const stage = sourceStage((all) => ({
      out: all.keyBy("k").window(sliced, { id: "w" }).aggregate({ n: count() }),
    }));
    const runner = new Runner(stage);
    const read = (id: string, k: string, t: number): Reading => ({ id, k, t, n: 0 });
    const first = runner.batch(
      [read("1", "b", 9), read("2", "a", 9), read("3", "a", 15), read("4", "a", 16)].map(eventOf),
      0,
    );
    expect(first.changes).toEqual([
      ["w", "put", 8, "b", [1], 1],
      ["w", "put", 8, "a", [2], 2],
      ["w", "put", 16, "a", [1], 1],
    ]);
    expect(runner.state).toEqual([
      ["w", "put", 8, "a", [2], 2],
      ["w", "put", 8, "b", [1], 1],
      ["w", "put", 16, "a", [1], 1],
    ]);
    expect(runner.fold.size).toBe(3);
    // the windows that end at 16 and 24 have been shown, and that from 8 to 32 is the last of the first slice
    expect(runner.batch([eventOf(read("5", "a", 32))], 4).changes).toEqual([
      ["w", "put", 32, "a", [1], 1],
      ["w", "drop", 8],
    ]);
    const rows = runner.fold.stateOf("w", "a") as Row[];
    expect(rows.map(({ window }) => [window.start, window.end])).toEqual([
      [16, 40],
      [24, 48],
      [32, 56],
    ]);
  });

  test("fail, where the fold is careful, the event of which no log keeps what was picked", () => {
    const stage = sourceStage((all) => {
      const picked = first<Reading, unknown>(({ id, n }) => (n === 1 ? () => id : id));
      const out = all.keyBy("k").window(sliced, { id: "w" }).aggregate({ n: count(), picked });
      return { out, failed: out.failed };
    });
    const runner = new Runner(stage);
    const events = [0, 1, 0].map((n, i) => eventOf({ id: `e${i}`, k: "a", t: 3 - i, n }));
    runner.take(events, 0);
    runner.fold.rollback(true);
    const given = runner.batch(events, 0);
    expect(given.changes).toEqual([["w", "put", 0, "a", [2, { time: 1, value: "e2" }], 2]]);
    expect(rowsTo("failed", given)).toMatchObject([
      { payload: { id: "e1" }, error: { code: "VALUE_UNSUPPORTED" } },
    ]);
  });

  const byEvents = { early: { events: 3 } };
  test.each<[string, Parameters<typeof canBeSliced>, boolean]>([
    ["hopping, of whole slides", [sliced, options], true],
    ["tumbling", [tumbling(ms(8)), options], false],
    ["sessions", [session(ms(8)), options], false],
    ["as far apart as they are long", [hopping(ms(8), ms(8)), options], false],
    ["hopping, not of whole slides", [hopping(ms(25), ms(8)), options], false],
    ["with lateness", [sliced, { ...options, allowedLateness: ms(1) }], false],
    ["with early panes", [sliced, { ...options, trigger: byEvents }], false],
    ["discarding", [sliced, { ...options, trigger: { accumulation: "discarding" } }], true],
    [
      "with one aggregate that is not divisible",
      [sliced, { ...options, aggregates: untyped({ ...aggregates, mean: avg<Reading>("n") }) }],
      false,
    ],
    [
      "with none that is divisible",
      [sliced, { ...options, aggregates: untyped({ sum: sum<Reading>("n") }) }],
      false,
    ],
  ])("are what %s are: %s", (_, [window, of], expected) => {
    expect(canBeSliced(window, of)).toBe(expected);
  });
});
