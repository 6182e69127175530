import { fc } from "@fast-check/vitest";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  avg,
  collect,
  count,
  countDistinct,
  cumulating,
  custom,
  type EpochMs,
  epochMs,
  type Flow,
  first,
  global,
  hopping,
  type KeyedFlow,
  type ListState,
  lake,
  last,
  listState,
  max,
  min,
  milliseconds as ms,
  type Pattern,
  pattern,
  pipeline,
  quantile,
  type ResultFlow,
  type StepBuilder,
  type Stream,
  session,
  stream,
  sum,
  type Trigger,
  tumbling,
  type ValueState,
  valueState,
  view,
  type WindowSpec,
} from "../../shared/index.ts";
import { whyNotCombined } from "../../shared/operators/combine/spec.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { anyLookup, type LookupStep, lookedUp } from "./any-lookup.ts";

/** The events of generated pipelines, and what their operators turn everything into. */
export type Row = {
  readonly id: string;
  readonly k: string;
  readonly g: number;
  readonly t: number;
  readonly n: number;
};

type Early =
  | { readonly ms: number }
  | { readonly byClock: number }
  | { readonly events: number }
  /** The number of an event that shows its windows. */
  | { readonly n: number }
  | undefined;
type Aligned = Extract<WindowSpec, { readonly kind: "tumbling" | "hopping" }>;
type OnError = "dead-letter" | "skip";

/** One operator of a generated pipeline. */
type Step =
  | LookupStep
  | { readonly kind: "filter"; readonly not: number }
  | { readonly kind: "map"; readonly throwsAt: number; readonly onError: OnError }
  | { readonly kind: "flatMap" }
  | { readonly kind: "select" }
  | { readonly kind: "keyBy"; readonly by: "k" | "g" | "function" }
  | {
      readonly kind: "dedupe";
      readonly by: "id" | "n";
      readonly within: number;
      readonly approximate: { readonly errorRate: number; readonly capacity: number } | undefined;
    }
  | { readonly kind: "broadcast"; readonly with: "itself" | "other"; readonly throwsAt: number }
  | { readonly kind: "union"; readonly with: "itself" | "other" }
  | {
      readonly kind: "join";
      readonly by: "window" | "interval" | "key" | "version";
      readonly with: "itself" | "other";
      readonly window: Aligned;
      readonly outer: boolean;
      readonly from: number;
      readonly length: number;
      readonly grace: number;
    }
  | {
      readonly kind: "pace";
      readonly by: "throttle" | "debounce" | "sample" | "batch";
      readonly most: number;
      readonly span: number;
    }
  | {
      readonly kind: "process";
      /** By whose time its states and timers go. */
      readonly in: "event-time" | "processing-time";
      readonly ttl: number;
      readonly after: number;
      readonly throwsAt: number;
    }
  | {
      readonly kind: "match";
      readonly steps: readonly Word[];
      readonly within: number;
      readonly skip: "noSkip" | "skipToNext" | "skipPastLastEvent" | { readonly first: "s0" };
      readonly maxRuns: number;
    }
  | {
      readonly kind: "window";
      readonly window: WindowSpec;
      readonly lateness: number;
      readonly early: Early;
      readonly discarding: boolean;
      /**
       * What it aggregates: anything, what can be merged in any order, of that what weighs less than a row, so that few
       * rows are worth combining, or something that throws.
       */
      readonly of: "usual" | "mergeable" | "light" | "fragile";
      /** Partitions over which its keys are spread, where they can be. */
      readonly spread: number | undefined;
    };

/** A step of a pattern: what it takes has an `n` of at least `least`, and its condition throws at one. */
type Word = {
  readonly how: "next" | "followedBy" | "followedByAny" | "notNext" | "notFollowedBy";
  readonly least: number;
  readonly throwsAt: number;
  readonly times: "once" | "twice" | "optional" | "oneOrMore";
};

/** A generated application, as plain data that shrinks and prints. */
export type Recipe = {
  /** Whether rows are combined before shuffles, as they are by default. */
  readonly combine?: boolean;
  readonly outOfOrder: number;
  readonly partitions: number;
  readonly idle: boolean;
  readonly steps: readonly Step[];
};

const anyMs = (least: number, most: number): fc.Arbitrary<number> => fc.integer({ min: least, max: most });

const anyWindow: fc.Arbitrary<WindowSpec> = fc.oneof(
  anyMs(5, 40).map((size) => tumbling(ms(size))),
  fc.tuple(anyMs(5, 40), anyMs(4, 40)).map(([a, b]) => hopping(ms(Math.max(a, b)), ms(Math.min(a, b)))),
  fc.tuple(anyMs(4, 12), anyMs(2, 4)).map(([slide, times]) => hopping(ms(slide * times), ms(slide))),
  fc.tuple(anyMs(4, 12), anyMs(2, 4)).map(([step, times]) => cumulating(ms(step * times), ms(step))),
  anyMs(2, 25).map((gap) => session(ms(gap))),
  fc.constant(global()),
);

const anyEarly: fc.Arbitrary<Early> = fc.oneof(
  fc.constant(undefined),
  fc.record({ ms: anyMs(1, 30) }),
  fc.record({ byClock: anyMs(1, 30_000) }),
  fc.record({ events: anyMs(1, 4) }),
  fc.record({ n: fc.nat({ max: 7 }) }),
);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("window" as const),
      window: anyWindow,
      lateness: fc.oneof(fc.constant(0), anyMs(1, 60)),
      early: anyEarly,
      discarding: fc.boolean(),
      of: fc.constantFrom("usual" as const, "mergeable" as const, "light" as const, "fragile" as const),
      spread: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, anyMs(2, 3)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("keyBy" as const),
      by: fc.constantFrom("k" as const, "g" as const, "function" as const),
    }),
  },
  { weight: 2, arbitrary: anyLookup },
  fc.record({ kind: fc.constant("filter" as const), not: fc.nat({ max: 7 }) }),
  fc.record({
    kind: fc.constant("map" as const),
    throwsAt: fc.nat({ max: 7 }),
    onError: fc.constantFrom<OnError>("dead-letter", "skip"),
  }),
  fc.record({ kind: fc.constantFrom("flatMap" as const, "select" as const) }),
  fc.record({
    kind: fc.constant("dedupe" as const),
    by: fc.constantFrom("id" as const, "n" as const),
    within: anyMs(1, 200),
    approximate: fc.option(
      fc.record({ errorRate: fc.constantFrom(0.01, 0.1, 0.4), capacity: fc.integer({ min: 1, max: 20 }) }),
      { nil: undefined },
    ),
  }),
  fc.record({
    kind: fc.constant("broadcast" as const),
    with: fc.constantFrom("itself" as const, "other" as const),
    throwsAt: fc.nat({ max: 7 }),
  }),
  fc.record({
    kind: fc.constant("union" as const),
    with: fc.constantFrom("itself" as const, "other" as const),
  }),
);

const anyWord: fc.Arbitrary<Word> = fc.record({
  how: fc.constantFrom("next", "followedBy", "followedBy", "followedByAny", "notNext", "notFollowedBy"),
  least: fc.nat({ max: 6 }),
  throwsAt: fc.nat({ max: 20 }),
  times: fc.constantFrom("once", "once", "twice", "optional", "oneOrMore"),
});

const anyGathering: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("pace" as const),
    by: fc.constantFrom("throttle" as const, "debounce" as const, "sample" as const, "batch" as const),
    most: anyMs(1, 4),
    span: anyMs(1, 40),
  }),
  fc.record({
    kind: fc.constant("process" as const),
    in: fc.constantFrom("event-time" as const, "processing-time" as const, "processing-time" as const),
    // a request takes seconds, a tick a minute
    ttl: fc.oneof(anyMs(1, 60), anyMs(1_000, 200_000)),
    after: fc.oneof(anyMs(1, 60), anyMs(1_000, 200_000)),
    throwsAt: fc.nat({ max: 20 }),
  }),
  fc.record({
    kind: fc.constant("match" as const),
    steps: fc.array(anyWord, { minLength: 1, maxLength: 3 }),
    within: anyMs(1, 60),
    skip: fc.constantFrom("noSkip" as const, "skipToNext" as const, "skipPastLastEvent" as const, {
      first: "s0" as const,
    }),
    maxRuns: anyMs(1, 12),
  }),
);

const anyAligned = anyWindow.filter(
  (window): window is Aligned => window.kind === "tumbling" || window.kind === "hopping",
);

const anyJoin: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("join" as const),
  by: fc.constantFrom("window" as const, "interval" as const, "key" as const, "version" as const),
  with: fc.constantFrom("itself" as const, "other" as const),
  window: anyAligned,
  outer: fc.boolean(),
  from: anyMs(-30, 20),
  length: anyMs(1, 40),
  grace: fc.oneof(fc.constant(0), anyMs(1, 30)),
});

/** At most one join, near the front: pairs of pairs would be too many. */
const anySteps: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 3, arbitrary: fc.array(anyStep, { minLength: 1, maxLength: 5 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.array(anyStep, { maxLength: 2 }),
        anyGathering,
        fc.array(fc.oneof(anyStep, anyGathering), { maxLength: 2 }),
      )
      .map(([before, gathering, after]) => [...before, gathering, ...after]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(anyStep, { maxLength: 1 }), anyJoin, fc.array(anyStep, { maxLength: 2 }))
      .map(([before, join, after]) => [...before, join, ...after]),
  },
);

export const anyRecipe: fc.Arbitrary<Recipe> = fc.record({
  outOfOrder: anyMs(0, 25),
  partitions: anyMs(1, 3),
  idle: fc.boolean(),
  steps: anySteps,
});

/** Takes everything for what it is said to be. */
const anything: StandardSchemaV1<unknown, Row> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Row }) },
};

const streamOf = (id: string, { outOfOrder, partitions, idle }: Recipe): Stream<Row> =>
  stream(id, {
    schema: anything,
    time: "t",
    key: "k",
    partitions,
    outOfOrder: ms(outOfOrder),
    ...(idle ? { idle: { threshold: ms(2_000), incrementBy: ms(40), initSourceDelay: ms(3_000) } } : {}),
  });

/**
 * The application of a recipe: what every operator gives ends in a sink of its own. Keys are spread where the planner
 * takes that.
 */
export function applicationOf(recipe: Recipe): Application {
  const app = built(recipe);
  try {
    planApplication(app);
    return app;
  } catch {
    // an operator behind a spread window goes by the order of events
    const steps = recipe.steps.map((step) =>
      step.kind === "window" ? { ...step, spread: undefined } : step,
    );
    return built({ ...recipe, steps });
  }
}

function built(recipe: Recipe): Application {
  const streams = [streamOf("one", recipe), streamOf("two", recipe)] as const;
  const rows = pipeline("p", (p) => {
    let flow = rowsOf(p.from(streams[0]).keyBy("k"));
    flow.to(lake("heard"), { priority: -1 });
    for (const [i, step] of recipe.steps.entries())
      flow = stepped(flow, step, i, () => p.from(streams[1]), recipe);
    // ids that name all rows behind them may be longer than a sort value may be
    flow.to(view("rows", { key: (r) => r.k, sort: (r) => r.id.slice(0, 500) }), { priority: 1 });
    flow.to(lake("rows"));
  });
  const read = rows.nodes.some(({ spec }) => spec.kind === "source" && spec.stream === streams[1]);
  return application("generated", { streams: read ? [...streams] : [streams[0]], pipelines: [rows] });
}

const ALL_FIELDS = ["id", "k", "g", "t", "n"] as const;

type Rows = KeyedFlow<string | number, Row>;

/** A flow by keys of any kind. */
const rowsOf = (flow: unknown): Rows => flow as Rows;

function stepped(flow: Rows, step: Step, i: number, other: () => Flow<Row>, recipe: Recipe): Rows {
  switch (step.kind) {
    case "filter":
      return flow.filter(({ n }) => n !== step.not);
    case "map": {
      const mapped = flow.map(
        (row) => {
          if (row.n === step.throwsAt) throw new RangeError(`row ${row.id} is refused`);
          return { ...row, n: (row.n * 3 + 1) % 8 };
        },
        { onError: step.onError },
      );
      mapped.failed.to(lake(`refused_${i}`));
      return mapped;
    }
    case "flatMap":
      return flow.flatMap((row) =>
        Array.from({ length: row.n % 3 }, (_, part) => ({ ...row, id: `${row.id}.${part}` })),
      );
    case "select":
      return rowsOf(flow.map((row) => ({ ...row, more: { row, n: row.n } })).select(...ALL_FIELDS, "more.n"));
    case "keyBy":
      return rowsOf(step.by === "function" ? flow.keyBy(({ k, n }) => `${k}${n % 2}`) : flow.keyBy(step.by));
    case "dedupe":
      return flow.dedupe({
        id: `dedupe_${i}`,
        by: step.by,
        within: ms(step.within),
        ...(step.approximate === undefined ? {} : { approximate: step.approximate }),
      });
    case "union": {
      const rows =
        step.with === "itself" ? flow.map((row) => ({ ...row, id: `${row.id}'` })) : other().keyBy("k");
      return flow.union(rowsOf(rows));
    }
    case "broadcast": {
      const control = (step.with === "other" ? other() : flow).filter(({ n }) => n > 3).keyBy("n");
      return flow.withBroadcast(
        control.map((row) => (row.t % 4 === 0 ? null : row)),
        {
          id: `broadcast_${i}`,
          prepare: ({ id, n }) => {
            if (n === step.throwsAt) throw new RangeError(`${id} is refused`);
            return id;
          },
          onEvent: (row, latest) => {
            if (latest.has(step.throwsAt - 4)) throw new RangeError(`row ${row.id} is refused`);
            return [...latest.values()].slice(0, 2).map((id) => ({ ...row, id: `${row.id}@${id}` }));
          },
        },
      );
    }
    case "join":
      return joined(flow, step, i, other);
    case "lookup":
      return rowsOf(lookedUp(flow, step, i));
    case "pace":
      return paced(flow, step, i);
    case "process":
      return processed(flow, step, i);
    case "match":
      return matched(flow, step, i);
    case "window":
      return windowed(flow, step, i, recipe);
  }
}

function paced(flow: Rows, { by, most, span }: Extract<Step, { kind: "pace" }>, i: number): Rows {
  const id = `pace_${i}`;
  switch (by) {
    case "throttle": {
      const passed = flow.throttle({ id, most, per: ms(span) });
      passed.late.to(lake(`late_${i}`));
      passed.excess.to(lake(`excess_${i}`));
      return passed;
    }
    case "debounce": {
      const settled = flow.debounce({ id, quiet: ms(span) });
      settled.late.to(lake(`late_${i}`));
      return settled;
    }
    case "sample":
      return flow.sample({ id, every: ms(span), take: most % 2 === 0 ? "first" : "last" });
    case "batch":
      return rowsOf(
        flow.batch({ id, size: most, within: ms(span) }).map(
          ({ key, values }, { time }): Row => ({
            id: values.map((row) => row.id).join("+"),
            k: String(key),
            g: values.length % 3,
            t: time,
            n: values.reduce((sum, { n }) => sum + n, 0) % 8,
          }),
        ),
      );
  }
}

/** Tells what it remembers with each event, and once more some time after the last of a key. */
function processed(flow: Rows, step: Extract<Step, { kind: "process" }>, i: number): Rows {
  const { in: domain, ttl, after, throwsAt } = step;
  const byClock = domain === "processing-time";
  type State = { readonly seen: ListState<string>; readonly due: ValueState<EpochMs> };
  const told = (what: string, { seen }: State, key: string | number, t: number): Row => {
    const ids = seen.get();
    return { id: `${what}[${ids.join("+")}]`, k: String(key), g: ids.length % 3, t, n: ids.length % 8 };
  };
  const onTime = (
    at: EpochMs,
    { state, key, time }: { state: State; key: string | number; time: number },
  ) => {
    state.due.clear();
    if (at % 5 === 0) throw new RangeError("five");
    return [told(`after ${at}: `, state, key, time)];
  };
  const out = flow.process({
    id: `process_${i}`,
    state: {
      seen: listState<string>({ ttl: ms(ttl), in: domain }),
      due: valueState<EpochMs>(),
    },
    onEvent({ id, n }, { key, time, processingTime, state, timers }) {
      state.seen.add(id);
      if (n === throwsAt) throw new RangeError("an event is refused");
      const before = state.due.get();
      const due = epochMs((byClock ? processingTime : time) + after);
      state.due.set(due);
      if (byClock) {
        if (before !== undefined) timers.cancelProcessingTime(before);
        timers.atProcessingTime(due);
      } else {
        if (before !== undefined) timers.cancel(before);
        timers.at(due);
      }
      return [told(`${id}: `, state, key, time)];
    },
    ...(byClock ? { onProcessingTimer: onTime } : { onTimer: onTime }),
  });
  out.failed.to(lake(`failed_${i}`));
  return out;
}

function matched(flow: Rows, step: Extract<Step, { kind: "match" }>, i: number): Rows {
  const { steps, within, maxRuns } = step;
  // only a step that takes events can be skipped to
  const skip = typeof step.skip === "object" && steps[0]?.how.startsWith("not") ? "noSkip" : step.skip;
  const found = flow.match(patternOf(steps, within), { id: `match_${i}`, skip, maxRuns });
  found.timeouts.to(lake(`timeouts_${i}`));
  found.late.to(lake(`late_${i}`));
  found.failed.to(lake(`failed_${i}`));
  return rowsOf(
    found.map(({ key, match }, { time }): Row => {
      const rows = Object.values(match).flat();
      return {
        id: rows.map((row) => row.id).join("-"),
        k: String(key),
        g: rows.length % 3,
        t: time,
        n: rows.reduce((sum, { n }) => sum + n, 0) % 8,
      };
    }),
  );
}

/** A pattern that is never refused: nothing is forbidden on the way to the very next event. */
function patternOf(words: readonly Word[], within: number): Pattern<Row, string> {
  const whereOf =
    ({ least, throwsAt }: Word) =>
    (row: Row, taken: Readonly<Record<string, readonly Row[]>>): boolean => {
      if (row.n === throwsAt) throw new RangeError(`a condition throws at ${throwsAt}`);
      return row.n + Object.values(taken).flat().length >= least;
    };
  const first = pattern<Row>().begin<string>("begin", ({ n }) => n > 0);
  const built = words.reduce((so, word, i) => {
    const { how, times } = word;
    const name = `s${i}`;
    if (how === "notNext") return so.notNext(name, whereOf(word)) as StepBuilder<Row, string>;
    if (how === "notFollowedBy" && words[i + 1]?.how !== "next")
      return so.notFollowedBy(name, whereOf(word)) as StepBuilder<Row, string>;
    const taking = so[how === "notFollowedBy" ? "followedBy" : how](name, whereOf(word));
    if (times === "once") return taking;
    return times === "twice" ? taking.times(1, 2) : taking[times]();
  }, first);
  return built.within(ms(within));
}

type Pair = { readonly left: Row | null; readonly right: Row | null };

/** Both sides by one field, since keys must be of one type. */
function joined(flow: Rows, step: Extract<Step, { kind: "join" }>, i: number, other: () => Flow<Row>): Rows {
  const left = flow.keyBy("k");
  const right = (step.with === "other" ? other() : flow)
    .map((row) => ({ ...row, id: `${row.id}"` }))
    .keyBy("k");
  const shared = { id: `join_${i}`, grace: ms(step.grace) };
  const outer = step.outer ? ("left" as const) : ("inner" as const);
  const pairs = (): unknown => {
    switch (step.by) {
      case "window":
        return left.join(right, { ...shared, window: step.window, type: step.outer ? "full" : "inner" });
      case "interval":
        return left.join(right, {
          ...shared,
          type: outer,
          within: { from: ms(step.from), to: ms(step.from + step.length) },
        });
      case "key":
        return left.join(right, { ...shared, ttl: ms(step.length) });
      case "version":
        return left.temporalJoin(right, { ...shared, type: outer, ttl: ms(step.length * 3) });
    }
  };
  const found = pairs() as KeyedFlow<string, Pair> & { readonly late: Flow<unknown> };
  found.to(lake(`pairs_${i}`));
  found.late.to(lake(`late_rows_${i}`));
  return rowsOf(
    found.map(
      (pair, { time }): Row => ({
        id: `${pair.left?.id}&${pair.right?.id}`,
        k: (pair.left ?? pair.right)?.k ?? "",
        g: ((pair.left?.g ?? 0) + (pair.right?.g ?? 0)) % 3,
        t: time,
        n: ((pair.left?.n ?? 0) + (pair.right?.n ?? 0)) % 8,
      }),
    ),
  );
}

function windowed(
  flow: Rows,
  step: Extract<Step, { kind: "window" }>,
  i: number,
  { combine = true }: Recipe,
): Rows {
  const { early } = step;
  const allowedLateness = ms(step.lateness);
  const accumulation = step.discarding ? ({ accumulation: "discarding" } as const) : {};
  const trigger = { ...(early === undefined ? {} : { early: earlyOf(early) }), ...accumulation };
  const isSpread =
    step.spread !== undefined &&
    (step.of === "mergeable" || step.of === "light") &&
    early === undefined &&
    whyNotCombined({ window: step.window, allowedLateness, trigger: accumulation, aggregates: {} }) ===
      undefined;
  const keyed = isSpread ? flow.spread(step.spread) : flow;
  const results = keyed
    .window(step.window, {
      id: `window_${i}`,
      combine,
      allowedLateness,
      trigger,
    })
    .aggregate(AGGREGATES[step.of] as typeof MERGEABLE) as Results;
  written(results, i);
  return results.map(
    (r, { time }): Row => ({
      id: `${r.key}/${r.window.start}/${r.pane.index}`,
      k: String(r.key),
      g: r.some % 3,
      t: time,
      n: r.events % 8,
    }),
  );
}

const earlyOf = (early: NonNullable<Early>): NonNullable<Trigger<Row>["early"]> => {
  if ("ms" in early) return ms(early.ms);
  if ("n" in early) return { when: ({ n }) => n === early.n };
  return "byClock" in early ? { processingTime: ms(early.byClock) } : early;
};

type Results = ResultFlow<string | number, Row, typeof MERGEABLE>;

function written(results: Results, i: number): void {
  results.to(view(`results_${i}`, { key: (r) => r.key, sort: (r) => r.window.start }));
  results.to(lake(`panes_${i}`));
  results.late.to(lake(`late_${i}`));
  results.failed.to(lake(`failed_${i}`));
}

/** Throws half-way, in each of its steps. */
const FRAGILE = custom<Row, { readonly ids: string[] }, number>({
  create: () => ({ ids: [] }),
  add: (state, { id, n }) => {
    state.ids.push(id);
    if (n === 5) throw new RangeError("five");
    return state;
  },
  merge: (a, b) => ({ ids: [...a.ids, ...b.ids] }),
  finish: ({ ids }) => {
    if (ids.length === 4) throw new RangeError("four");
    return ids.length;
  },
});

const LIGHT = {
  events: count<Row>(),
  some: count<Row>(({ n }) => {
    if (n === 6) throw new RangeError("six");
    return n > 3;
  }),
};

const MERGEABLE = {
  ...LIGHT,
  whole: sum<Row>(({ n }) => (n - 3) * 2 ** 51, { whole: true }),
  least: min<Row>("n"),
  most: max<Row>("n"),
  middle: quantile<Row>(0.5, "n"),
  different: countDistinct<Row>("id"),
};

const USUAL = {
  ...MERGEABLE,
  total: sum<Row>("n"),
  tenths: sum<Row>(({ n }) => n / 10),
  mean: avg<Row>("n"),
  ids: collect<Row, "id">(4, "id"),
  oldest: first<Row, "id">("id"),
  newest: last<Row, "id">("id"),
};

const AGGREGATES = { light: LIGHT, mergeable: MERGEABLE, usual: USUAL, fragile: { ...USUAL, odd: FRAGILE } };

/** Requests of a few events each for every stream: out of order, far behind, sent twice. */
export function requestsFor({ streams }: Application, random: Random): Request[] {
  const requests: Request[] = [];
  const sent: Row[] = [];
  let now = 1_704_067_200_000;
  for (let left = 8 + random.below(10); left > 0; left -= 1) {
    const stream = random.pick(streams);
    const events = Array.from({ length: 1 + random.below(4) }, (): Row => {
      const again = random.chance(0.1) ? random.pick(sent) : undefined;
      if (again !== undefined) return again;
      now += random.below(12);
      const row = {
        id: `e${sent.length}`,
        k: `k${random.below(4)}`,
        g: random.below(3),
        t: now - (random.chance(0.4) ? random.below(60) : 0),
        n: random.below(8),
      };
      sent.push(row);
      return row;
    });
    if (stream !== undefined) requests.push({ stream: stream.id, events });
  }
  return requests;
}
