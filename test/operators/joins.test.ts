import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { hopping, type KeyedFlow, type lake, milliseconds as ms, tumbling } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { anyReadings } from "./inputs.ts";
import {
  type Defined,
  type Given,
  type Interval,
  intervalJoin,
  isDeletion,
  isLeft,
  temporalJoin,
  type Versions,
  type Windows,
  windowJoin,
} from "./join-definitions.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, Runner, timedRowsTo } from "./runner.ts";
import { shapes } from "./shapes.ts";

type Sides = { readonly left: KeyedFlow<string, Reading>; readonly right: KeyedFlow<string, Reading> };
type Written = { to(sink: ReturnType<typeof lake>): void };
type Built = { readonly out: Written; readonly late: Written };

/** What the engine gives, event by event, and at last what the end of the input gives. */
function byEngine(
  join: (sides: Sides) => Built,
  outOfOrder: number,
  readings: readonly Reading[],
): Defined & { readonly size: number } {
  const stage = sourceStage(
    (all) => {
      const sideOf = (keep: (reading: Reading) => boolean) => all.filter(keep).keyBy("k");
      const { out, late } = join({ left: sideOf(isLeft), right: sideOf((reading) => !isLeft(reading)) });
      return { out, late };
    },
    { outOfOrder },
  );
  const runner = new Runner(stage);
  const given = [...readings.map(eventOf), END].map((input, i) => runner.batch([input], i));
  const late = given
    .flatMap((one) => timedRowsTo("late", one))
    .map(([, , row]) => row as { side: string; row: Reading });
  return {
    steps: given.map((one) => timedRowsTo("out", one).map(resultOf)),
    late: late.map(({ side, row }) => `${side} ${row.id}`),
    size: runner.fold.size,
  };
}

function resultOf([key, time, row]: readonly [string, number, unknown]): Given {
  const pair = row as {
    key: string;
    left: Reading | null;
    right: Reading | null;
    window?: { start: number; end: number };
  };
  if (pair.left === undefined) return { key, left: (row as Reading).id, right: null, time };
  expect(pair.key).toBe(key);
  return {
    key,
    left: pair.left?.id ?? null,
    right: pair.right?.id ?? null,
    time,
    ...(pair.window === undefined ? {} : { start: pair.window.start }),
  };
}

const anyOutOfOrder = fc.nat({ max: 25 });
const anyGrace = fc.oneof(fc.constant(0), fc.nat({ max: 20 }));

describe("an interval join", () => {
  const anyInterval: fc.Arbitrary<Interval> = fc
    .record({
      type: fc.constantFrom("inner" as const, "left" as const),
      from: fc.integer({ min: -30, max: 30 }),
      length: fc.integer({ min: 1, max: 40 }),
      byRow: fc.boolean(),
      grace: anyGrace,
      outOfOrder: anyOutOfOrder,
    })
    .map(({ length, byRow, ...rest }) => ({
      ...rest,
      to: byRow ? ({ n }: Reading) => rest.from + length + 5 * n : rest.from + length,
    }));
  const join =
    ({ type, from, to, grace }: Interval) =>
    ({ left, right }: Sides): Built => {
      const bound = typeof to === "number" ? ms(to) : (reading: Reading) => ms(to(reading));
      const out = left.join(right, {
        id: "j",
        type,
        within: { from: ms(from), to: bound },
        grace: ms(grace),
      });
      return { out, late: out.late };
    };

  test.prop([anyInterval, anyReadings], { numRuns: 500 })(
    "gives the pairs of its definition, in order and at their times, and forgets all in the end",
    (rules, readings) => {
      const { size, ...given } = byEngine(join(rules), rules.outOfOrder, readings);
      expect(given).toEqual(intervalJoin(rules, readings));
      expect(size).toBe(0);
    },
  );

  test.prop([anyInterval, anyReadings, fc.array(fc.nat())], { numRuns: 150 })(
    "gives the same pairs in whatever order rows come, where none is late",
    (rules, readings, order) => {
      const shuffled = readings
        .map((reading, i) => ({ reading, at: order[i % Math.max(1, order.length)] ?? 0 }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ reading }) => reading);
      const all = (some: readonly Reading[]): string[] =>
        byEngine(join(rules), 1_000, some)
          .steps.flat()
          .map((one) => JSON.stringify(one))
          .sort();
      expect(all(shuffled)).toEqual(all(readings));
    },
  );

  test("takes the start of its interval and leaves its end", () => {
    const at = (id: string, t: number, n: number): Reading => ({ id, k: "a", t, n });
    const rules: Interval = { type: "inner", from: -5, to: 10, grace: 0, outOfOrder: 100 };
    const rights = [-6, -5, 9, 10].map((t) => at(`right ${t}`, t, 5));
    const { steps } = byEngine(join(rules), 100, [at("left", 0, 0), ...rights]);
    expect(steps.flat().map(({ right, time }) => `${right}, ${time}`)).toEqual(["right -5, 0", "right 9, 9"]);
  });

  test("takes a row at the watermark, and one within the grace behind it", () => {
    const at = (t: number): Reading => ({ id: `at ${t}`, k: "a", t, n: 0 });
    const late = (grace: number) =>
      byEngine(join({ type: "inner", from: 0, to: 1, grace, outOfOrder: 10 }), 10, [
        at(20),
        at(10),
        at(9),
        at(4),
        at(3),
      ]).late;
    expect(late(0)).toEqual(["left at 9", "left at 4", "left at 3"]);
    expect(late(6)).toEqual(["left at 3"]);
  });

  test("keeps a row no longer than a partner can come, and an eighth of that", () => {
    const runner = new Runner(
      sourceStage((all) => {
        const out = all
          .keyBy("k")
          .join(all.keyBy("k"), { id: "j", within: { from: ms(-1_600), to: ms(800) } });
        return { out };
      }),
    );
    const sizes = [0, 1_601, 1_700, 1_801, 1_900].map((t, i) => {
      runner.batch([eventOf({ id: `${i}`, k: t === 0 ? "a" : "b", t, n: 0 })], i);
      return runner.fold.size - 2 * i;
    });
    // as left until 800, as right until 1,601; both rounded up to multiples of 200
    expect(sizes).toEqual([2, 1, 1, 0, 0]);
  });

  test.each([
    ["no number", Number.NaN],
    ["no further than `from`", -5],
    ["a fraction", 2.5],
  ])("fails a left row for which `to` gives %s", (_, to) => {
    const runner = new Runner(
      sourceStage((all) => {
        const keyed = all.keyBy("k");
        const within = { from: ms(-5), to: ({ n }: Reading) => ms(n === 1 ? to : 5) };
        return { out: keyed.join(keyed, { id: "j", within }) };
      }),
    );
    const events = [0, 1].map((n) => eventOf({ id: `e${n}`, k: "a", t: n, n }));
    const { outputs, counts } = runner.batch(events, 0);
    expect(counts.failed).toBe(1);
    expect(outputs).toMatchObject({
      failed: [{ payload: { id: "e1" }, error: { code: "JOIN_BOUND" }, operator: "j" }],
    });
    expect(runner.fold.size).toBe(3);
  });
});

describe("a join of all rows of a key", () => {
  const join =
    (ttl: number | undefined, grace: number) =>
    ({ left, right }: Sides): Built => {
      const out = left.join(right, {
        id: "j",
        ttl: ttl === undefined ? "forever" : ms(ttl),
        grace: ms(grace),
      });
      return { out, late: out.late };
    };

  test.prop([fc.integer({ min: 1, max: 40 }), anyGrace, anyOutOfOrder, anyReadings], { numRuns: 200 })(
    "pairs rows that are less apart than they are remembered",
    (ttl, grace, outOfOrder, readings) => {
      const { size, ...given } = byEngine(join(ttl, grace), outOfOrder, readings);
      const rules = { type: "inner", from: 1 - ttl, to: ttl, grace, outOfOrder } as const;
      expect(given).toEqual(intervalJoin(rules, readings));
      expect(size).toBe(0);
    },
  );

  test.prop([anyOutOfOrder, anyReadings], { numRuns: 100 })(
    "pairs all of them where they are remembered for ever, and none is late",
    (outOfOrder, readings) => {
      const { size, ...given } = byEngine(join(undefined, 0), outOfOrder, readings);
      const rules = { type: "inner", from: -1e9, to: 1e9, grace: 1e9, outOfOrder } as const;
      expect(given).toEqual(intervalJoin(rules, readings));
      expect(size).toBe(readings.length);
    },
  );
});

describe("a window join", () => {
  const anyWindows: fc.Arbitrary<Windows> = fc
    .record({
      type: fc.constantFrom(
        "inner" as const,
        "left" as const,
        "full" as const,
        "semi" as const,
        "anti" as const,
      ),
      a: fc.integer({ min: 1, max: 30 }),
      b: fc.integer({ min: 1, max: 30 }),
      tumbling: fc.boolean(),
      grace: anyGrace,
      outOfOrder: anyOutOfOrder,
    })
    .map(({ a, b, tumbling, ...rest }) => ({
      ...rest,
      size: Math.max(a, b),
      slide: tumbling ? Math.max(a, b) : Math.min(a, b),
    }));
  const join =
    ({ type, size, slide, grace }: Windows) =>
    ({ left, right }: Sides): Built => {
      const window = size === slide ? tumbling(ms(size)) : hopping(ms(size), ms(slide));
      const out = left.join(right, { id: "j", window, type, grace: ms(grace) });
      return { out, late: out.late };
    };

  test.prop([anyWindows, anyReadings], { numRuns: 500 })(
    "gives the rows of its definition, in order and at their times, and forgets all in the end",
    (rules, readings) => {
      const { size, ...given } = byEngine(join(rules), rules.outOfOrder, readings);
      const expected = windowJoin(rules, readings);
      const lone = rules.type === "semi" || rules.type === "anti";
      const steps = expected.steps.map((step) =>
        step.map(({ start, ...row }) => (lone ? row : { ...row, start })),
      );
      expect(given).toEqual({ steps, late: expected.late });
      expect(size).toBe(0);
    },
  );
});

describe("a temporal join", () => {
  const anyVersions: fc.Arbitrary<Versions> = fc.record({
    type: fc.constantFrom("inner" as const, "left" as const),
    ttl: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    grace: anyGrace,
    outOfOrder: anyOutOfOrder,
  });
  const join =
    ({ type, ttl, grace }: Versions) =>
    ({ left, right }: Sides): Built => {
      const versions = right.map((version) => (isDeletion(version) ? null : version));
      const out = left.temporalJoin(versions, {
        id: "j",
        type,
        grace: ms(grace),
        ...(ttl === undefined ? {} : { ttl: ms(ttl) }),
      });
      return { out, late: out.late.filter(({ row }) => row !== null) };
    };

  test.prop([anyVersions, anyReadings], { numRuns: 500 })(
    "gives each row with the version of its definition, by event time",
    (rules, readings) => {
      const deletions = new Set(readings.filter(isDeletion).map(({ id }) => `right ${id}`));
      const expected = temporalJoin(rules, readings);
      const { steps, late } = byEngine(join(rules), rules.outOfOrder, readings);
      expect(steps).toEqual(expected.steps);
      expect(late).toEqual(expected.late.filter((one) => !deletions.has(one)));
    },
  );

  test.prop([anyReadings], { numRuns: 100 })(
    "keeps the newest version of each key that has one, and no other",
    (readings) => {
      const { size } = byEngine(
        join({ type: "left", ttl: undefined, grace: 0, outOfOrder: 1_000 }),
        1_000,
        readings,
      );
      const versions = readings.filter((one) => !isLeft(one)).toSorted((a, b) => a.t - b.t);
      const newest = new Map(versions.map((one) => [one.k, one]));
      expect(size).toBe([...newest.values()].filter((one) => !isDeletion(one)).length);
    },
  );
});

test("what is kept goes at its own time, whatever was to go then and has gone before", () => {
  const stage = shapes["a left interval join with bounds by row"] as Stage;
  const events = [
    // a right row that is due at 0, and goes with the first left one; and one that is due at 100
    { id: "first", k: "a", t: -16, n: 4 },
    { id: "left", k: "a", t: -7, n: 0 },
    { id: "second", k: "a", t: -9, n: 4 },
    { id: "on", k: "b", t: 10, n: 0 },
    { id: "further", k: "b", t: 18, n: 0 },
  ].map(eventOf);
  const warm = new Runner(stage);
  const entries = events.slice(0, -1).map((event, i) => warm.batch([event], i));
  const recovered = new Runner(stage);
  recovered.recover(entries);
  const last = events.slice(-1);
  expect(recovered.batch(last, events.length)).toEqual(warm.batch(last, events.length));
});
