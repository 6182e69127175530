import { expect, test } from "vitest";
import {
  application,
  hopping,
  hours,
  lake,
  milliseconds,
  type Pipeline,
  type PipelineBuilder,
  pipeline,
  quantile,
  type Stream,
  tumbling,
  view,
} from "../../shared/index.ts";
import type { GraphNode } from "../../shared/pipeline/graph.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { appOf, flights, flightsOf } from "./flights-app.ts";
import { built, odd, out, refuses, streaming, windowed } from "./refused.ts";

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

const noColumns = built((p) => p.from(flights).to(lake("none", { columns: {} })));

refuses([
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
  ["a lake table without columns", "PLAN_OPTION", "lake-none", noColumns],
]);

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
