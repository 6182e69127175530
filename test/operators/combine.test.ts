import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { EventInfo } from "../../shared/events/event.ts";
import {
  avg,
  collect,
  count,
  countDistinct,
  countMin,
  cumulating,
  custom,
  customWindows,
  type DurationMs,
  epochMs,
  first,
  global,
  hopping,
  last,
  max,
  min,
  milliseconds as ms,
  quantile,
  type Span,
  session,
  sum,
  type Trigger,
  topK,
  tumbling,
} from "../../shared/index.ts";
import { Combiner } from "../../shared/operators/combine/combiner.ts";
import {
  COMBINED_EDGE,
  type CombinedWindow,
  type CombineSpec,
  type Row,
  whyNotCombined,
} from "../../shared/operators/combine/spec.ts";
import { weightOf } from "../../shared/operators/combine/weight.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { WindowOptions } from "../../shared/operators/spec.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { AnyWindow } from "../../shared/operators/window.ts";
import { combineOf } from "../../shared/plan/combining.ts";
import { decodeValue, encodeValue } from "../../shared/state/codec.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs } from "../../shared/time/time.ts";
import type { Reading } from "./one-stage.ts";

/** All that can be combined. Readings of 3 throw, and one of 6 asks for what only the receiver knows. */
const aggregates = {
  events: count<Reading>(),
  some: count<Reading>(({ n }) => {
    if (n === 3) throw new Error("three");
    return n > 3;
  }),
  least: min<Reading>("n"),
  most: max<Reading>("n"),
  middle: quantile<Reading>(0.5, "n"),
  different: countDistinct<Reading>("n"),
  named: count<Reading>(({ n }, info) => n !== 6 || info.id !== ""),
  often: countMin<Reading>("id", { error: 0.5 }),
  whole: sum<Reading>(({ n }) => (n - 3) * 2 ** 51, { whole: true }),
  total: sum<Reading>(({ n }) => n / 10),
  mean: avg<Reading>(({ n }) => n / 3),
  oldest: first<Reading, "id">("id"),
  newest: last<Reading, "id">("id"),
  ids: collect<Reading, "id">(4, "id"),
  top: topK<Reading, number>(2, "n", { capacity: 3 }),
};

/** Of these the ones on which the order of events has no bearing. */
const unordered = Object.fromEntries(
  Object.entries(aggregates).filter(([, { combines }]) => combines === "accumulator"),
);

type Options = Pick<WindowOptions, "allowedLateness" | "trigger"> & {
  /** Whether the order of events has a bearing on what is aggregated. */
  readonly ordered?: boolean;
  /** How often a window behind the first one shows early panes, by stream time. */
  readonly behind?: DurationMs | undefined;
};

const stageOf = (window: CombinedWindow, { behind, ordered = true, ...options }: Options): Stage => ({
  id: "p.w",
  pipeline: "p",
  kind: "stage",
  partitions: 1,
  input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] },
  fingerprint: "",
  versions: [],
  nodes: [
    {
      id: "w",
      spec: {
        kind: "window",
        window,
        aggregates: (ordered ? aggregates : unordered) as CombineSpec["aggregates"],
        ...options,
      },
      inputs: [{ edge: 0 }],
      onError: "dead-letter",
    },
    ...(["main", "late", "failed"] as const).map((port) => ({
      id: port,
      spec: { kind: "feed" as const, stage: port, partitions: 1, edge: 0, reach: "own" as const },
      inputs: [{ node: 0, port }],
      onError: "dead-letter" as const,
    })),
    ...(behind === undefined ? [] : windowBehind(behind)),
  ],
});

/** It counts panes, early ones too. */
const windowBehind = (early: DurationMs): Stage["nodes"] => [
  {
    id: "behind",
    spec: {
      kind: "window",
      window: tumbling(ms(40)),
      aggregates: { panes: count() },
      allowedLateness: ms(100),
      trigger: { early },
    },
    inputs: [{ node: 0, port: "main" }],
    onError: "dead-letter",
  },
  {
    id: "panes",
    spec: { kind: "feed", stage: "panes", partitions: 1, edge: 0, reach: "own" },
    inputs: [{ node: 4, port: "main" }],
    onError: "dead-letter",
  },
];

/** As the planner would have it. */
function combinerFor({ nodes }: Stage): Combiner {
  const [head] = nodes;
  const spec = head?.spec.kind === "window" ? combineOf(head.spec, nodes) : undefined;
  if (spec === undefined) throw new RangeError("nothing is combined for it");
  return new Combiner(spec);
}

type Frame = { readonly channel: 0 | 1; readonly rows: readonly Reading[]; readonly step: number };

const anyReading: fc.Arbitrary<Omit<Reading, "id">> = fc.record({
  k: fc.constantFrom("a", "b"),
  t: fc.integer({ min: -20, max: 20 }),
  n: fc.integer({ min: 0, max: 7 }),
});

/** Rows lie around what their channel has promised; some are behind it. */
const anyFrames: fc.Arbitrary<Frame[]> = fc
  .array(
    fc.record({
      channel: fc.constantFrom(0 as const, 1 as const),
      rows: fc.array(anyReading, { maxLength: 8 }),
      step: fc.integer({ min: 0, max: 15 }),
    }),
    { maxLength: 12 },
  )
  .map((frames) => {
    const told = [0, 0];
    let n = 0;
    return frames.map(({ channel, rows, step }) => {
      const base = told[channel] ?? 0;
      told[channel] = base + step;
      return {
        channel,
        step,
        rows: rows.map((row) => {
          n += 1;
          return { ...row, id: `e${n}`, t: base + row.t };
        }),
      };
    });
  });

const anyWindow: fc.Arbitrary<CombinedWindow> = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map((size) => tumbling(ms(size))),
  fc
    .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 4 }))
    .map(([slide, times]) => hopping(ms(slide * times), ms(slide))),
  fc
    .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 4 }))
    .map(([step, times]) => cumulating(ms(step * times), ms(step))),
  fc.constant(global()),
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 15 }).map((gap) => session(ms(gap))) },
);

/** All panes that windows of any kind can show early where their events are combined. */
const anyEarly: fc.Arbitrary<Trigger["early"]> = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: 1, max: 12 }).map(ms),
  fc.integer({ min: 1, max: 12 }).map((every) => ({ processingTime: ms(every) })),
  fc.constant({
    when: (value: unknown, info: EventInfo): boolean => {
      const { n } = value as Reading;
      if (n === 7) throw new Error("seven");
      return n === 5 || (n === 2 && info.key === "a");
    },
  }),
);

/** Sessions that are shown more than once discard what was shown. */
const anyStage: fc.Arbitrary<Stage> = fc
  .record({
    window: anyWindow,
    allowedLateness: fc.constantFrom(0, 7, 25).map(ms),
    early: anyEarly,
    discarding: fc.boolean(),
    ordered: fc.boolean(),
    behind: fc.option(fc.integer({ min: 1, max: 12 }).map(ms), { nil: undefined, freq: 2 }),
  })
  .map(({ window, allowedLateness, early, discarding, behind, ...rest }) => {
    const isShownOnce = early === undefined && allowedLateness === 0;
    const discards = discarding || (window.kind === "session" && !isShownOnce);
    const trigger: Trigger<unknown> = {
      ...(early === undefined ? {} : { early }),
      ...(discards ? { accumulation: "discarding" as const } : {}),
    };
    const ordered = rest.ordered && window.kind !== "session";
    return stageOf(window, { allowedLateness, trigger, behind, ordered });
  });

/** What a receiver gives and keeps, frame by frame; of failed events not where in a frame they stood. */
function received(stage: Stage, frames: readonly Frame[], combiner?: Combiner, always = false): unknown {
  const fold = new Fold(stage, { codeVersion: "1" });
  const told: EpochMs[] = [BEGINNING_OF_TIME, BEGINNING_OF_TIME];
  const given: unknown[] = [];
  for (const [i, { channel, rows, step }] of frames.entries()) {
    const sent = rows.map((row): Row => [0, row.k, epochMs(row.t), row]);
    const before = told[channel] ?? BEGINNING_OF_TIME;
    const at = ((before === BEGINNING_OF_TIME ? 0 : before) + step) as EpochMs;
    told[channel] = at;
    fold.record(`up/${channel}:${i}`, epochMs(3 * i));
    const travelled = decodeValue(encodeValue(combiner?.combined(sent, before, always) ?? sent)) as Row[];
    for (const row of travelled) fold.row(...row);
    fold.channelWatermark(`up/${channel}`, at);
    given.push(sealed(fold));
  }
  fold.record("end", epochMs(0));
  for (const channel of [0, 1]) fold.channelWatermark(`up/${channel}`, END_OF_TIME);
  return [...given, sealed(fold)];
}

function sealed(fold: Fold): unknown {
  const { outputs, counts } = fold.seal();
  const state = encodeValue([...fold.snapshot()].map(withoutOrder));
  const { input: _, ...others } = counts;
  const failed = outputs.failed.map(({ position: _p, id: _i, ...event }) => event);
  const rows = [...outputs.feeds].map(([to, some]) =>
    to === "failed" ? [to, some.length] : [to, some.map(([, key, time, value]) => [key, time, value])],
  );
  const result = decodeValue(encodeValue({ rows: rows.sort(), failed, others, state }));
  fold.keep();
  return result;
}

/** A map's order says which came first, which no result depends on. */
const withoutOrder = (value: unknown): unknown =>
  value instanceof Map && [...value.values()].every((one) => typeof one === "number")
    ? [...value].sort(([a], [b]) => Number(a) - Number(b))
    : Array.isArray(value)
      ? value.map(withoutOrder)
      : value;

describe("a window behind a shuffle", () => {
  test.prop([anyStage, anyFrames, fc.boolean()], { numRuns: 800 })(
    "gives and keeps of combined rows what it gives and keeps of all rows",
    (stage, frames, always) => {
      expect(received(stage, frames, combinerFor(stage), always)).toEqual(received(stage, frames));
    },
  );

  test.prop([anyStage, anyFrames], { numRuns: 300 })(
    "gives and keeps the same where rows were combined twice on their way",
    (stage, frames) => {
      const combiner = combinerFor(stage);
      const twice = {
        combined: (rows: readonly Row[], told: EpochMs): Row[] => {
          const half = rows.length >> 1;
          const parts = [rows.slice(0, half), rows.slice(half)];
          return combiner.combined(
            parts.flatMap((part) => combiner.combined(part, told, true)),
            told,
            true,
          );
        },
      } as unknown as Combiner;
      expect(received(stage, frames, twice)).toEqual(received(stage, frames));
    },
  );
});

/** Beside this a count weighs little. */
const HEAVY = { note: "x".repeat(80) };
const reading = (id: string, t: number, n = 1, k = "a"): Row => [0, k, epochMs(t), { id, k, t, n, ...HEAVY }];
const counting: CombineSpec = {
  window: tumbling(ms(10)),
  aggregates: { events: count(), most: max("n") } as unknown as CombineSpec["aggregates"],
};
const combine = (rows: readonly Row[], told = BEGINNING_OF_TIME, spec = counting): Row[] =>
  new Combiner(spec).combined(rows, told);

describe("the rows of a commit", () => {
  test("become one for each key and slice, at the newest of their times", () => {
    expect(
      combine([
        reading("a", 1, 4),
        reading("b", 7, 2),
        reading("c", 3),
        reading("d", 12),
        reading("e", 2, 9, "b"),
      ]),
    ).toEqual([
      [COMBINED_EDGE, "a", 7, { n: 3, "=events": 3, "=most": 4 }],
      [COMBINED_EDGE, "a", 12, { n: 1, "=events": 1, "=most": 1 }],
      [COMBINED_EDGE, "b", 2, { n: 1, "=events": 1, "=most": 9 }],
    ]);
  });

  test("stay as they are where the first 500 hardly become fewer, or lighter", () => {
    const of = (keys: number, note = ""): Row[] =>
      combine(
        Array.from({ length: 600 }, (_, i): Row => {
          const k = `k${i % keys}`;
          return [0, k, epochMs(1), { n: i, note }];
        }),
      );
    expect(of(600)).toHaveLength(600);
    expect(of(600).every(([edge]) => edge === 0)).toBe(true);
    expect(of(460)).toHaveLength(600);
    expect(of(410)).toHaveLength(410);
    expect(of(600, "x".repeat(99)).every(([edge]) => edge === COMBINED_EDGE)).toBe(true);
  });

  test("become one for each run of a session, which says from when on it is", () => {
    const spec: CombineSpec = { ...counting, window: session(ms(10)) };
    const times = [30, 1, 11, 200, 20, 210, 221];
    const [one, other, last, ...none] = combine(
      times.map((t) => reading(`e${t}`, t, t)),
      BEGINNING_OF_TIME,
      spec,
    );
    expect(one).toEqual([COMBINED_EDGE, "a", 30, { n: 4, from: 1, "=events": 4, "=most": 30 }]);
    expect(other).toEqual([COMBINED_EDGE, "a", 210, { n: 2, from: 200, "=events": 2, "=most": 210 }]);
    expect([last?.[2], none]).toEqual([221, []]);
  });

  test("that may make nothing of a session but a late event stay as they are, and those after them stay after them", () => {
    const spec: CombineSpec = { ...counting, window: session(ms(10)) };
    const rows = [50, 40, 39, 45].map((t) => reading(`e${t}`, t));
    expect(combine(rows, epochMs(50), spec).map(([edge, , time]) => [edge, time])).toEqual([
      [COMBINED_EDGE, 50],
      [0, 39],
      [COMBINED_EDGE, 45],
    ]);
  });

  test("of one key become one where there is one window for all time", () => {
    const spec: CombineSpec = { ...counting, window: global() };
    const rows = [5e14, -5e14, 7].map((t) => reading(`e${t}`, t));
    expect(combine(rows, epochMs(1e15), spec)).toEqual([
      [COMBINED_EDGE, "a", 5e14, { n: 3, "=events": 3, "=most": 1 }],
    ]);
    expect(combine(rows, END_OF_TIME, spec)).toEqual(rows);
  });

  test("stay apart where one of any key brings their times to a multiple of an interval, and that one by itself", () => {
    const spec: CombineSpec = { ...counting, window: tumbling(ms(100)), intervals: [ms(10), ms(15)] };
    const times = [3, 5, 1, 8, 10, 2, 12, 11, 15, 19, 4];
    const rows = times.map((t, i) => reading(`e${t}`, t, 1, i === 4 ? "b" : "a"));
    expect(
      combine(rows, BEGINNING_OF_TIME, spec).map(([, key, t, value]) => [key, t, (value as { n: number }).n]),
    ).toEqual([
      ["a", 3, 1],
      ["a", 8, 3],
      ["b", 10, 1],
      ["a", 12, 3],
      ["a", 15, 1],
      ["a", 19, 2],
    ]);
  });

  test("stay as they are where they show their windows, and those after them in any of these stay after them", () => {
    const when = (value: unknown): boolean => (value as Reading).n === 9;
    const spec: CombineSpec = { ...counting, window: hopping(ms(20), ms(10)), when };
    const rows = [reading("a", 1), reading("b", 12), reading("c", 11, 9), reading("d", 2), reading("e", 13)];
    expect(combine(rows, BEGINNING_OF_TIME, spec).map(([edge, , time]) => [edge, time])).toEqual([
      ...[1, 12].map((t) => [COMBINED_EDGE, t]),
      [0, 11],
      ...[2, 13].map((t) => [COMBINED_EDGE, t]),
    ]);
  });

  test("stay as they are from the watermark on that the receiver was told", () => {
    const rows = [reading("a", 1), reading("b", 2), reading("c", 10), reading("d", 11)];
    expect(combine(rows, epochMs(10))).toEqual([
      rows[0],
      rows[1],
      [COMBINED_EDGE, "a", 11, expect.anything()],
    ]);
    expect(combine(rows, epochMs(9))).toHaveLength(2);
  });

  test("stay as they are where what they would become is heavier", () => {
    const spec: CombineSpec = {
      window: tumbling(ms(10)),
      aggregates: { often: countMin((value) => (value as Reading).id) } as never,
    };
    const rows = [reading("a", 1), reading("b", 2)];
    expect(combine(rows, BEGINNING_OF_TIME, spec)).toEqual(rows);
    const many = Array.from({ length: 300 }, (_, i) => reading(`e${i}`, 1));
    expect(combine(many, BEGINNING_OF_TIME, spec)).toHaveLength(1);
  });

  test("stay as they are where a selector throws or asks for an id, and those after them stay after them", () => {
    const spec: CombineSpec = {
      window: tumbling(ms(10)),
      aggregates: {
        events: count(),
        odd: count((value, info: EventInfo) => {
          const { id, n } = value as Reading;
          if (n === 3) throw new Error("three");
          return n === 4 ? { ...info }.id === id : true;
        }),
      } as never,
    };
    const rows = [reading("a", 1), reading("b", 2, 3), reading("c", 3), reading("d", 4, 4), reading("e", 5)];
    const one = (t: number): Row => [COMBINED_EDGE, "a", epochMs(t), { n: 1, "=events": 1, "=odd": 1 }];
    expect(combine(rows, BEGINNING_OF_TIME, spec)).toEqual([one(1), rows[1], one(3), rows[3], one(5)]);
  });

  test("stay as they are where no log keeps their value, or no record may", () => {
    class Odd {
      readonly n = 1;
    }
    const values: unknown[] = [
      new Odd(),
      { n: 1, of: () => 1 },
      { n: 1, of: Symbol("s") },
      { n: 1, text: "x".repeat(60_000) },
    ];
    const rows = values.map((value): Row => [0, "a", epochMs(1), value]);
    expect(combine(rows)).toEqual(rows);
  });

  test("stay as they are where an aggregate throws at what was picked of them", () => {
    const rows = [1n, 2n].map((n, i): Row => [0, "a", epochMs(i), { n, ...HEAVY }]);
    expect(combine(rows)).toEqual(rows);
  });

  test("stay as they are where their time is in no window", () => {
    const rows: Row[] = [[0, "a", END_OF_TIME, { n: 1 }]];
    expect(combine(rows)).toEqual(rows);
  });

  test("of a hot key become rows that fit a record each", () => {
    const spec: CombineSpec = {
      window: tumbling(ms(10)),
      aggregates: { ids: collect(100_000, (value) => (value as Reading).id) } as never,
    };
    const rows = Array.from({ length: 40_000 }, (_, i) => reading(`event number ${i}`, 1));
    const sent = combine(rows, BEGINNING_OF_TIME, spec);
    expect(sent.length).toBeLessThan(100);
    for (const row of sent) expect(encodeValue(row).length).toBeLessThan(200_000);
    expect(sent.flatMap(([, , , value]) => (value as Record<string, string[]>)["=ids"])).toHaveLength(40_000);
  });
});

describe("a combined row that its receiver did not ask for", () => {
  const whole = stageOf(tumbling(ms(10)), { allowedLateness: ms(0), trigger: {} });
  // no policy may drop it
  const stage = { ...whole, nodes: whole.nodes.map((node) => ({ ...node, onError: "skip" as const })) };
  const failedBy = (row: Row, watermark = 0): unknown => {
    const fold = new Fold(stage, { codeVersion: "1" });
    for (const channel of [0, 1]) fold.channelWatermark(`up/${channel}`, epochMs(watermark));
    fold.row(...row);
    return fold.seal().outputs.failed.map(({ operator, error, payload }) => [operator, error.code, payload]);
  };

  test.each<[string, unknown]>([
    ["of other aggregates", { n: 1, "=events": 1 }],
    ["of one more", { ...wholeOf(), "=more": 1 }],
    ["of what is no partial result", "x"],
    ["with no number", { ...wholeOf(), n: "many" }],
    ["whose values are no list", { ...wholeOf(), "=total": 1 }],
  ])("is a failed event: %s", (_, value) => {
    expect(failedBy([COMBINED_EDGE, "a", epochMs(1), value])).toEqual([["p.w", "PARTIAL_UNKNOWN", value]]);
  });

  test("is a failed event where its windows are over", () => {
    const row = new Combiner({ window: tumbling(ms(10)), aggregates: aggregates as never }).combined(
      [reading("a", 1)],
      BEGINNING_OF_TIME,
      true,
    )[0] as Row;
    expect(failedBy(row)).toEqual([]);
    expect(failedBy(row, 10)).toEqual([["p.w", "PARTIAL_UNKNOWN", row[3]]]);
  });

  test("is a failed event of a stage that takes none", () => {
    const [window, ...others] = stage.nodes;
    const assign = (): Span[] => [{ start: epochMs(0), end: epochMs(10) }];
    const own = {
      ...window?.spec,
      window: customWindows("own", { assign }),
    } as Stage["nodes"][number]["spec"];
    const fold = new Fold(
      { ...stage, nodes: [{ ...(window as Stage["nodes"][number]), spec: own }, ...others] },
      { codeVersion: "1" },
    );
    fold.row(COMBINED_EDGE, "a", epochMs(1), {});
    expect(fold.seal().outputs.failed).toMatchObject([
      { operator: "p.w", error: { code: "PARTIAL_UNKNOWN" } },
    ]);
  });
});

/** What a combined row for `aggregates` is. */
function wholeOf(): Record<string, unknown> {
  const [row] = new Combiner({ window: tumbling(ms(10)), aggregates: aggregates as never }).combined(
    [reading("a", 1)],
    BEGINNING_OF_TIME,
    true,
  );
  return row?.[3] as Record<string, unknown>;
}

test.each<[AnyWindow<unknown>, Trigger<unknown>, object, string | undefined]>([
  [tumbling(ms(10)), {}, { n: count() }, undefined],
  [hopping(ms(10), ms(5)), {}, { n: sum("n") }, undefined],
  [hopping(ms(10), ms(4)), {}, { n: count() }, "divide"],
  [session(ms(10)), {}, { n: count() }, undefined],
  [session(ms(10)), {}, { n: count(), total: sum("n") }, '"total" (sum) depends on the order'],
  [session(ms(10)), { early: ms(5) }, { n: count() }, "retracted with each event"],
  [session(ms(10)), { early: ms(5), accumulation: "discarding" }, { n: count() }, undefined],
  [global(), {}, { n: count(), total: sum("n") }, undefined],
  [customWindows("own", { assign: () => [] }), {}, { n: count() }, "custom"],
  [tumbling(ms(10)), { early: ms(5) }, { n: count() }, undefined],
  [tumbling(ms(10)), { early: { processingTime: ms(5) } }, { n: count() }, undefined],
  [tumbling(ms(10)), { early: { when: () => true } }, { n: count() }, undefined],
  [tumbling(ms(10)), { early: { events: 5 } }, { n: count() }, "by count"],
  [
    tumbling(ms(10)),
    {},
    { odd: custom({ create: () => 0, add: (a: number) => a, merge: (a: number) => a, finish: (a) => a }) },
    '"odd" (custom)',
  ],
])("what stands in the way of combining is said: %j", (window, trigger, some, why) => {
  const said = whyNotCombined({ window, trigger, aggregates: some as never, allowedLateness: ms(0) });
  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(why);
});

test.prop([fc.jsonValue(), fc.constantFrom("\u0000", '"', "é", "x")])(
  "a value's text in UTF-8 takes six times its weight at most",
  (json, unit) => {
    const value = { json, unit, map: new Map([[unit.repeat(20), undefined]]), bytes: new Uint8Array(40) };
    const bytes = new TextEncoder().encode(encodeValue(value)).length;
    expect(bytes).toBeLessThanOrEqual(6 * (weightOf(value, Number.MAX_SAFE_INTEGER) ?? 0));
  },
);
