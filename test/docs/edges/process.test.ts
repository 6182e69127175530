import { expect, test } from "vitest";
import { epochMs, listState, milliseconds, minutes, valueState } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, given, NOON, refusal, stagesOf } from "./given.ts";
import { at, is, row, SECOND } from "./process-builds.ts";

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
