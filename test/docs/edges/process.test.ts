import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  count,
  type DurationMs,
  epochMs,
  lake,
  listState,
  mapState,
  milliseconds,
  minutes,
  pipeline,
  seconds,
  stream,
  trusted,
  tumbling,
  valueState,
} from "../../../shared/index.ts";
import { bounded } from "./bounded.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, foldOf, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";

const is = (driver: Awaited<ReturnType<typeof given>>) => field(driver, "out", "is");
const row = (ms: number, n = 1, k = "a") => ({ at: NOON + ms, n, k });
const at = (ms: number) => epochMs(NOON + ms);
const open = { end: false };

/** Of each key the sum of all `n`; 13 makes it throw once it has written, and set a timer. */
const summed: Build = (things) => ({
  out: things.keyBy("k").process({
    id: "f",
    state: { sum: valueState<number>() },
    onEvent({ n }, { state, timers, time }) {
      state.sum.set((state.sum.get() ?? 0) + n);
      timers.at(epochMs(time + 1_000));
      if (n === 13) throw new Error("thirteen");
      return [{ is: `${state.sum.get()}` }];
    },
    onTimer: (time, { key, state }) => [{ is: `${key} at ${time - NOON}: ${state.sum.get()}` }],
  }),
});

test("Events come in the order of the log, late ones too.", async () => {
  const driver = await given([row(500), row(500), row(0), row(-1e9)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: {},
      onEvent: (_, { id, time, watermark }) => [{ is: `${id} ${time < watermark ? "late" : "in time"}` }],
    }),
  }));
  expect(is(driver)).toEqual(["e0 in time", "e1 in time", "e2 late", "e3 late"]);
  expect(driver.counts()["p.things"]).toMatchObject({ late: 0 });
});

test("A call counts whole or not at all.", async () => {
  const driver = await given([row(0, 1), row(500, 13), row(0, 2)], summed);
  // neither what 13 wrote is there, nor its timer
  expect(is(driver)).toEqual(["1", "3", "a at 1000: 3"]);
  expect(failures(driver)).toEqual(["f OPERATOR_FAILED"]);
});

test("A timer whose call throws is over.", async () => {
  const driver = await given([row(0), row(1_000), row(2_000)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: { fired: valueState<number>() },
      onEvent(_, { timers, time, state }) {
        if (time === at(0)) timers.at(at(1_000));
        return [{ is: `${state.fired.get()}` }];
      },
      onTimer(_, { state }): { is: string }[] {
        state.fired.set(1);
        throw new Error("no");
      },
    }),
  }));
  expect(is(driver)).toEqual(["undefined", "undefined", "undefined"]);
  expect(driver.failed()).toMatchObject([{ operator: "f", payload: { key: "a", timer: at(1_000) } }]);
});

test("Rows are what the function returns: an array's, a generator's, or none; they have the key and the time of the event, or of the timer.", async () => {
  const driver = await given([row(0, 1), row(1, 2), row(2, 3), row(100, 3)], (things) => ({
    out: things
      .keyBy("k")
      .process({
        id: "f",
        state: {},
        onEvent({ n }, { timers }) {
          timers.at(at(50));
          if (n === 1) return [{ is: "array" }];
          if (n === 3) return undefined;
          return (function* () {
            yield { is: "one" };
            yield { is: "two" };
          })();
        },
        onTimer: () => [{ is: "timer" }],
      })
      .map(({ is }, { key, time }) => ({ is: `${is} ${key} ${time - NOON}` })),
  }));
  expect(is(driver)).toEqual(["array a 0", "one a 1", "two a 1", "timer a 50"]);
});

test("What `get` gives is a copy.", async () => {
  const driver = await given([row(0), row(1), row(2)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: { seen: valueState<string[]>() },
      onEvent({ id }, { state }) {
        const seen = state.seen.get() ?? [];
        seen.push(id);
        if (id !== "e1") state.seen.set(seen);
        return [{ is: (state.seen.get() ?? []).join() }];
      },
    }),
  }));
  expect(is(driver)).toEqual(["e0", "e0", "e0,e2"]);
});

test("State holds plain data, `Map`, `Set`, `bigint`, `Date`, bytes; an event that writes anything else fails.", async () => {
  const driver = await given([row(0, 1), row(0, 2), row(0, 3), row(0, 1)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: { kept: valueState<unknown>() },
      onEvent({ n }, { state }) {
        const before = state.kept.get() as { bytes?: Uint8Array } | undefined;
        const fits = { set: new Set([1]), map: new Map([[1, 2n]]), bytes: new Uint8Array([7]) };
        state.kept.set(n === 1 ? fits : n === 2 ? () => 2 : Symbol("3"));
        return [{ is: `${before?.bytes}` }];
      },
    }),
  }));
  expect(is(driver)).toEqual(["undefined", "7"]);
  expect(failures(driver)).toEqual(["f VALUE_UNSUPPORTED", "f VALUE_UNSUPPORTED"]);
});

test("Keys do not share state or timers.", async () => {
  const driver = await given([row(0, 1, "a"), row(0, 2, "b"), row(0, 4, "a")], summed);
  expect(is(driver)).toEqual(["1", "2", "5", "a at 1000: 5", "b at 1000: 2"]);
});

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

/** Tells what is in each state before an event, which then writes: into the map by its `n`. 0 writes nothing. */
const lived =
  (ttl: DurationMs | undefined, outOfOrder?: "processing-time"): Build =>
  (things) => {
    const options = { ...(ttl && { ttl }), ...(outOfOrder && { in: outOfOrder }) };
    return {
      out: things.keyBy("k").process({
        id: "f",
        state: {
          value: valueState<number>(options),
          list: listState<number>(options),
          map: mapState<number, true>(options),
        },
        onEvent({ n }, { state }) {
          const names = state.map.entries().map(([name]) => name);
          const told = `${state.value.get()}; ${state.list.get()}; ${names}`;
          if (n > 0) {
            state.value.set(n);
            state.list.add(n);
            state.map.set(n, true);
          }
          return [{ is: told }];
        },
      }),
    };
  };
const SECOND = seconds(1);

test("What an event wrote is gone once the watermark is `ttl` beyond it: each element of a list and each entry of a map by itself.", async () => {
  const last = async (...events: readonly ReturnType<typeof row>[]) =>
    is(await given(events, lived(SECOND))).at(-1);
  // the event that moves the watermark sees it as it was before
  expect(await last(row(0, 1), row(500, 2), row(999, 0), row(999, 0))).toBe("2; 1,2; 1,2");
  expect(await last(row(0, 1), row(500, 2), row(1_000, 0), row(1_000, 0))).toBe("2; 2; 2");
  expect(await last(row(0, 1), row(500, 2), row(1_500, 0), row(1_500, 0))).toBe("undefined; ; ");
});

test("Writing anew starts over.", async () => {
  const events = [row(0, 1), row(500, 1), row(1_000, 0), row(1_000, 0)];
  expect(is(await given(events, lived(SECOND))).at(-1)).toBe("1; 1; 1");
});

test("What a late event writes lives from the watermark on.", async () => {
  const events = [row(5_000, 0), row(0, 1), row(5_999, 0), row(5_999, 0), row(6_000, 0), row(6_000, 0)];
  const told = is(await given(events, lived(SECOND)));
  expect([told.at(3), told.at(5)]).toEqual(["1; 1; 1", "undefined; ; "]);
});

test("At one moment timers come before what ends.", async () => {
  const driver = await given([row(0)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: { value: valueState<number>({ ttl: SECOND }) },
      onEvent({ n }, { state, timers }) {
        state.value.set(n);
        for (const ms of [1_000, 1_001]) timers.at(at(ms));
        return [];
      },
      onTimer: (_, { state }) => [{ is: `${state.value.get()}` }],
    }),
  }));
  expect(is(driver)).toEqual(["1", "undefined"]);
});

test("What is over is deleted though its key never comes again; without `ttl` it stays for ever.", () => {
  const kept = (ttl: DurationMs | undefined, ms: number) =>
    foldOf([row(0, 1), row(ms, 0, "b")], lived(ttl)).size;
  // a value, an element and how many there were, an entry
  expect([kept(SECOND, 999), kept(SECOND, 1_125), kept(undefined, 1e12)]).toEqual([4, 0, 4]);
});

test("An event may be folded again, and the call that was committed counts alone.", async () => {
  let calls = 0;
  const counted: Build = (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: { seen: valueState<number>({ ttl: minutes(1) }) },
      onEvent(_, { state, timers, time }) {
        calls += 1;
        const seen = (state.seen.get() ?? 0) + 1;
        state.seen.set(seen);
        timers.at(epochMs(time + 2_000));
        return [{ is: `${seen}` }];
      },
      onTimer: (time, { key, state }) => [{ is: `${key} ${time - NOON}: ${state.seen.get()}` }],
    }),
  });
  const events = Array.from({ length: 20 }, (_, i) => row(i * 500, 1, i % 3 === 0 ? "a" : "b"));
  const rows = await throughCrashes(events, counted);
  expect(calls).toBeGreaterThan(20);
  expect(rows("out")).toEqual((await given(events, counted)).lake("out"));
  expect(rows("out")).toHaveLength(40);
});

test("Rows of one call share the event's id.", () => {
  const behind =
    (by: "is" | undefined): Build =>
    (things) => ({
      out: things
        .keyBy("k")
        .process({ id: "f", state: {}, onEvent: ({ id }) => [{ is: id }] })
        .dedupe({ id: "once", within: SECOND, ...(by && { by }) }),
    });
  expect([refusal(behind(undefined)), refusal(behind("is"))]).toEqual(["PLAN_OPTION", "none"]);
});

test("Another name, kind or clock of a state is another state; another function or `ttl` is not.", () => {
  const fingerprint = (state: Parameters<ReturnType<Parameters<Build>[0]["keyBy"]>["process"]>[0]["state"]) =>
    stagesOf((things) => ({
      out: things
        .keyBy("k")
        .process({ id: "f", state, onEvent: () => Object.keys(state).map((is) => ({ is })) }),
    }))[0]?.fingerprint;
  const before = fingerprint({ s: valueState({ ttl: SECOND }) });
  expect(fingerprint({ s: valueState({ ttl: minutes(1) }) })).toBe(before);
  const others = [
    { t: valueState({ ttl: SECOND }) },
    { s: listState({ ttl: SECOND }) },
    { s: valueState({ ttl: SECOND, in: "processing-time" }) },
    { s: valueState({ ttl: SECOND }), more: valueState() },
  ] as const;
  expect(new Set([before, ...others.map(fingerprint)]).size).toBe(5);
});

test("What could not be called or kept is refused.", () => {
  const refused = (options: object) =>
    refusal((things) => ({
      out: things.keyBy("k").process({ id: "f", state: {}, onEvent: () => [{}], ...options } as never),
    }));
  expect(refused({})).toBe("none");
  expect(refused({ id: undefined })).toBe("PLAN_ID_MISSING");
  expect(refused({ onEvent: undefined })).toBe("PLAN_OPTION");
  expect(refused({ state: { "": valueState() } })).toBe("PLAN_OPTION");
  expect(refused({ state: { s: valueState({ in: "processing-time" }) } })).toBe("PLAN_OPTION");
  expect(refused({ state: { s: valueState({ ttl: milliseconds(0) }) } })).toBe("PLAN_DURATION");
});

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
