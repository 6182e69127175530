import { describe, expect, test } from "vitest";
import { epochMs, milliseconds as ms } from "../../../shared/index.ts";
import { type PaceLogic, paceLogic, type Taken } from "../../../shared/operators/pace/pace-logic.ts";
import type { PaceSpec } from "../../../shared/operators/pace/spec.ts";
import { BEGINNING_OF_TIME } from "../../../shared/time/time.ts";

/** Takes events at these times, one after the other; their values are their numbers. What each made, and what is kept. */
function taken(spec: PaceSpec, times: readonly number[], watermark: number = BEGINNING_OF_TIME) {
  const logic = paceLogic(spec) as PaceLogic<unknown>;
  let state: unknown;
  const steps = times.map((time, n): Taken<unknown> => {
    const step = logic.take(state, epochMs(time), n, watermark as never);
    state = step.state;
    return step;
  });
  return { logic, state, steps, passes: steps.map(({ passes }) => passes) };
}

describe("a throttle", () => {
  const spec: PaceSpec = { by: "throttle", most: 2, per: ms(10) };

  test("lets so many events of each span pass, in whatever order the spans come", () => {
    const times = [20, 21, 29, 30, 10, 22, 19, 11];
    const { passes, state, logic } = taken(spec, times);
    expect(passes).toEqual([true, true, false, true, true, false, true, false]);
    expect(state).toEqual([
      [10, 2],
      [20, 2],
      [30, 1],
    ]);
    expect(logic.next(state as never)).toBe(20);
  });

  test("forgets a span as the watermark reaches its end, and counts what comes for it then as late", () => {
    const { logic, state } = taken(spec, [5, 15]);
    expect(logic.due(state as never, epochMs(9))).toEqual({ state, gives: [] });
    expect(logic.due(state as never, epochMs(10))).toEqual({ state: [[10, 1]], gives: [] });
    expect(logic.due(state as never, epochMs(20))).toEqual({ state: undefined, gives: [] });
    expect([9, 10].map((watermark) => logic.isLate(epochMs(0), epochMs(watermark)))).toEqual([false, true]);
    expect(logic.keepsEvents).toBe(false);
  });
});

describe("a debounce", () => {
  const spec: PaceSpec = { by: "debounce", quiet: ms(10) };

  test("joins events that are less than its quiet time apart, and no others", () => {
    expect(taken(spec, [0, 9, 18]).state).toEqual([[0, 18, 2]]);
    expect(taken(spec, [0, 10]).state).toEqual([
      [0, 0, 0],
      [10, 10, 1],
    ]);
    expect(taken(spec, [10, 0]).state).toEqual([
      [0, 0, 1],
      [10, 10, 0],
    ]);
  });

  test("has the last event by time stand for a burst, of equal times the one that came last", () => {
    expect(taken(spec, [5, 0]).state).toEqual([[0, 5, 0]]);
    expect(taken(spec, [5, 5]).state).toEqual([[5, 5, 1]]);
  });

  test("joins two bursts by an event between them", () => {
    expect(taken(spec, [30, 0, 15, 8, 22]).state).toEqual([[0, 30, 0]]);
  });

  test("gives a burst once it was quiet for so long, the earlier one first", () => {
    const { logic, state } = taken(spec, [40, 0, 20]);
    expect(logic.next(state as never)).toBe(10);
    expect(logic.due(state as never, epochMs(9)).gives).toEqual([]);
    expect(logic.due(state as never, epochMs(10))).toEqual({
      state: [
        [20, 20, 2],
        [40, 40, 0],
      ],
      gives: [1],
    });
    expect(logic.due(state as never, epochMs(50))).toEqual({ state: undefined, gives: [1, 2, 0] });
    expect([9, 10].map((watermark) => logic.isLate(epochMs(0), epochMs(watermark)))).toEqual([false, true]);
    expect(logic.keepsEvents).toBe(true);
  });
});

describe("a sample", () => {
  const spec = (take: "first" | "last"): PaceSpec => ({ by: "sample", every: ms(10), take });

  test("is the first event of a span by time, of equal times the one that came first", () => {
    expect(taken(spec("first"), [5, 5, 7]).state).toEqual([[0, 5, 0]]);
    expect(taken(spec("first"), [5, 7, 3]).state).toEqual([[0, 3, 2]]);
  });

  test("is the last event of a span by time, of equal times the one that came last", () => {
    expect(taken(spec("last"), [5, 5, 3]).state).toEqual([[0, 5, 1]]);
    expect(taken(spec("last"), [5, 7, 6]).state).toEqual([[0, 7, 1]]);
  });

  test("is given as the watermark reaches the end of its span, the earlier span first", () => {
    const { logic, state } = taken(spec("first"), [25, 5, 15]);
    expect(logic.next(state as never)).toBe(10);
    expect(logic.due(state as never, epochMs(9))).toEqual({ state, gives: [] });
    expect(logic.due(state as never, epochMs(20))).toEqual({ state: [[20, 25, 0]], gives: [1, 2] });
    expect([9, 10].map((watermark) => logic.isLate(epochMs(5), epochMs(watermark)))).toEqual([false, true]);
    expect(logic.keepsEvents).toBe(true);
  });
});

describe("a batch", () => {
  const spec: PaceSpec = { by: "batch", size: 3, within: ms(10) };

  test("is given when it is full", () => {
    const { steps, state } = taken(spec, [0, 1, 2, 3]);
    expect(steps.map(({ gives }) => gives)).toEqual([[], [], [[0, 1, 2]], []]);
    expect(state).toEqual({ until: 13, values: [3] });
  });

  test("is over by its time before an event of that time joins the next one", () => {
    const { steps, state } = taken(spec, [0, 9, 10]);
    expect(steps.map(({ gives }) => gives)).toEqual([[], [], [[0, 1]]]);
    expect(state).toEqual({ until: 20, values: [2] });
    expect(taken({ ...spec, size: 1 }, [0]).steps).toEqual([{ state: undefined, gives: [[0]] }]);
  });

  test("waits as long after a late event as after any other, and nothing is late for it", () => {
    const { logic, state } = taken(spec, [0], 100);
    expect(state).toEqual({ until: 110, values: [0] });
    expect(logic.next(state as never)).toBe(110);
    expect(logic.due(state as never, epochMs(109))).toEqual({ state, gives: [] });
    expect(logic.due(state as never, epochMs(110))).toEqual({ state: undefined, gives: [[0]] });
    expect(logic.isLate(epochMs(0), epochMs(100))).toBe(false);
    expect(logic.keepsEvents).toBe(true);
  });
});
