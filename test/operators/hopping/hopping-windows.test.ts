import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { avg, hopping, milliseconds as ms, sum, tumbling } from "../../../shared/index.ts";
import { areMany } from "../../../shared/operators/hopping/hopping-windows.ts";
import type { Change } from "../../../shared/state/change.ts";
import { anyReadings } from "../inputs.ts";
import { type Reading, sourceStage } from "../one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "../runner.ts";

const read = (id: string, k: string, t: number, n: number) => eventOf({ id, k, t, n });
const summed = (size: number, slide: number, outOfOrder = 0) =>
  sourceStage(
    (all) => ({
      out: all
        .keyBy("k")
        .window(hopping(ms(size), ms(slide)), { id: "w" })
        .aggregate({ sum: sum(({ n }: Reading) => n / 10), mean: avg("n") }),
    }),
    { outOfOrder },
  );

describe("hopping windows in rows", () => {
  test.prop([
    fc.integer({ min: 3, max: 150 }),
    fc.integer({ min: 1, max: 7 }),
    fc.nat({ max: 30 }),
    anyReadings,
  ])(
    "sum up doubles in the order in which events came, in each window for itself",
    (times, slide, outOfOrder, readings) => {
      const size = times * slide - (slide - 1);
      fc.pre(areMany({ size: ms(size), slide: ms(slide) }));
      const runner = new Runner(summed(size, slide, outOfOrder));
      const rows = [...readings.map(eventOf), END].flatMap((input, i) =>
        rowsTo("out", runner.batch([input], i)),
      ) as { sum: number; mean: number; key: string; window: { start: number; end: number } }[];
      let watermark = Number.NEGATIVE_INFINITY;
      const taken = readings.map((one) => {
        const before = watermark;
        watermark = Math.max(watermark, one.t - outOfOrder);
        return { ...one, before };
      });
      for (const { key, window, sum: total, mean } of rows) {
        const mine = taken.filter(
          ({ k, t, before }) => k === key && window.start <= t && t < window.end && before < window.end,
        );
        expect(total).toBe(mine.reduce((so, { n }) => so + n / 10, 0));
        expect(mean).toBe(mine.reduce((so, { n }) => so + n, 0) / mine.length);
      }
    },
  );

  /** As builds wrote it that had a cell for each key and window in memory. */
  const written: readonly Change[] = [
    ["w", "put", -4, "a", [0.1, { sum: 1, count: 1 }], 0, 1],
    ["w", "put", -2, "a", [0.1, { sum: 1, count: 1 }], 0, 1],
    ["w", "put", -2, "b", [0.2, { sum: 2, count: 1 }], 0, 1],
    ["w", "put", 0, "a", [0.1, { sum: 1, count: 1 }], 0, 1],
    ["w", "put", 0, "b", [0.2, { sum: 2, count: 1 }], 0, 1],
    ["w", "put", 2, "b", [0.2, { sum: 2, count: 1 }], 0, 1],
  ];

  test("write a change for each window that a batch touched, and for each that it closed", () => {
    const runner = new Runner(summed(6, 2));
    const events = [read("1", "a", 1, 1), read("2", "b", 3, 2)];
    const first = runner.batch(events, 0);
    expect(first.changes.toSorted(byPlace)).toEqual([["w", "drop", -4], ...written.slice(1)]);
    const second = runner.batch([read("3", "a", 4, 3)], 2);
    expect(second.changes.toSorted(byPlace)).toEqual([
      ["w", "drop", -2],
      ["w", "put", 0, "a", [0.4, { sum: 4, count: 2 }], 0, 2],
      ["w", "put", 2, "a", [0.3, { sum: 3, count: 1 }], 0, 1],
      ["w", "put", 4, "a", [0.3, { sum: 3, count: 1 }], 0, 1],
    ]);
  });

  test("go on from what was written for each window", () => {
    const runner = new Runner(summed(6, 2));
    runner.fold.apply(written);
    runner.fold.resume(
      { ...runner.fold.time(), watermark: 1 as never, streamTime: 1 as never },
      runner.fold.sealed.counts,
    );
    expect(runner.state).toEqual(written);
    const given = runner.batch([END], 0);
    expect(rowsTo("out", given)).toMatchObject([
      { key: "a", window: { start: -4 }, sum: 0.1 },
      { key: "a", window: { start: -2 }, sum: 0.1 },
      { key: "b", window: { start: -2 }, sum: 0.2 },
      { key: "a", window: { start: 0 } },
      { key: "b", window: { start: 0 } },
      { key: "b", window: { start: 2 }, mean: 2 },
    ]);
  });

  test.each([
    [hopping(ms(6), ms(2)), true],
    [hopping(ms(5), ms(2)), true],
    [hopping(ms(4), ms(2)), false],
    [hopping(ms(3), ms(2)), false],
    [{ ...tumbling(ms(2)), slide: ms(2) }, false],
  ])("are what an event is in more than two of: %j", (window, expected) => {
    expect(areMany(window)).toBe(expected);
  });
});

/** By window and key; a window that closed before what is in it. */
function byPlace([, , startA, keyA = ""]: Change, [, , startB, keyB = ""]: Change): number {
  return (startA as number) - (startB as number) || ((keyA as string) < (keyB as string) ? -1 : 1);
}
