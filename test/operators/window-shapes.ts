import {
  application,
  approxQuantile,
  type CustomWindows,
  collect,
  count,
  countDistinct,
  cumulating,
  custom,
  customWindows,
  epochMs,
  first,
  global,
  hopping,
  lake,
  last,
  max,
  milliseconds as ms,
  pipeline,
  quantile,
  session,
  sum,
  topK,
  tumbling,
  type WindowSpec,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Aggregates, WindowedOptions } from "../../shared/pipeline/flow.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { type Reading, readingsOf, sourceStage } from "./one-stage.ts";
import { source } from "./shape-source.ts";

const usual = {
  events: count<Reading>(),
  total: sum<Reading>("n"),
  top: max<Reading>("n"),
  ids: collect<Reading, "id">(100, "id"),
  mid: quantile<Reading>(0.5, "n"),
  oldest: first<Reading, "id">("id"),
  newest: last<Reading, "id">("id"),
};

/** Changes its accumulator in place, gives it away as the result, and throws half-way wherever it can. */
const treacherous = custom<Reading, Map<number, string[]>, Map<number, string[]>>({
  create: () => new Map(),
  add: (ids, { id, n }) => {
    ids.set(-1, [id]);
    if (n === 5) throw new Error("five");
    ids.set(n, [...(ids.get(n) ?? []), id]);
    return ids;
  },
  merge: (a, b) => {
    for (const [n, ids] of b) {
      if (n === 4) throw new Error("four");
      a.set(n, [...(a.get(n) ?? []), ...ids]);
    }
    return a;
  },
  finish: (ids) => {
    if (ids.has(6)) throw new Error("six");
    return ids;
  },
});

/** What windows of slices can be made of. */
const divisible = {
  events: count<Reading>(),
  some: count<Reading>(({ n }) => {
    if (n === 3) throw new Error("three");
    return n > 3;
  }),
  top: max<Reading>("n"),
  oldest: first<Reading, "id">("id"),
  newest: last<Reading, "id">("id"),
  whole: sum<Reading>(({ n }) => (n - 3) * 2 ** 51, { whole: true }),
};

/** What is combined before a shuffle, by accumulators and by values. */
const combined = {
  ...usual,
  some: divisible.some,
  different: countDistinct<Reading>("id"),
  about: approxQuantile<Reading>(0.9, "n"),
  often: topK<Reading, string>(2, "id", { capacity: 3 }),
};

/** Of these the ones of which no order shows. */
const unordered = {
  events: usual.events,
  some: divisible.some,
  top: usual.top,
  mid: usual.mid,
  different: combined.different,
  whole: divisible.whole,
};

const throwing = {
  ...usual,
  some: count<Reading>(({ n }) => {
    if (n === 3) throw new Error("three");
    return n > 3;
  }),
  odd: treacherous,
};

const windowed = (
  window: WindowSpec | CustomWindows<Reading>,
  options: Omit<WindowedOptions, "id">,
  aggregates: Aggregates<Reading> = usual,
): Stage =>
  sourceStage((readings) => {
    const out = readings
      .keyBy("k")
      .window(window, { id: "w", ...options })
      .aggregate(aggregates);
    return { out, late: out.late, failed: out.failed };
  }, source);

/** The stage behind a shuffle, fed by two partitions. */
function behindShuffle(
  window: WindowSpec,
  options: Omit<WindowedOptions, "id">,
  aggregates: Aggregates<Reading> = throwing,
): Stage {
  const readings = readingsOf(source);
  const built = pipeline("p", (p) => {
    const out = p
      .from(readings)
      .keyBy((r) => r.k)
      .window(window, { id: "w", ...options })
      .aggregate(aggregates);
    out.to(lake("out"));
    out.late.to(lake("late"));
  });
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get("p.w");
  if (stage === undefined) throw new Error("no shuffle was planned");
  return { ...stage, input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] } };
}

const early = { early: ms(10) };
const earlyByClock = { early: { processingTime: ms(15) } };
const everyThird = { early: { events: 3 } };
const discarding = { accumulation: "discarding" } as const;

/** Windows of every kind, by source and behind a shuffle. */
export const windowShapes: Readonly<Record<string, Stage>> = {
  "tumbling windows": windowed(tumbling(ms(20)), {}),
  "tumbling windows with lateness and early panes": windowed(tumbling(ms(20)), {
    allowedLateness: ms(15),
    trigger: early,
  }),
  "tumbling windows with lateness and early panes by processing time": windowed(tumbling(ms(30)), {
    allowedLateness: ms(15),
    trigger: earlyByClock,
  }),
  "discarding tumbling windows": windowed(tumbling(ms(30)), {
    allowedLateness: ms(15),
    trigger: { ...everyThird, ...discarding },
  }),
  "hopping windows": windowed(hopping(ms(25), ms(10)), { allowedLateness: ms(7), trigger: early }),
  "hopping windows of which two overlap": windowed(hopping(ms(20), ms(10)), {
    allowedLateness: ms(7),
    trigger: early,
  }),
  "hopping windows in several blocks": windowed(hopping(ms(140), ms(2)), {
    allowedLateness: ms(7),
    trigger: { early: { events: 4 } },
  }),
  "hopping windows in rows, early by processing time": windowed(
    hopping(ms(30), ms(4)),
    { allowedLateness: ms(12), trigger: { ...earlyByClock, ...discarding } },
    throwing,
  ),
  "hopping windows of slices": windowed(hopping(ms(24), ms(8)), {}, divisible),
  "hopping windows with throwing aggregates": windowed(
    hopping(ms(25), ms(10)),
    { allowedLateness: ms(7), trigger: everyThird },
    throwing,
  ),
  sessions: windowed(session(ms(8)), {}),
  "sessions with lateness and early panes": windowed(session(ms(8)), {
    allowedLateness: ms(30),
    trigger: early,
  }),
  "sessions with lateness and early panes by processing time": windowed(session(ms(8)), {
    allowedLateness: ms(30),
    trigger: earlyByClock,
  }),
  "discarding sessions": windowed(session(ms(12)), {
    allowedLateness: ms(30),
    trigger: { ...early, ...discarding },
  }),
  "sessions with throwing aggregates": windowed(
    session(ms(12)),
    { allowedLateness: ms(30), trigger: everyThird },
    throwing,
  ),
  "tumbling windows behind a shuffle": behindShuffle(tumbling(ms(20)), {
    allowedLateness: ms(15),
    trigger: early,
  }),
  "tumbling windows behind a shuffle that combines": behindShuffle(
    tumbling(ms(20)),
    { allowedLateness: ms(15) },
    combined,
  ),
  "hopping windows behind a shuffle that combines": behindShuffle(
    hopping(ms(24), ms(8)),
    { allowedLateness: ms(7), trigger: discarding },
    combined,
  ),
  "hopping windows of slices behind a shuffle that combines": behindShuffle(
    hopping(ms(24), ms(8)),
    {},
    divisible,
  ),
  "windows that cumulate behind a shuffle that combines": behindShuffle(
    cumulating(ms(30), ms(10)),
    { allowedLateness: ms(12) },
    combined,
  ),
  "sessions behind a shuffle that combines": behindShuffle(session(ms(12)), {}, unordered),
  "discarding sessions behind a shuffle that combines": behindShuffle(
    session(ms(12)),
    { allowedLateness: ms(30), trigger: { ...earlyByClock, ...discarding } },
    unordered,
  ),
  "one window for all time behind a shuffle that combines": behindShuffle(
    global(),
    { trigger: { early: { when: (reading) => (reading as Reading).n === 2 } } },
    combined,
  ),
  "sessions behind a shuffle": behindShuffle(session(ms(25)), { allowedLateness: ms(60), trigger: early }),
  "windows that cumulate": windowed(cumulating(ms(30), ms(10)), { allowedLateness: ms(12), trigger: early }),
  "windows that cumulate, discarding, early by processing time": windowed(
    cumulating(ms(30), ms(10)),
    { allowedLateness: ms(12), trigger: { ...earlyByClock, ...discarding } },
    throwing,
  ),
  "one window for all time, by processing time": windowed(global(), { trigger: earlyByClock }, throwing),
  "one window for all time, by a trigger": windowed(
    global(),
    { trigger: { early: { when: (reading) => (reading as Reading).n === 2 }, ...discarding } },
    throwing,
  ),
  "custom windows that merge": windowed(
    customWindows<Reading>("by-n", {
      assign: ({ t, n }) => {
        if (n === 3) throw new Error("three");
        return [{ start: epochMs(t), end: epochMs(t + 1 + 4 * n) }];
      },
      merge: true,
    }),
    { allowedLateness: ms(30), trigger: everyThird },
  ),
  "custom windows": windowed(
    customWindows<Reading>("two", {
      assign: ({ t, n }) => [
        { start: epochMs(t), end: epochMs(t + 1 + n) },
        { start: epochMs(0), end: epochMs(40 + n) },
      ],
    }),
    { allowedLateness: ms(10), trigger: early },
    throwing,
  ),
};
