import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type KeyedFlow, milliseconds as ms } from "../../../shared/index.ts";
import type { PaceSpec } from "../../../shared/operators/pace/spec.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { byReference, foldedByEngine } from "../../reference/both-ways.ts";
import { anySourceInputs } from "../inputs.ts";
import { type Reading, sourceStage } from "../one-stage.ts";
import { END, eventOf, Runner, rowsTo, timedRowsTo } from "../runner.ts";

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

const stageOf = (pace: PaceSpec, outOfOrder: number): Stage =>
  sourceStage((readings) => outputs(readings.keyBy("k"), pace), { outOfOrder });

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
  test.prop([anyPace, anySourceInputs, fc.integer({ min: 1, max: 12 }), fc.nat({ max: 30 })])(
    "gives what the reference says, in its order, and keeps nothing in the end",
    (pace, inputs, size, outOfOrder) => {
      const stage = stageOf(pace, outOfOrder);
      const all = [...inputs, END];
      const { gave, fold } = foldedByEngine(stage, all, size);
      expect(gave).toEqual(byReference(stage, all));
      expect(fold.size).toBe(0);
    },
  );
});

const reading = (id: string, k: string, t: number): Reading => ({ id, k, t, n: 0 });

test("what passes keeps its time, and what waited has the last one before the watermark", () => {
  const times = (pace: PaceSpec): unknown[] => {
    const runner = new Runner(stageOf(pace, 0));
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

test("a throttle, which keeps no events, lets pass what no log could keep", () => {
  const stage = sourceStage((readings) => {
    const unkept = readings.keyBy("k").map((one) => ({ ...one, later: () => one.id }));
    const few = unkept.throttle({ id: "p", most: 1, per: ms(10) });
    const calm = unkept.debounce({ id: "q", quiet: ms(10) });
    return { few: few.map(({ id, later }) => ({ id: `${id}${later()}` })), calm, failed: calm.failed };
  });
  const inputs = [eventOf(reading("x", "a", 3)), eventOf(reading("y", "a", 4))];
  const runner = new Runner(stage);
  // as after a batch whose state no log could keep
  runner.fold.rollback(true);
  const given = runner.batch(inputs, 0);
  expect(rowsTo("few", given)).toEqual([{ id: "xx" }]);
  expect(rowsTo("failed", given)).toHaveLength(2);
  expect(byReference(stage, inputs).rows).toMatchObject({ "p.lake-few": [[0, "a", 3, { id: "xx" }]] });
});
