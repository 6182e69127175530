import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type KeyedFlow, milliseconds as ms } from "../../../shared/index.ts";
import type { PaceSpec } from "../../../shared/operators/pace/spec.ts";
import { anyReadings } from "../inputs.ts";
import { type Reading, sourceStage } from "../one-stage.ts";
import { END, eventOf, Runner, rowsTo, timedRowsTo } from "../runner.ts";
import { pacedByDefinition } from "./by-definition.ts";

type Readings = KeyedFlow<string, Reading>;

function outputs(flow: Readings, pace: PaceSpec) {
  const id = "p";
  switch (pace.by) {
    case "throttle": {
      const out = flow.throttle({ id, most: pace.most, per: pace.per });
      return { out, late: out.late, excess: out.excess };
    }
    case "debounce": {
      const out = flow.debounce({ id, quiet: pace.quiet });
      return { out, late: out.late };
    }
    case "sample": {
      const out = flow.sample({ id, every: pace.every, take: pace.take });
      return { out, late: out.late };
    }
    case "batch":
      return { out: flow.batch({ id, size: pace.size, within: pace.within }) };
  }
}

const runnerOf = (pace: PaceSpec, outOfOrder: number): Runner =>
  new Runner(sourceStage((readings) => outputs(readings.keyBy("k"), pace), { outOfOrder }));

const nameOf = (row: unknown): string => {
  const { id, values } = row as { id?: string; values?: readonly Reading[] };
  return id ?? (values ?? []).map((one) => one.id).join("+");
};

const anySpan = fc.integer({ min: 1, max: 30 }).map((n) => ms(n));
const paces: Readonly<Record<PaceSpec["by"], fc.Arbitrary<PaceSpec>>> = {
  throttle: fc.record({ by: fc.constant("throttle"), most: fc.integer({ min: 1, max: 3 }), per: anySpan }),
  debounce: fc.record({ by: fc.constant("debounce"), quiet: anySpan }),
  sample: fc.record({ by: fc.constant("sample"), every: anySpan, take: fc.constantFrom("first", "last") }),
  batch: fc.record({ by: fc.constant("batch"), size: fc.integer({ min: 1, max: 5 }), within: anySpan }),
};

describe.each(Object.entries(paces))("%s", (_, anyPace) => {
  test.prop([anyPace, anyReadings, fc.nat({ max: 30 })])(
    "gives what its definition says, in its order, and keeps nothing in the end",
    (pace, readings, outOfOrder) => {
      const runner = runnerOf(pace, outOfOrder);
      const given = [...readings.map(eventOf), END].map((input, i) => runner.batch([input], i));
      const named = (table: string): string[] => given.flatMap((one) => rowsTo(table, one)).map(nameOf);
      expect({ out: named("out"), late: named("late"), excess: named("excess") }).toEqual(
        pacedByDefinition(pace, readings, outOfOrder),
      );
      expect(runner.fold.size).toBe(0);
    },
  );
});

const reading = (id: string, k: string, t: number): Reading => ({ id, k, t, n: 0 });

test("what passes keeps its time, and what waited has the last one before the watermark", () => {
  const times = (pace: PaceSpec): unknown[] => {
    const runner = runnerOf(pace, 0);
    const given = [eventOf(reading("x", "a", 3)), eventOf(reading("y", "b", 27))].map((input, i) =>
      runner.batch([input], i),
    );
    return given.flatMap((one) => timedRowsTo("out", one)).map(([, time, row]) => [nameOf(row), time]);
  };
  expect(times({ by: "throttle", most: 1, per: ms(10) })).toEqual([
    ["x", 3],
    ["y", 27],
  ]);
  expect(times({ by: "debounce", quiet: ms(10) })).toEqual([["x", 12]]);
  expect(times({ by: "sample", every: ms(20), take: "last" })).toEqual([["x", 19]]);
  expect(times({ by: "batch", size: 9, within: ms(10) })).toEqual([["x", 12]]);
});
