import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Timers } from "../../shared/state/timers.ts";
import { epochMs } from "../../shared/time/time.ts";

/** Few, so that several operators ask for the same, again and again. */
const anyTime = fc.integer({ min: -4, max: 4 });
const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ arm: anyTime, node: fc.nat({ max: 3 }) }) },
  fc.record({ takeAt: anyTime }),
);

describe("timers", () => {
  test.prop([fc.array(anyStep, { maxLength: 80, size: "max" })], { numRuns: 300 })(
    "are what a sorted list without repeats is",
    (steps) => {
      const timers = new Timers();
      let list: { time: number; node: number }[] = [];
      for (const step of steps) {
        if ("arm" in step) {
          timers.arm(step.node, epochMs(step.arm));
          if (!list.some(({ time, node }) => time === step.arm && node === step.node))
            list.push({ time: step.arm, node: step.node });
          list.sort((a, b) => a.time - b.time || a.node - b.node);
        } else {
          const due = list[0] !== undefined && list[0].time <= step.takeAt ? list[0] : undefined;
          expect(timers.take(epochMs(step.takeAt))).toEqual(due);
          if (due !== undefined) list = list.slice(1);
        }
        expect(timers.next).toBe(list[0]?.time);
        expect(timers.first).toEqual(list[0]);
      }
    },
  );

  test("come in their order, the last that was set too, though it goes below others", () => {
    const timers = new Timers();
    for (const time of [1, 2, 3, 20, 21, 4]) timers.arm(0, epochMs(time));
    const taken = Array.from({ length: 6 }, () => timers.take(epochMs(99))?.time);
    expect(taken).toEqual([1, 2, 3, 4, 20, 21]);
  });

  test("one that was taken can be set again; none is left once all are cleared", () => {
    const timers = new Timers();
    timers.arm(1, epochMs(5));
    expect(timers.take(epochMs(5))).toEqual({ time: 5, node: 1 });
    timers.arm(1, epochMs(5));
    expect(timers.next).toBe(5);
    timers.clear();
    expect([timers.next, timers.take(epochMs(9))]).toEqual([undefined, undefined]);
    timers.arm(1, epochMs(5));
    expect([timers.take(epochMs(9)), timers.take(epochMs(9))]).toEqual([{ time: 5, node: 1 }, undefined]);
  });
});
