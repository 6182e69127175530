import { expect, test } from "vitest";
import { valueState } from "../../../shared/index.ts";
import { type Build, failures, given, NOON } from "./given.ts";
import { at, is, open, row } from "./process-builds.ts";

/** The first event sets the given timers, as milliseconds from noon; each timer tells itself and sets those of `then`. */
const timed =
  (first: readonly number[], then: (fired: number) => readonly number[] = () => []): Build =>
  (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: { begun: valueState<true>() },
      onEvent(_, { state, timers }) {
        if (state.begun.get()) return [];
        state.begun.set(true);
        for (const ms of first) timers.at(at(ms));
        return [];
      },
      onTimer(time, { key, timers }) {
        for (const ms of then(time - NOON)) timers.at(at(ms));
        return [{ is: `${key} ${time - NOON}` }];
      },
    }),
  });

test("A timer calls `onTimer` once the watermark has reached it; one for a time that has passed, with the next step of the watermark.", async () => {
  expect(is(await given([row(0), row(999)], timed([1_000]), open))).toEqual([]);
  expect(is(await given([row(0), row(1_000)], timed([1_000]), open))).toEqual(["a 1000"]);
  const passed = timed([-5_000]);
  const events = [row(0, 1, "b"), row(0), row(0), row(1)];
  expect(is(await given(events.slice(0, 3), passed, open))).toEqual(["b -5000"]);
  expect(is(await given(events, passed, open))).toEqual(["b -5000", "a -5000"]);
});

test("There is one timer per key and time, however often it is asked for, and none once it is cancelled.", async () => {
  expect(is(await given([row(0)], timed([10, 10, 20])))).toEqual(["a 10", "a 20"]);
  const cancelled = await given([row(0), row(5, 2)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: {},
      onEvent({ n }, { timers }) {
        if (n === 2) timers.cancel(at(10));
        else for (const ms of [10, 20]) timers.at(at(ms));
        return [];
      },
      onTimer: (time) => [{ is: `${time - NOON}` }],
    }),
  }));
  expect(is(cancelled)).toEqual(["20"]);
});

test("In `onTimer` a new timer must be later.", async () => {
  const events = [row(0), row(5_000)];
  const next = timed([1_000], (fired) => (fired < 3_000 ? [fired + 1_000] : []));
  expect(is(await given(events, next))).toEqual(["a 1000", "a 2000", "a 3000"]);
  const same = await given(
    events,
    timed([1_000], (fired) => [fired]),
  );
  expect([is(same), failures(same)]).toEqual([[], ["f PROCESS_TIMER"]]);
});

test("Timers fire in the order of their times, those of one time in the order of keys.", async () => {
  const events = [row(0, 1, "b"), row(0, 1, "a"), row(0, 1, "c")];
  expect(is(await given(events, timed([20, 10])))).toEqual(["a 10", "b 10", "c 10", "a 20", "b 20", "c 20"]);
});

test("When the input ends, all timers that are set are called; those that such calls set are not.", async () => {
  const driver = await given(
    [row(0)],
    timed([1e12, 10], (fired) => [fired + 1_000]),
  );
  expect(is(driver)).toEqual(["a 10", "a 1000000000000"]);
});
