import { describe, expect, test } from "vitest";
import {
  type Application,
  application,
  count,
  cumulating,
  customWindows,
  type DurationMs,
  hopping,
  hours,
  lake,
  listState,
  milliseconds,
  type Pipeline,
  type PipelineBuilder,
  pipeline,
  quantile,
  type Stream,
  session,
  stream,
  tumbling,
  valueState,
  view,
  type WindowSpec,
} from "../../shared/index.ts";
import type { GraphNode } from "../../shared/pipeline/graph.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { appOf, Flight, flights, flightsOf, landings } from "./flights-app.ts";

const out = lake("out");
const odd = (n: number): DurationMs => n as DurationMs;

const windowed =
  (window: WindowSpec, options: Record<string, unknown> = {}) =>
  (p: PipelineBuilder): void =>
    p
      .from(flights)
      .keyBy("origin")
      .window(window, { id: "w", ...options })
      .aggregate({ n: count() })
      .to(out);

/** A pipeline that no builder makes. */
const graph = (...nodes: readonly Partial<GraphNode>[]): Pipeline => ({
  kind: "pipeline",
  id: "p",
  nodes: nodes.map((node, i) => ({
    id: `op-${i}`,
    named: true,
    spec: { kind: "union" },
    inputs: [],
    onError: "dead-letter",
    ...node,
  })),
});
const from = (...nodes: readonly number[]): Pick<GraphNode, "inputs"> => ({
  inputs: nodes.map((node) => ({ node, port: "main" })),
});
const source: Partial<GraphNode> = {
  id: "flights",
  spec: { kind: "source", stream: flights as Stream<unknown> },
};
const sink: Partial<GraphNode> = { id: "lake-out", spec: { kind: "sink", sink: out } };

const built = (build: (p: PipelineBuilder) => void): Application => appOf(pipeline("p", build));
const streaming = (options: Parameters<typeof flightsOf>[0], id?: string): Application =>
  application("app", { streams: [flightsOf(options, id)], pipelines: [] });

/** Flights of two streams, without repeats. */
const bothFlights = (options: { readonly by?: "origin" }): Application => {
  const others = flightsOf({}, "others");
  const p = pipeline("p", (p) =>
    p
      .from(flights)
      .union(p.from(others))
      .dedupe({ id: "d", within: hours(1), ...options })
      .to(out),
  );
  return application("app", { streams: [flights, others], pipelines: [p] });
};
const joined =
  (options: Record<string, unknown>, by: (flight: Flight) => number | string = (f) => f.dest) =>
  (p: PipelineBuilder): void =>
    p
      .from(flights)
      .keyBy("origin")
      .join(p.from(landings).keyBy(by) as never, { id: "j", ...options } as never)
      .to(out);
const processed =
  (options: Record<string, unknown>, of: Stream<Flight> = flights) =>
  (p: PipelineBuilder): void =>
    p
      .from(of)
      .keyBy("origin")
      .process({ id: "p", state: {}, onEvent: () => [], ...options } as never)
      .to(out);
const noColumns = built((p) => p.from(flights).to(lake("none", { columns: {} })));

const refusals: readonly [string, string, string, Application][] = [
  [
    "operators in a cycle",
    "PLAN_CYCLE",
    "op-2",
    appOf(graph(source, { ...sink, ...from(2) }, { ...from(0, 3) }, { ...from(2) })),
  ],
  [
    "an operator that is its own input",
    "PLAN_CYCLE",
    "op-1",
    appOf(graph(source, from(0, 1), { ...sink, ...from(1) })),
  ],
  [
    "an input that does not exist",
    "PLAN_UNREACHED",
    "op-1",
    appOf(graph(source, from(9), { ...sink, ...from(1) })),
  ],
  [
    "an operator without input",
    "PLAN_UNREACHED",
    "op-1",
    appOf(graph(source, {}, { ...sink, ...from(0, 1) })),
  ],
  [
    "failed events of a stream itself",
    "PLAN_UNREACHED",
    "lake-out",
    built((p) => p.from(flights).failed.to(lake("out"))),
  ],
  [
    "results that reach no sink",
    "PLAN_NO_SINK",
    "filter-1",
    built((p) => void p.from(flights).filter(() => true)),
  ],
  ["a stream that is read for nothing", "PLAN_NO_SINK", "flights", built((p) => void p.from(flights))],
  [
    "a window without an id",
    "PLAN_ID_MISSING",
    "window-1",
    built(windowed(tumbling(hours(1)), { id: undefined })),
  ],
  [
    "two operators of one id",
    "PLAN_ID_DUPLICATE",
    "twice",
    built((p) =>
      p
        .from(flights)
        .filter(() => true, { id: "twice" })
        .map((f) => f, { id: "twice" })
        .to(out),
    ),
  ],
  [
    "an operator named like the stream it reads",
    "PLAN_ID_DUPLICATE",
    "flights",
    built(windowed(tumbling(hours(1)), { id: "flights" })),
  ],
  [
    "two streams of one id",
    "PLAN_ID_DUPLICATE",
    "flights",
    application("app", { streams: [flights, flightsOf()], pipelines: [] }),
  ],
  [
    "two pipelines of one id",
    "PLAN_ID_DUPLICATE",
    "pipeline p",
    appOf(
      pipeline("p", (p) => p.from(flights).to(out)),
      pipeline("p", (p) => p.from(flights).to(lake("other"))),
    ),
  ],
  [
    "one table written by two pipelines",
    "PLAN_ID_DUPLICATE",
    "lake out",
    appOf(
      pipeline("o", (p) => p.from(flights).to(out)),
      pipeline("p", (p) => p.from(flights).to(out)),
    ),
  ],
  [
    "a window over a stream without event time",
    "PLAN_NO_EVENT_TIME",
    "w",
    (() => {
      const timeless = stream("timeless", { schema: Flight, key: "origin" });
      const p = pipeline("p", (p) =>
        p
          .from(timeless)
          .keyBy("origin")
          .window(tumbling(hours(1)), { id: "w" })
          .aggregate({ n: count() })
          .to(out),
      );
      return application("app", { streams: [timeless], pipelines: [p] });
    })(),
  ],
  [
    "a time field that the schema does not have",
    "PLAN_NO_EVENT_TIME",
    "flights",
    streaming({ time: "when" as "at" }),
  ],
  [
    "a stream that is not declared",
    "PLAN_UNKNOWN_STREAM",
    "flights",
    application("app", { streams: [], pipelines: [pipeline("p", (p) => p.from(flights).to(out))] }),
  ],
  [
    "a sink that is none",
    "PLAN_UNKNOWN_SINK",
    "table-x",
    built((p) => p.from(flights).to({ kind: "table", name: "x" } as never)),
  ],
  [
    "no sink at all",
    "PLAN_UNKNOWN_SINK",
    "undefined-undefined",
    built((p) => p.from(flights).to(undefined as never)),
  ],
  [
    "a stream's key that is a boolean",
    "PLAN_KEY_TYPE",
    "flights",
    streaming({ key: "cancelled" as "origin" }),
  ],
  [
    "a stream's key that the schema does not have",
    "PLAN_KEY_TYPE",
    "flights",
    streaming({ key: "carrier" as "origin" }),
  ],
  [
    "a key that is a boolean, behind a filter",
    "PLAN_KEY_TYPE",
    "keyBy-1",
    built((p) =>
      p
        .from(flights)
        .filter(() => true)
        .keyBy("cancelled" as "origin")
        .to(out),
    ),
  ],
  ["a window of no length", "PLAN_DURATION", "w", built(windowed(tumbling(odd(0))))],
  ["a window of half a millisecond", "PLAN_DURATION", "w", built(windowed(tumbling(odd(0.5))))],
  ["a process without an id", "PLAN_ID_MISSING", "process-1", built(processed({ id: undefined }))],
  ["a process that calls nothing", "PLAN_OPTION", "p", built(processed({ onEvent: undefined }))],
  ["a process whose timers call nothing", "PLAN_OPTION", "p", built(processed({ onTimer: "later" }))],
  ["a process without a word of its state", "PLAN_OPTION", "p", built(processed({ state: undefined }))],
  ["a state that is none", "PLAN_OPTION", "p", built(processed({ state: { n: 5 } }))],
  [
    "a process whose timers of processing time call nothing",
    "PLAN_OPTION",
    "p",
    built(processed({ onProcessingTimer: 5 })),
  ],
  [
    "a state in a time that there is not",
    "PLAN_OPTION",
    "p",
    built(processed({ state: { n: valueState({ ttl: hours(1), in: "ingestion-time" as never }) } })),
  ],
  [
    "a state in processing time that is kept for ever",
    "PLAN_OPTION",
    "p",
    built(processed({ state: { n: valueState({ in: "processing-time" }) } })),
  ],
  ["a state without a name", "PLAN_OPTION", "p", built(processed({ state: { "": valueState() } }))],
  [
    "a state that lives no time",
    "PLAN_DURATION",
    "p",
    built(processed({ state: { n: listState({ ttl: odd(0) }) } })),
  ],
  [
    "repeats told by the ids of a process's rows",
    "PLAN_OPTION",
    "d",
    built((p) => {
      const rows = p
        .from(flights)
        .keyBy("origin")
        .process({ id: "p", state: {}, onEvent: (f) => [f, f] });
      rows.dedupe({ id: "d", within: hours(1) }).to(out);
    }),
  ],
  ...[{ onTimer: () => [] }, { state: { n: valueState({ ttl: hours(1) }) } }].map(
    (options): (typeof refusals)[number] => [
      `a process with ${Object.keys(options)} over a stream without event time`,
      "PLAN_NO_EVENT_TIME",
      "p",
      (() => {
        const timeless = stream("timeless", { schema: Flight, key: "origin" });
        const p = pipeline("p", (p) => processed(options, timeless)(p));
        return application("app", { streams: [timeless], pipelines: [p] });
      })(),
    ],
  ),
  ["a step of no length", "PLAN_DURATION", "w", built(windowed(cumulating(hours(1), odd(0))))],
  ["steps that end beyond the size", "PLAN_OPTION", "w", built(windowed(cumulating(hours(1), odd(7))))],
  [
    "custom windows without a name",
    "PLAN_OPTION",
    "w",
    built(windowed(customWindows("", { assign: () => [] }) as never)),
  ],
  [
    "custom windows that nothing chooses",
    "PLAN_OPTION",
    "w",
    built(windowed(customWindows("w", { assign: undefined as never }) as never)),
  ],
  ["a gap without end", "PLAN_DURATION", "w", built(windowed(session(odd(Infinity))))],
  ["a slide that is no number", "PLAN_DURATION", "w", built(windowed(hopping(hours(1), odd(Number.NaN))))],
  [
    "a lateness below zero",
    "PLAN_DURATION",
    "w",
    built(windowed(tumbling(hours(1)), { allowedLateness: odd(-1) })),
  ],
  [
    "an early trigger of no time",
    "PLAN_DURATION",
    "w",
    built(windowed(tumbling(hours(1)), { trigger: { early: odd(0) } })),
  ],
  [
    "a dedupe that remembers nothing",
    "PLAN_DURATION",
    "d",
    built((p) =>
      p
        .from(flights)
        .dedupe({ id: "d", within: odd(0) })
        .to(out),
    ),
  ],
  [
    "an interval that ends where it starts",
    "PLAN_JOIN_BOUNDS",
    "j",
    built(joined({ within: { from: hours(1), to: hours(1) } })),
  ],
  ["an interval that starts nowhere", "PLAN_DURATION", "j", built(joined({ within: { to: hours(1) } }))],
  ["a join that says nothing of time", "PLAN_DURATION", "j", built(joined({}))],
  ["a join that remembers nothing", "PLAN_DURATION", "j", built(joined({ ttl: odd(0) }))],
  ["a grace below zero", "PLAN_DURATION", "j", built(joined({ ttl: hours(1), grace: odd(-1) }))],
  ["a join without an id", "PLAN_ID_MISSING", "join-1", built(joined({ id: undefined, ttl: hours(1) }))],
  [
    "a full join by interval",
    "PLAN_OPTION",
    "j",
    built(joined({ type: "full", within: { from: odd(0), to: odd(1) } })),
  ],
  ["a left join of all rows", "PLAN_OPTION", "j", built(joined({ type: "left", ttl: hours(1) }))],
  ["a join in sessions", "PLAN_OPTION", "j", built(joined({ window: session(hours(1)) }))],
  ["a join in windows of no length", "PLAN_DURATION", "j", built(joined({ window: tumbling(odd(0)) }))],
  [
    "a join in windows with holes",
    "PLAN_OPTION",
    "j",
    built(joined({ window: hopping(hours(1), hours(2)) })),
  ],
  [
    "a join of a text with a number",
    "PLAN_JOIN_KEY",
    "j",
    built((p) => {
      const once = p.from(landings).dedupe({ id: "d", within: hours(1) });
      p.from(flights)
        .keyBy("origin")
        .filter((f) => f.delay > 0)
        .join(once.keyBy("delay") as never, { id: "j", ttl: hours(1) })
        .to(out);
    }),
  ],
  [
    "a join of a window's results with a stream by a number",
    "PLAN_JOIN_KEY",
    "j",
    built((p) => {
      const hourly = p
        .from(flights)
        .keyBy("origin")
        .window(tumbling(hours(1)), { id: "w" });
      p.from(landings)
        .keyBy("at")
        .join(hourly.aggregate({ n: count() }) as never, { id: "j", ttl: hours(1) })
        .to(out);
    }),
  ],
  [
    "a temporal join whose versions hold for no time",
    "PLAN_DURATION",
    "j",
    built((p) =>
      p
        .from(flights)
        .keyBy("origin")
        .temporalJoin(p.from(landings).keyBy("dest"), { id: "j", ttl: odd(0) })
        .to(out),
    ),
  ],
  [
    "a join by time with a stream without event time",
    "PLAN_NO_EVENT_TIME",
    "j",
    (() => {
      const timeless = stream("timeless", { schema: Flight, key: "origin" });
      const p = pipeline("p", (p) =>
        p
          .from(flights)
          .keyBy("origin")
          .join(p.from(timeless).keyBy("origin"), { id: "j", ttl: hours(1) })
          .to(out),
      );
      return application("app", { streams: [flights, timeless], pipelines: [p] });
    })(),
  ],
  [
    "repeats told by the ids of a join's rows",
    "PLAN_OPTION",
    "d",
    built((p) => {
      const all = p.from(flights).keyBy("origin");
      const pairs = all.join(all, { id: "j", ttl: hours(1) });
      pairs.dedupe({ id: "d", within: hours(1) }).to(out);
    }),
  ],
  ["an out-of-orderness below zero", "PLAN_DURATION", "flights", streaming({ outOfOrder: odd(-1) })],
  [
    "an idle threshold that is no number",
    "PLAN_DURATION",
    "flights",
    streaming({ idle: { threshold: odd(Number.NaN), incrementBy: odd(1) } }),
  ],
  [
    "a pipeline whose name cannot name resources",
    "PLAN_NAME",
    "the pipeline",
    appOf(pipeline("My Pipeline", (p) => p.from(flights).to(out))),
  ],
  ["a stream whose name cannot", "PLAN_NAME", "Flights!", streaming({}, "Flights!")],
  ["a table whose name cannot", "PLAN_NAME", "lake-a/b", built((p) => p.from(flights).to(lake("a/b")))],
  [
    "an operator's id of 49 characters",
    "PLAN_NAME",
    "x".repeat(49),
    built((p) =>
      p
        .from(flights)
        .filter(() => true, { id: "x".repeat(49) })
        .to(out),
    ),
  ],
  ["no partitions", "PLAN_OPTION", "flights", streaming({ partitions: 0 })],
  ["1025 partitions", "PLAN_OPTION", "flights", streaming({ partitions: 1_025 })],
  [
    "a slide beyond the size",
    "PLAN_OPTION",
    "w",
    built(windowed(hopping(milliseconds(10), milliseconds(11)))),
  ],
  [
    "an early trigger of less than a millisecond of processing time",
    "PLAN_DURATION",
    "w",
    built(windowed(tumbling(hours(1)), { trigger: { early: { processingTime: odd(0.5) } } })),
  ],
  [
    "an early trigger every half event",
    "PLAN_OPTION",
    "w",
    built(windowed(tumbling(hours(1)), { trigger: { early: { events: 0.5 } } })),
  ],
  [
    "an aggregate in the place of the key",
    "PLAN_OPTION",
    "w",
    built((p) =>
      p
        .from(flights)
        .keyBy("origin")
        .window(tumbling(hours(1)), { id: "w" })
        .aggregate({ key: count() } as never)
        .to(out),
    ),
  ],
  [
    "a dedupe by the events' own ids where they come from several stages",
    "PLAN_OPTION",
    "d",
    bothFlights({}),
  ],
  [
    "a dedupe by the events' own ids behind a flatMap, whose rows share them",
    "PLAN_OPTION",
    "d",
    built((p) =>
      p
        .from(flights)
        .flatMap((f) => [f, f])
        .filter(() => true)
        .dedupe({ id: "d", within: hours(1) })
        .to(out),
    ),
  ],
  [
    "a dedupe by the events' own ids behind a window's shuffle",
    "PLAN_OPTION",
    "d",
    built((p) =>
      p
        .from(flights)
        .keyBy("delay")
        .window(tumbling(hours(1)), { id: "w" })
        .aggregate({ n: count() })
        .dedupe({ id: "d", within: hours(1) })
        .to(out),
    ),
  ],
  ["a lake table without columns", "PLAN_OPTION", "lake-none", noColumns],
];

describe("a plan is refused for", () => {
  test.each(refusals)("%s, as %s, naming %s", (_, code, operator, app) => {
    const planning = (): unknown => planApplication(app);
    expect(planning).toThrow(expect.objectContaining({ name: "MillraceError", code, next: "refused" }));
    const pipelineId = app.pipelines.at(-1)?.id ?? app.name;
    expect(planning).toThrow(`pipeline "${pipelineId}", operator "${operator}": `);
  });
});

test("a dedupe by a field may stand behind a shuffle, one by the events' own ids before it", () => {
  expect(() => planApplication(bothFlights({ by: "origin" }))).not.toThrow();
  const before = built((p) =>
    p
      .from(flights)
      .keyBy("delay")
      .dedupe({ id: "d", within: hours(1) })
      .window(tumbling(hours(1)), { id: "w" })
      .aggregate({ n: count() })
      .to(out),
  );
  expect(() => planApplication(before)).not.toThrow();
});

test("the least and the most of every option pass", () => {
  const most = flightsOf({ partitions: 1_024, outOfOrder: milliseconds(0) }, "most");
  const least = flightsOf({ partitions: 1 }, "x".repeat(48));
  const p = pipeline("p", (p) => {
    p.from(most)
      .keyBy("origin")
      .window(hopping(milliseconds(1), milliseconds(1)), {
        id: "w".repeat(48),
        trigger: { early: { events: 1 } },
      })
      .aggregate({ q: quantile(0, "delay"), r: quantile(1, "delay") })
      .to(out);
    p.from(least)
      .dedupe({ id: "d", within: milliseconds(1) })
      .to(view("v", { key: (f) => f.origin }));
  });
  expect(() => planApplication(application("app", { streams: [most, least], pipelines: [p] }))).not.toThrow();
});

test("keys of which a schema says nothing may be joined, whatever they turn out to be", () => {
  expect(() => planApplication(built(joined({ ttl: hours(1) }, (f) => f.delay)))).not.toThrow();
});

test("rows that are remembered for ever need no event time", () => {
  const timeless = stream("timeless", { schema: Flight, key: "origin" });
  const p = pipeline("p", (p) => {
    const all = p.from(timeless).keyBy("origin");
    all.join(all, { id: "j", ttl: "forever" }).to(out);
  });
  expect(() => planApplication(application("app", { streams: [timeless], pipelines: [p] }))).not.toThrow();
});

test("a flow of another pipeline is refused where it is used", () => {
  let elsewhere: unknown;
  pipeline("one", (p) => {
    elsewhere = p.from(flights);
  });
  const refused = expect.objectContaining({ code: "PLAN_OTHER_PIPELINE", next: "refused" });
  const using = (use: (p: PipelineBuilder) => unknown) => () => pipeline("two", (p) => void use(p));
  expect(using((p) => p.from(flights).union(elsewhere as never))).toThrow(refused);
  expect(
    using((p) =>
      p
        .from(flights)
        .keyBy("origin")
        .join(elsewhere as never, { id: "j", ttl: "forever" }),
    ),
  ).toThrow(refused);
});
