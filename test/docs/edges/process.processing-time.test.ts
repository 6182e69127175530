import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  count,
  epochMs,
  lake,
  milliseconds,
  minutes,
  pipeline,
  stream,
  trusted,
  tumbling,
  valueState,
} from "../../../shared/index.ts";
import { bounded } from "./bounded.ts";
import { type Build, failures, field, given, NOON, type Thing } from "./given.ts";
import { is, lived, open, row, SECOND } from "./process-builds.ts";

/** The first event of a key sets a timer of processing time, so long after it was sent. */
const clocked =
  (ms: number): Build =>
  (things) => {
    const out = things.keyBy("k").process({
      id: "f",
      state: { begun: valueState<true>() },
      onEvent({ id }, { state, timers, processingTime }) {
        if (!state.begun.get()) timers.atProcessingTime(epochMs(processingTime + ms));
        state.begun.set(true);
        return [{ is: id }];
      },
      onProcessingTimer: (_, { key }) => [{ is: `timer of ${key}` }],
    });
    const timed = out.window(tumbling(SECOND), { id: "w" }).aggregate({ n: count() });
    return {
      out,
      times: out.map(({ is }, { time }) => ({ is: `${is} ${time - NOON}` })),
      late: timed.late,
      timed,
    };
  };

test("A timer of processing time fires with the first input or tick that was sent at or after its time, before anything in it.", async () => {
  // the driver sends its events a second apart
  const events = [row(0), row(0, 1, "b"), row(0, 1, "c")];
  const driver = await given(events, clocked(2_000), open);
  expect(is(driver)).toEqual(["e0", "e1", "timer of a", "e2"]);
  await driver.advance(minutes(1));
  expect(is(driver).slice(4)).toEqual(["timer of b", "timer of c"]);
  await driver.advance(minutes(5));
  expect(is(driver)).toHaveLength(6);
});

test("A timer of processing time for a time that has passed fires with the next input or tick.", async () => {
  const driver = await given([row(0), row(0, 1, "b")], clocked(-5_000), open);
  expect(is(driver)).toEqual(["e0", "timer of a", "e1"]);
});

test("In `onProcessingTimer` a new timer must be later; it fires at once where the partition was without input for long.", async () => {
  const chained =
    (step: number): Build =>
    (things) => ({
      out: things.keyBy("k").process({
        id: "f",
        state: { begun: valueState<number>() },
        onEvent({ n }, { state, timers, processingTime }) {
          if (n === 1) timers.atProcessingTime(epochMs(processingTime + 10));
          state.begun.set(processingTime);
          return [];
        },
        onProcessingTimer(time, { timers, state, processingTime }) {
          const since = time - (state.begun.get() ?? 0);
          if (since < 40) timers.atProcessingTime(epochMs(time + step));
          return [{ is: `${since} of ${processingTime - (state.begun.get() ?? 0)}` }];
        },
      }),
    });
  const driver = await given([row(0), row(0, 2, "b")], chained(20), open);
  expect(is(driver)).toEqual(["10 of 1000", "30 of 1000", "50 of 1000"]);
  expect(failures(await given([row(0), row(0, 2, "b")], chained(0), open))).toEqual(["f PROCESS_TIMER"]);
});

test("Rows of `onProcessingTimer` have the event time of the watermark, or that of the call that set the timer where it is later: they are never late.", async () => {
  const ahead = await given([row(0), row(7_000, 1, "b")], clocked(2_000), open);
  await ahead.advance(minutes(1));
  expect(field(ahead, "times", "is")).toEqual(["e0 0", "e1 7000", "timer of a 7000", "timer of b 7000"]);
  const behind = await given([row(0)], clocked(2_000), { ...open, outOfOrder: minutes(1) });
  await behind.advance(minutes(1));
  expect(field(behind, "times", "is")).toEqual(["e0 0", "timer of a 0"]);
  expect([ahead.lake("late"), behind.lake("late")]).toEqual([[], []]);
});

test('With `in: "processing-time"` what was written is gone with the first input that was sent `ttl` or more after, whatever the event times.', async () => {
  const told = async (ttl: number) =>
    is(await given([row(0, 1), row(1e9, 0), row(-1e9, 0)], lived(milliseconds(ttl), "processing-time")));
  expect(await told(2_000)).toEqual(["undefined; ; ", "1; 1; 1", "undefined; ; "]);
  expect(await told(2_001)).toEqual(["undefined; ; ", "1; 1; 1", "1; 1; 1"]);
});

test("When the input ends, timers of processing time that are still set are not called.", async () => {
  const driver = await given([row(0)], clocked(2_000));
  expect(is(driver)).toEqual(["e0"]);
});

test("In a bounded run processing time stands at 0: no such timer fires, and nothing is over by it.", async () => {
  const stamped = await bounded([row(0), row(1)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: {},
      onEvent: (_, { processingTime }) => [{ is: processingTime }],
    }),
  }));
  expect(stamped("out")).toEqual([{ is: 0 }, { is: 0 }]);
  const fired = await bounded([row(0), row(1)], clocked(1));
  expect(fired("out")).toEqual([{ is: "e0" }, { is: "e1" }]);
  const kept = await bounded([row(0, 1), row(1e12, 0)], lived(milliseconds(1), "processing-time"));
  expect(kept("out").at(-1)).toEqual({ is: "1; 1; 1" });
});

test("Streams need event time where a state's `ttl` or `onTimer` goes by it, and not for processing time.", async () => {
  const timeless = stream("timeless", { schema: trusted<Thing>(), key: "k", partitions: 1 });
  const over = (options: object) =>
    TestDriver.create(
      pipeline("p", (p) => {
        const keyed = p.from(timeless).keyBy("k");
        keyed
          .process({ id: "f", state: {}, onEvent: ({ id }: Thing) => [{ is: id }], ...options })
          .to(lake("out"));
      }),
    );
  for (const options of [{ onTimer: () => [] }, { state: { s: valueState({ ttl: SECOND }) } }])
    await expect(over(options)).rejects.toMatchObject({ code: "PLAN_NO_EVENT_TIME" });
  const clock = {
    onProcessingTimer: () => [],
    state: { s: valueState({ ttl: SECOND, in: "processing-time" }) },
  };
  const driver = await over(clock);
  await driver.feed("timeless", [{ id: "x", k: "a", n: 1 }]);
  expect(is(driver)).toEqual(["x"]);
});
