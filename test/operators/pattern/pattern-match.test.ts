import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { milliseconds as ms, type Pattern, pattern } from "../../../shared/index.ts";
import { anyReadings } from "../inputs.ts";
import { type Reading, sourceStage } from "../one-stage.ts";
import { END, eventOf, type Given, Runner, rowsTo } from "../runner.ts";
import { matchesByDefinition } from "./by-definition.ts";

const rising = pattern<Reading>()
  .begin("low", ({ n }) => n < 4)
  .followedBy("high", ({ n }, { low }) => n > (low[0]?.n ?? 0))
  .times(1, 2)
  .notFollowedBy("zero", ({ n }) => n === 0)
  .within(ms(30));

type Row = { readonly key: string; readonly match: Readonly<Record<string, readonly Reading[]>> };

const matching = <N extends string>(outOfOrder: number, found: Pattern<Reading, N>) =>
  new Runner(
    sourceStage(
      (readings) => {
        const out = readings.keyBy("k").match(found, { id: "m", skip: "skipToNext" });
        return { out, late: out.late, cut: out.timeouts, failed: out.failed };
      },
      { outOfOrder },
    ),
  );

const all = (runner: Runner, readings: readonly Reading[]): Given[] =>
  [...readings.map(eventOf), END].map((input, i) => runner.batch([input], i));

const idsOf = ({ match }: Row): string =>
  Object.values(match)
    .flatMap((taken) => taken.map(({ id }) => id))
    .join(" ");

describe("a pattern", () => {
  test.prop([anyReadings, fc.nat({ max: 30 })])(
    "is found in each key's events by event time, whatever the order in which they come; what is too late is told",
    (readings, outOfOrder) => {
      const runner = matching(outOfOrder, rising);
      const given = all(runner, readings);
      const late: Reading[] = [];
      let newest = Number.NEGATIVE_INFINITY;
      for (const reading of readings) {
        if (reading.t < newest - outOfOrder) late.push(reading);
        newest = Math.max(newest, reading.t);
      }
      expect(given.flatMap((one) => rowsTo("late", one))).toEqual(late);
      for (const key of ["a", "b", "c"]) {
        const events = readings
          .filter((one) => one.k === key && !late.includes(one))
          .map((value) => ({ time: value.t, value }))
          .sort((a, b) => a.time - b.time);
        const spec = { pattern: rising.spec, skip: "skipToNext" as const, most: 10_000 };
        const ids = (names: string[]): string[] =>
          names.map((name) =>
            name
              .split(" ")
              .map((at) => events[Number(at.split(":")[1])]?.value.id)
              .join(" "),
          );
        const rows = (table: string) =>
          given
            .flatMap((one) => rowsTo(table, one) as Row[])
            .filter((row) => row.key === key)
            .map(idsOf);
        const defined = matchesByDefinition(spec, events);
        expect(rows("out")).toEqual(ids(defined.matches));
        expect(rows("cut")).toEqual(ids(defined.cut));
      }
      expect(runner.fold.size).toBe(0);
    },
  );

  const reading = (id: string, t: number, n: number): Reading => ({ id, k: "a", t, n });

  test("leaves out an event on which a condition throws, as if it had not come", () => {
    const fragile = pattern<Reading>()
      .begin("one", ({ n }) => n === 1)
      .next("two", ({ n }) => {
        if (n === 7) throw new RangeError("seven");
        return n === 2;
      })
      .within(ms(100));
    const given = all(matching(0, fragile), [
      reading("a", 1, 1),
      reading("b", 2, 7),
      reading("c", 3, 7),
      reading("d", 4, 2),
    ]);
    expect(given.flatMap((one) => rowsTo("out", one) as Row[]).map(idsOf)).toEqual(["a d"]);
    const failed = given.flatMap((one) => rowsTo("failed", one)) as { id: string; payload: Reading }[];
    expect(failed.map(({ payload }) => payload.id)).toEqual(["b", "c"]);
    expect(new Set(failed.map(({ id }) => id)).size).toBe(2);
  });

  test("fails the event that would make more matches under way than a key may have", () => {
    const every = pattern<Reading>()
      .begin("first", () => true)
      .followedBy("never", () => false)
      .within(ms(100));
    const stage = sourceStage((readings) => {
      const out = readings.keyBy("k").match(every, { id: "m", maxRuns: 2 });
      return { out, failed: out.failed };
    });
    const given = all(
      new Runner(stage),
      [1, 2, 3, 4].map((t) => reading(`e${t}`, t, 0)),
    );
    expect(given.flatMap((one) => rowsTo("failed", one))).toMatchObject([
      {
        error: {
          code: "PATTERN_RUNS",
          message: expect.stringContaining('key "a" would have 3 matches under way, and 2'),
        },
      },
      { payload: { id: "e4" } },
    ]);
  });

  test("gives a match of what did not happen at the end of its time", () => {
    const silence = pattern<Reading>()
      .begin("up", ({ n }) => n === 1)
      .notFollowedBy("down", ({ n }) => n === 0)
      .within(ms(10));
    const given = all(matching(0, silence), [
      reading("a", 1, 1),
      reading("b", 5, 0),
      reading("c", 20, 1),
      reading("d", 31, 5),
    ]);
    expect(given.map((one) => (rowsTo("out", one) as Row[]).map(idsOf))).toEqual([[], [], [], ["c"], []]);
  });
});
