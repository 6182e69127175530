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
  type DurationMs,
  epochMs,
  first,
  global,
  hopping,
  type KeyedFlow,
  type ListState,
  lake,
  last,
  listState,
  type MapState,
  mapState,
  max,
  milliseconds as ms,
  pattern,
  pipeline,
  quantile,
  session,
  sum,
  topK,
  tumbling,
  type ValueState,
  valueState,
  type WindowSpec,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Aggregates, WindowedOptions } from "../../shared/pipeline/flow.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { type Reading, readingsOf, sourceStage } from "./one-stage.ts";
import { versionedShapes } from "./versions.ts";

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

const source = {
  outOfOrder: 12,
  idle: { threshold: ms(20), incrementBy: ms(15), initSourceDelay: ms(50) },
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

type Written = { to(sink: ReturnType<typeof lake>): void };

/** Both sides of a join, of one source stage or of one that comes before it. */
function joined(
  join: (
    left: KeyedFlow<string, Reading>,
    right: KeyedFlow<string, Reading>,
  ) => Written & { readonly late: Written; readonly failed: Written },
  behindShuffle = false,
): Stage {
  const readings = readingsOf(source);
  const built = pipeline("p", (p) => {
    const sideOf = (keep: (reading: Reading) => boolean) => {
      const side = p.from(readings).filter(keep);
      return behindShuffle ? side.keyBy(({ k }) => k) : side.keyBy("k");
    };
    const out = join(
      sideOf(({ n }) => n < 4),
      sideOf(({ n }) => n >= 4),
    );
    out.to(lake("out"));
    out.late.to(lake("late"));
    if (!behindShuffle) out.failed.to(lake("failed"));
  });
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get(behindShuffle ? "p.j" : "p.readings");
  if (stage === undefined) throw new Error("the join has another stage");
  return behindShuffle
    ? { ...stage, input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] } }
    : stage;
}

/** Writes, deletes, sets timers and throws, by the event's number; gives what it sees before. */
export const busyProcess = (flow: KeyedFlow<string, Reading>, ttl: DurationMs): KeyedFlow<string, string> =>
  flow.process({
    id: "p",
    state: {
      last: valueState<string>({ ttl }),
      all: listState<string>({ ttl }),
      named: mapState<string, string>({ ttl }),
    },
    onEvent({ id, n, t }, { state, timers }) {
      const { last, all, named } = state;
      const seen = seenIn(state);
      const name = `${t % 3}`;
      if (n === 0) last.set(id);
      if (n === 1 || n === 6) all.add(id);
      if (n === 2 || n === 4) named.set(name, id);
      if (n === 3) {
        last.clear();
        named.delete(name);
      }
      if (n === 4) all.clear();
      if (n === 5) for (const later of [7, 11]) timers.at(epochMs(t + later));
      if (n === 6) throw new Error("six");
      if (n === 7) timers.cancel(epochMs(t + 7));
      return [`${id}: ${seen}`];
    },
    onTimer: (_time, { key, state }) => [`timer ${key}: ${seenIn(state)}`],
  });

/** The same by processing time, with timers that ask for more of them, throw, and are cancelled. */
const busyByProcessingTime = (flow: KeyedFlow<string, Reading>): KeyedFlow<string, string> =>
  flow.process({
    id: "p",
    state: {
      last: valueState<string>({ ttl: ms(20), in: "processing-time" }),
      all: listState<string>({ ttl: ms(35), in: "processing-time" }),
      named: mapState<string, string>({ ttl: ms(25) }),
    },
    onEvent({ id, n, t }, { state, timers, processingTime }) {
      const { last, all, named } = state;
      const seen = `${seenIn(state)} at ${processingTime}`;
      if (n === 0) last.set(id);
      if (n === 1 || n === 6) all.add(id);
      if (n === 2) named.set(`${t % 3}`, id);
      if (n === 3) timers.at(epochMs(t + 9));
      if (n === 4) for (const later of [-5, 30]) timers.atProcessingTime(epochMs(processingTime + later));
      if (n === 5) for (const later of [4, 17]) timers.atProcessingTime(epochMs(processingTime + later));
      if (n === 6) throw new Error("six");
      if (n === 7)
        for (let at = 0; at < 40; at += 1) timers.cancelProcessingTime(epochMs(processingTime + at));
      return [`${id}: ${seen}`];
    },
    onTimer(_time, { key, state, timers, processingTime }) {
      timers.atProcessingTime(epochMs(processingTime + 3));
      return [`timer ${key}: ${seenIn(state)}`];
    },
    onProcessingTimer(time, { key, state, timers, processingTime }) {
      if (time % 5 === 0) timers.atProcessingTime(epochMs(time + 7));
      state.last.set(`${time}`);
      if (time % 7 === 0) throw new Error("seven");
      return [`called ${key} for ${time}: ${seenIn(state)} at ${processingTime}`];
    },
  });

const seenIn = (state: {
  readonly last: ValueState<string>;
  readonly all: ListState<string>;
  readonly named: MapState<string, string>;
}): string =>
  [
    state.last.get() ?? "none",
    state.all.get(),
    state.named.entries().map(([name, value]) => `${name}=${value}`),
  ].join("; ");

/** Events up to 3 and what was said by the readings from 4 on, of each number the last; 5 cannot be prepared. */
export const broadcastStage = (): Stage => {
  const readings = readingsOf(source);
  const built = pipeline("p", (p) => {
    const out = p
      .from(readings)
      .filter(({ n }) => n < 4)
      .withBroadcast(
        p
          .from(readings)
          .filter(({ n }) => n >= 4)
          .keyBy("n"),
        {
          id: "b",
          prepare: ({ id, n }) => {
            if (n === 5) throw new Error("five");
            return `${n} since ${id}`;
          },
          onEvent: ({ id, n }, latest) => {
            if (n === 3) throw new Error("three");
            return [...latest].map(([key, said]) => `${id}: ${key} ${said}`);
          },
        },
      );
    out.to(lake("out"));
    out.failed.to(lake("failed"));
  });
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get("p.b");
  if (stage === undefined) throw new Error("the broadcast has another stage");
  return { ...stage, input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] } };
};

const early = { early: ms(10) };
const earlyByClock = { early: { processingTime: ms(15) } };
const everyThird = { early: { events: 3 } };
const discarding = { accumulation: "discarding" } as const;

/** Stages that must give the same whatever befalls them. */
export const shapes: Readonly<Record<string, Stage>> = {
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
  "a process": sourceStage((readings) => {
    const out = busyProcess(readings.keyBy("k"), ms(25));
    return { out, failed: out.failed };
  }, source),
  "a broadcast": broadcastStage(),
  "a process of a later version": versionedShapes["a process"]({ version: 2, damaged: false }),
  "sessions of a later version": versionedShapes.sessions({ version: 3, damaged: false }),
  "a process by processing time": sourceStage((readings) => {
    const out = busyByProcessingTime(readings.keyBy("k"));
    return { out, failed: out.failed };
  }, source),
  "windows behind a process by processing time": sourceStage((readings) => {
    const rows = busyByProcessingTime(readings.keyBy("k"));
    const out = rows.window(tumbling(ms(20)), { id: "w", trigger: early }).aggregate({ rows: count() });
    return { out, late: out.late };
  }, source),
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
  "windows of windows": sourceStage((readings) => {
    const inner = readings
      .dedupe({ id: "d", by: "n", within: ms(10) })
      .keyBy("k")
      .window(tumbling(ms(10)), { id: "inner", allowedLateness: ms(10), trigger: early })
      .aggregate({ events: count() });
    const outer = inner
      .keyBy("key")
      .window(tumbling(ms(40)), { id: "outer", allowedLateness: ms(10), trigger: { early: ms(15) } })
      .aggregate({ panes: count(), events: sum("events"), newest: last((r) => r.pane) });
    return { out: outer, late: outer.late, inner };
  }, source),
  "what paces": sourceStage((readings) => {
    const keyed = readings.keyBy("k");
    const few = keyed.throttle({ id: "throttle", most: 2, per: ms(15) });
    const calm = keyed.debounce({ id: "debounce", quiet: ms(9) });
    const lists = few.batch({ id: "batch", size: 3, within: ms(20) });
    const some = keyed.sample({ id: "sample", every: ms(12), take: "first" });
    return { few, many: few.excess, late: few.late, calm, calmLate: calm.late, lists, some };
  }, source),
  "a pattern": sourceStage((readings) => {
    const out = readings.keyBy("k").match(
      pattern<Reading>()
        .begin("first", ({ n }) => n < 5)
        .followedBy("more", ({ n }, { first, more }) => n > ((more.at(-1) ?? first[0])?.n ?? 0))
        .oneOrMore()
        .notNext("three", ({ n }) => {
          if (n === 3) throw new Error("three");
          return n === 4;
        })
        .followedByAny("last", ({ n }) => n > 1)
        .optional()
        .within(ms(40)),
      { id: "m", skip: { first: "more" }, maxRuns: 20 },
    );
    return { out, late: out.late, cut: out.timeouts, failed: out.failed };
  }, source),
  "an interval join": joined((left, right) =>
    left.join(right, { id: "j", within: { from: ms(-8), to: ms(15) }, grace: ms(5) }),
  ),
  "a left interval join with bounds by row": joined((left, right) =>
    left.join(right, {
      id: "j",
      type: "left",
      within: {
        from: ms(-8),
        to: ({ n }) => {
          if (n === 3) throw new Error("three");
          return ms(2 + 4 * n);
        },
      },
    }),
  ),
  "a left interval join behind a shuffle": joined(
    (left, right) => left.join(right, { id: "j", type: "left", within: { from: ms(-12), to: ms(12) } }),
    true,
  ),
  "a join for ever": joined((left, right) => left.join(right, { id: "j", ttl: "forever" })),
  "a full join in hopping windows": joined((left, right) =>
    left.join(right, { id: "j", type: "full", window: hopping(ms(20), ms(8)), grace: ms(5) }),
  ),
  "a semi join in tumbling windows behind a shuffle": joined(
    (left, right) => left.join(right, { id: "j", type: "semi", window: tumbling(ms(20)) }),
    true,
  ),
  "a temporal join": joined((left, right) =>
    left.temporalJoin(right, { id: "j", type: "left", ttl: ms(25), grace: ms(5) }),
  ),
  "a temporal join behind a shuffle": joined(
    (left, right) => left.temporalJoin(right, { id: "j", type: "left" }),
    true,
  ),
  "an approximate dedupe": sourceStage((readings) => {
    const approximate = { errorRate: 0.3, capacity: 5 };
    const out = readings.dedupe({ id: "d", by: ({ n, t }) => n + (t % 5) * 8, within: ms(30), approximate });
    return { out, failed: out.failed };
  }, source),
  dedupe: sourceStage((readings) => ({ out: readings.dedupe({ id: "d", by: "n", within: ms(30) }) }), source),
};

export const isInternal = (stage: Stage): boolean => stage.input.kind === "internal";
