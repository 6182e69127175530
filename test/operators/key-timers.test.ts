import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { KeyTimers } from "../../shared/operators/key-timers.ts";
import { compareKeys } from "../../shared/state/key-order.ts";
import { Timers } from "../../shared/state/timers.ts";
import { epochMs } from "../../shared/time/time.ts";

type Key = string | number;
const anyTime = fc.integer({ min: -2, max: 2 });
const anyKey = fc.constantFrom<Key>("a", "b", 7, 10);
const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ arm: anyTime, key: anyKey }) },
  fc.record({ take: anyTime }),
  fc.record({ clear: fc.constantFrom(true, false, false, false) }),
);

describe("timers of keys", () => {
  test.prop([fc.array(anyStep, { maxLength: 40, size: "max" })])(
    "are a list of times and keys, of which each time is asked for once and taken at once, by key",
    (steps) => {
      const timers = new Timers();
      const due = new KeyTimers({ node: 3, timers });
      let list: { at: number; key: Key }[] = [];
      const at = (time: number): Key[] => [
        ...new Set(list.filter((one) => one.at === time).map(({ key }) => key)),
      ];
      for (const step of steps) {
        if ("arm" in step) {
          due.arm(epochMs(step.arm), step.key);
          list.push({ at: step.arm, key: step.key });
          expect(new Set(due.waiting(epochMs(step.arm)))).toEqual(new Set(at(step.arm)));
        } else if ("take" in step) {
          expect(due.take(epochMs(step.take))).toEqual(at(step.take).sort(compareKeys));
          list = list.filter((one) => one.at !== step.take);
        } else if (step.clear) {
          due.clear();
          list = [];
        }
        for (const time of [-2, -1, 0, 1, 2])
          expect(due.waiting(epochMs(time))).toHaveLength(at(time).length);
      }
      const asked = new Set<number>();
      for (let timer = timers.take(epochMs(9)); timer !== undefined; timer = timers.take(epochMs(9))) {
        expect([timer.node, asked.has(timer.time)]).toEqual([3, false]);
        asked.add(timer.time);
      }
      for (const one of list) expect(asked).toContain(one.at);
    },
  );
});
