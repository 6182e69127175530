import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  type CustomWindows,
  collect,
  count,
  cumulating,
  customWindows,
  type DurationMs,
  epochMs,
  global,
  hopping,
  milliseconds as ms,
  type Span,
  session,
  tumbling,
  type WindowSpec,
} from "../../shared/index.ts";
import type { Trigger } from "../../shared/operators/trigger.ts";
import { windowsOf } from "../../shared/operators/window.ts";
import { byDefinition, type Result, type Rules } from "./by-definition.ts";
import { anyReadings } from "./inputs.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "./runner.ts";

const anyMs = (min: number, max: number): fc.Arbitrary<DurationMs> => fc.integer({ min, max }).map(ms);
const anyWindow: fc.Arbitrary<WindowSpec> = fc.oneof(
  anyMs(1, 40).map(tumbling),
  fc.tuple(anyMs(1, 40), anyMs(1, 40)).map(([a, b]) => (a > b ? hopping(a, b) : hopping(b, a))),
  // more windows of an event than a block has
  fc.tuple(anyMs(65, 150), anyMs(1, 2)).map(([size, slide]) => hopping(size, slide)),
  anyMs(1, 25).map(session),
  fc.tuple(anyMs(1, 15), fc.integer({ min: 1, max: 4 })).map(([step, n]) => cumulating(ms(step * n), step)),
  fc.constant(global()),
);
const anyRules: fc.Arbitrary<Rules> = fc
  .record({
    window: anyWindow,
    lateness: fc.oneof(fc.constant(0), fc.nat({ max: 40 })),
    outOfOrder: fc.nat({ max: 25 }),
    earlyMs: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    earlyEvents: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    earlyN: fc.option(fc.nat({ max: 7 }), { nil: undefined }),
    byClock: fc.option(
      fc.record({
        every: fc.integer({ min: 1, max: 30 }),
        sentAt: fc.array(fc.integer({ min: -10, max: 150 }), { minLength: 40, maxLength: 40 }),
      }),
      { nil: undefined },
    ),
    discarding: fc.boolean(),
  })
  .map(({ earlyMs, earlyEvents, earlyN, byClock, ...rules }) => {
    if (byClock !== undefined) {
      // most clocks go on, and what is sent later may still be stamped with an earlier time
      const sentAt = byClock.sentAt.map((skew, i) => (skew < 10 ? skew : 0) + 4 * i);
      return { ...rules, byClock: { ...byClock, sentAt } };
    }
    if (earlyMs !== undefined) return { ...rules, earlyMs };
    return earlyN === undefined ? { ...rules, earlyEvents } : { ...rules, earlyN };
  });

/** The engine's panes, event by event, and its late events. */
function byEngine(
  {
    window,
    lateness,
    outOfOrder,
    earlyMs,
    earlyEvents,
    earlyN,
    byClock,
    discarding,
  }: Omit<Rules, "window"> & { readonly window: WindowSpec | CustomWindows<Reading> },
  readings: readonly Reading[],
) {
  const trigger: Trigger<Reading> = {
    ...(earlyMs === undefined ? {} : { early: ms(earlyMs) }),
    ...(earlyEvents === undefined ? {} : { early: { events: earlyEvents } }),
    ...(earlyN === undefined ? {} : { early: { when: ({ n }: Reading) => n === earlyN } }),
    ...(byClock === undefined ? {} : { early: { processingTime: ms(byClock.every) } }),
    ...(discarding ? { accumulation: "discarding" as const } : {}),
  };
  const stage = sourceStage(
    (flow) => {
      const out = flow
        .keyBy("k")
        .window(window, { id: "w", allowedLateness: ms(lateness), trigger })
        .aggregate({ n: count(), ids: collect(1_000, "id") });
      return { out, late: out.late };
    },
    { outOfOrder },
  );
  const runner = new Runner(stage);
  const sent = readings.map((event, i) => ({ ...eventOf(event), sentAt: byClock?.sentAt[i] ?? 0 }));
  const end = { ...END, sentAt: byClock?.sentAt[0] ?? 0 };
  const given = [...sent, end].map((input, i) => runner.batch([input], i));
  return {
    steps: given.map((one) => rowsTo("out", one).map(resultOf)),
    late: given.flatMap((one) => rowsTo("late", one).map((event) => (event as Reading).id)),
    size: runner.fold.size,
  };
}

function resultOf(row: unknown): Result {
  const { key, window, pane, ids, n } = row as {
    key: string;
    window: { start: number; end: number };
    pane: { index: number; timing: string };
    ids: string[];
    n: number;
  };
  expect(n).toBe(ids.length);
  return { key, ...window, ...pane, ids: ids.toSorted() };
}

/** Within one event the order of panes is the engine's own. */
const sorted = (results: readonly Result[]): string[] =>
  results
    .map((result) =>
      JSON.stringify([result.key, result.start, result.end, result.index, result.timing, result.ids]),
    )
    .sort();

describe("windows", () => {
  test.prop([anyRules, anyReadings], { numRuns: 400 })(
    "give the panes of their definition, event by event",
    (rules, readings) => {
      const { steps, late, size } = byEngine(rules, readings);
      const expected = byDefinition(rules, readings);
      expect(late).toEqual(expected.late);
      expect(steps.map(sorted)).toEqual(expected.steps.map(sorted));
      expect(size).toBe(0);
    },
  );

  test.prop([anyRules, anyReadings], { numRuns: 150 })(
    "number the panes of a window densely from 0, the one at the watermark at most once",
    (rules, readings) => {
      fc.pre(rules.window.kind !== "session");
      const panes = new Map<string, Result[]>();
      for (const pane of byEngine(rules, readings).steps.flat()) {
        const name = `${pane.key} ${pane.start} ${pane.end}`;
        panes.set(name, [...(panes.get(name) ?? []), pane]);
      }
      for (const of of panes.values()) {
        expect(of.map(({ index }) => index)).toEqual(of.map((_, i) => i));
        expect(of.filter(({ timing }) => timing === "on-time").length).toBeLessThanOrEqual(1);
        const stages = of.map(({ timing }) => ["early", "on-time", "late"].indexOf(timing));
        expect(stages).toEqual(stages.toSorted());
      }
    },
  );

  test.prop([anyRules, anyReadings], { numRuns: 150 })(
    "count every event in each of its windows once, or as late",
    (rules, readings) => {
      fc.pre(rules.window.kind === "tumbling");
      const { steps, late } = byEngine(rules, readings);
      const last = new Map<string, readonly string[]>();
      for (const { key, start, ids } of steps.flat()) {
        const name = `${key} ${start}`;
        last.set(name, rules.discarding ? [...(last.get(name) ?? []), ...ids] : ids);
      }
      expect([...last.values()].flat().concat(late).sort()).toEqual(readings.map(({ id }) => id).sort());
    },
  );
});

describe("custom windows", () => {
  const spans = (all: readonly (readonly number[])[]): Span[] =>
    all.map(([start, end]) => ({ start: epochMs(start ?? 0), end: epochMs(end ?? 0) }));

  test.prop([anyRules, anyReadings], { numRuns: 150 })(
    "that are chosen as others are give what those give",
    (rules, readings) => {
      const { window } = rules;
      fc.pre(window.kind === "hopping" || window.kind === "session");
      const custom =
        window.kind === "hopping"
          ? customWindows<Reading>("hop", { assign: ({ t }) => windowsOf(window, epochMs(t)) })
          : customWindows<Reading>("gap", { assign: ({ t }) => spans([[t, t + window.gap]]), merge: true });
      const given = byEngine({ ...rules, window: custom }, readings);
      const expected = byEngine(rules, readings);
      expect(given.late).toEqual(expected.late);
      expect(given.steps.map(sorted)).toEqual(expected.steps.map(sorted));
    },
  );

  test.each<[string, number[][], boolean, string]>([
    ["no window", [], false, "`assign` gave no window; filter events that belong to none before"],
    ["a window that is empty", [[5, 5]], false, "`assign` gave [5, 5), which holds no whole millisecond"],
    [
      "a window that ends before it starts",
      [[5, 4]],
      false,
      "`assign` gave [5, 4), which holds no whole millisecond",
    ],
    ["half a millisecond", [[0.5, 5]], false, "`assign` gave [0.5, 5), which holds no whole millisecond"],
    [
      "a window without end",
      [[0, Number.POSITIVE_INFINITY]],
      false,
      "`assign` gave [0, Infinity), which holds no whole millisecond",
    ],
    [
      "two windows that are to merge",
      [
        [0, 5],
        [1, 6],
      ],
      true,
      "`assign` of windows that merge must give one each",
    ],
  ])("fail an event that is given %s", (_, wrong, merge, why) => {
    const window = customWindows<Reading>("odd", {
      assign: ({ n }) => spans(n === 1 ? wrong : [[0, 10]]),
      merge,
    });
    const stage = sourceStage((all) => ({
      out: all.keyBy("k").window(window, { id: "w" }).aggregate({ n: count() }),
    }));
    const runner = new Runner(stage);
    const events = [0, 1].map((n) => eventOf({ id: `e${n}`, k: "a", t: 0, n }));
    const { outputs, counts } = runner.batch(events, 0);
    expect(counts.failed).toBe(1);
    expect(outputs).toMatchObject({
      failed: [
        {
          payload: { id: "e1" },
          error: { code: "WINDOW_SPAN", message: `operator "w": ${why}` },
          operator: "w",
        },
      ],
    });
    expect(rowsTo("out", runner.batch([END], 2))).toMatchObject([{ n: 1, window: { start: 0, end: 10 } }]);
  });

  test("count an event once in a window that is named twice", () => {
    const window = customWindows<Reading>("twice", {
      assign: () =>
        spans([
          [0, 10],
          [0, 10],
        ]),
    });
    const rules = { window, lateness: 0, outOfOrder: 0, discarding: false };
    expect(byEngine(rules, [{ id: "a", k: "a", t: 0, n: 0 }]).steps.flat()).toMatchObject([{ ids: ["a"] }]);
  });
});

describe("window assignment", () => {
  const anyTime = fc.integer({ min: -1_000, max: 1_000 });

  test.prop([anyMs(1, 60), anyMs(1, 60), anyTime])(
    "lists exactly the windows that contain a time, newest first",
    (a, b, at) => {
      const [size, slide] = a > b ? [a, b] : [b, a];
      const expected: { start: number; end: number }[] = [];
      for (let start = at; start > at - size; start -= 1)
        if (Number.isInteger(start / slide)) expected.push({ start, end: start + size });
      expect(windowsOf({ size, slide }, epochMs(at))).toEqual(expected);
    },
  );

  test("is aligned to the epoch, before 1970 too", () => {
    expect(windowsOf({ size: ms(10), slide: ms(10) }, epochMs(-1))).toEqual([{ start: -10, end: 0 }]);
    expect(windowsOf({ size: ms(10), slide: ms(4) }, epochMs(12))).toEqual([
      { start: 12, end: 22 },
      { start: 8, end: 18 },
      { start: 4, end: 14 },
    ]);
  });
});

describe("sessions", () => {
  /** Sorted by time and split where more than the gap lies between two: what sessions are. */
  const sessionsOf = (gap: number, readings: readonly Reading[]): string[] => {
    const sessions: Reading[][] = [];
    for (const reading of readings.toSorted((a, b) => (a.k < b.k ? -1 : a.k > b.k ? 1 : a.t - b.t))) {
      const before = sessions.at(-1)?.at(-1);
      if (before?.k === reading.k && reading.t - before.t <= gap) sessions.at(-1)?.push(reading);
      else sessions.push([reading]);
    }
    return sessions.map(
      (all) => `${all[0]?.k} ${all[0]?.t}-${(all.at(-1)?.t ?? 0) + gap}: ${all.map(({ id }) => id).sort()}`,
    );
  };

  test.prop([fc.integer({ min: 1, max: 20 }), anyReadings], { numRuns: 150 })(
    "are those of their definition whatever order the events come in, when none is late",
    (gap, readings) => {
      // exactly as much disorder as there is: every event comes before or at the watermark, some just at it
      let newest = Number.NEGATIVE_INFINITY;
      const behind = readings.map(({ t }) => {
        newest = Math.max(newest, t);
        return newest - t;
      });
      const outOfOrder = Math.max(0, ...behind);
      const rules = { window: session(ms(gap)), lateness: 0, outOfOrder, discarding: false };
      const { steps, late } = byEngine(rules, readings);
      expect(late).toEqual([]);
      const given = steps.flat().map(({ key, start, end, ids }) => `${key} ${start}-${end}: ${ids}`);
      expect(given.sort()).toEqual(sessionsOf(gap, readings).sort());
    },
  );

  test("two events exactly a gap apart share one; a millisecond more parts them", () => {
    const read = (t: number): Reading => ({ id: `at ${t}`, k: "a", t, n: 0 });
    const rules = { window: session(ms(10)), lateness: 0, outOfOrder: 0, discarding: false };
    const spans = (times: readonly number[]): number[][] =>
      byEngine(rules, times.map(read))
        .steps.flat()
        .map(({ start, end }) => [start, end]);
    expect(spans([0, 10])).toEqual([[0, 20]]);
    expect(spans([0, 11])).toEqual([
      [0, 10],
      [11, 21],
    ]);
  });

  /** What each event gives for key a: when, of which bounds, of how many events. */
  const panesOf = (rules: Rules, events: readonly (readonly [k: string, t: number])[]): string[][] =>
    byEngine(
      rules,
      events.map(([k, t], i) => ({ id: `e${i}`, k, t, n: 0 })),
    ).steps.map((step) =>
      step
        .filter(({ key }) => key === "a")
        .map(({ start, end, timing, ids }) => `${timing} ${start}-${end}: ${ids.length}`),
    );

  test("an event that changes no bounds takes nothing back, and one that changes either does", () => {
    const rules: Rules = {
      window: session(ms(10)),
      lateness: 0,
      outOfOrder: 50,
      earlyEvents: 1,
      discarding: false,
    };
    const events = [1, 5, 3, 5, 0, 30, 20, 12].map((t) => ["a", t] as const);
    expect(panesOf(rules, events)).toEqual([
      ["early 1-11: 1"],
      ["early 1-15: 2", "retracted 1-11: 1"].toReversed(),
      ["early 1-15: 3"],
      ["early 1-15: 4"],
      ["retracted 1-15: 4", "early 0-15: 5"],
      ["early 30-40: 1"],
      ["retracted 30-40: 1", "early 20-40: 2"],
      ["retracted 0-15: 5", "retracted 20-40: 2", "early 0-40: 8"],
      ["on-time 0-40: 8"],
    ]);
  });

  test("an event is late once its session is over and its lateness has passed, to the millisecond", () => {
    const rules: Rules = { window: session(ms(5)), lateness: 3, outOfOrder: 0, discarding: false };
    // that of the event ends at 6 and takes events until the watermark is at 10
    expect(
      panesOf(rules, [
        ["a", 1],
        ["b", 9],
        ["a", 1],
      ]),
    ).toEqual([[], ["on-time 1-6: 1"], ["late 1-6: 2"], []]);
    expect(
      panesOf(rules, [
        ["a", 1],
        ["b", 10],
        ["a", 1],
      ]),
    ).toEqual([[], ["on-time 1-6: 1"], [], []]);
    expect(
      panesOf(rules, [
        ["b", 9],
        ["a", 1],
      ]),
    ).toEqual([[], ["late 1-6: 1"], []]);
    expect(
      byEngine(rules, [
        { id: "b", k: "b", t: 10, n: 0 },
        { id: "a", k: "a", t: 1, n: 0 },
      ]).late,
    ).toEqual(["a"]);
  });

  test("a late event that takes a session's end beyond the watermark lets it wait for its new end", () => {
    const rules = { window: session(ms(60)), lateness: 100, outOfOrder: 0, discarding: false };
    const events = [
      ["a", 0],
      ["b", 61],
      ["a", 50],
      ["b", 111],
    ] as const;
    const { steps } = byEngine(
      rules,
      events.map(([k, t], i) => ({ id: `e${i}`, k, t, n: 0 })),
    );
    expect(
      steps.map((step) =>
        step
          .filter(({ key }) => key === "a")
          .map(({ start, end, timing, index }) => `${timing} ${index}: ${start}-${end}`),
      ),
    ).toEqual([[], ["on-time 0: 0-60"], ["retracted 1: 0-60"], ["on-time 2: 0-110"], []]);
  });
});
