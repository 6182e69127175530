import type { Stream } from "../events/stream.ts";
import type { Application } from "../pipeline/application.ts";
import type { GraphNode, Pipeline } from "../pipeline/graph.ts";
import { checkOperator } from "./check-operator.ts";
import { usesTime } from "./check-process.ts";
import { fieldType, KEY_TYPES } from "./fields.ts";
import { problemOfName } from "./name.ts";
import { topologicalOrder } from "./order.ts";
import { refuse } from "./refuse.ts";
import { controlStageOf } from "./stages.ts";

/**
 * Refuses an application that could not run as its author means it.
 * @throws MillraceError with a `PLAN_…` code that names pipeline and operator
 */
export function checkApplication(app: Application): void {
  checkName("application", app.name, app.name);
  const streams = new Set<string>();
  for (const stream of app.streams) {
    if (streams.has(stream.id))
      throw refuse("PLAN_ID_DUPLICATE", app.name, stream.id, "two streams share this id");
    streams.add(stream.id);
    checkStream(app.name, stream);
  }
  checkTables(app);
  const names = new Set<string>();
  for (const pipeline of app.pipelines) {
    for (const name of [`pipeline ${pipeline.id}`, ...sinkNames(pipeline)]) {
      if (names.has(name))
        throw refuse("PLAN_ID_DUPLICATE", pipeline.id, name, "the application has this name twice");
      names.add(name);
    }
    checkPipeline(app, pipeline);
  }
}

function checkPipeline(app: Application, pipeline: Pipeline): void {
  checkName(pipeline.id, pipeline.id, "the pipeline");
  const order = topologicalOrder(pipeline);
  // stages are named by the stream or the operator at their head, so that these share their names too
  const ids = new Set(pipeline.nodes.flatMap(({ spec }) => (spec.kind === "source" ? [spec.stream.id] : [])));
  for (const i of order) {
    const node = pipeline.nodes[i] as GraphNode;
    if (node.spec.kind === "source") {
      const { stream } = node.spec;
      if (!app.streams.includes(stream))
        throw refuse(
          "PLAN_UNKNOWN_STREAM",
          pipeline.id,
          node.id,
          "the application does not declare this stream",
        );
      continue;
    }
    // of a broadcast also the stage that may stand before it
    const its = node.spec.kind === "broadcast" ? [node.id, controlStageOf(node.id)] : [node.id];
    for (const id of its)
      if (ids.has(id))
        throw refuse(
          "PLAN_ID_DUPLICATE",
          pipeline.id,
          node.id,
          `another operator or a stream has the id "${id}"`,
        );
    for (const id of its) ids.add(id);
    checkOperator(pipeline, node);
    if (needsEventTime(node.spec)) checkEventTime(pipeline, i);
  }
  checkReach(pipeline, order);
}

/** A deployment maps each table by its name. */
function checkTables({ pipelines }: Application): void {
  const tables = new Map<string, unknown>();
  for (const { id, nodes } of pipelines)
    for (const { id: operator, spec } of nodes) {
      if (spec.kind !== "lookup") continue;
      const { table } = spec.lookup;
      if (tables.has(table?.name) && tables.get(table?.name) !== table)
        throw refuse("PLAN_ID_DUPLICATE", id, operator, `two lookup tables are called "${table?.name}"`);
      tables.set(table?.name, table);
    }
}

/** Every operator must be fed by a source and feed a sink. */
function checkReach({ id, nodes }: Pipeline, order: readonly number[]): void {
  const fed = new Set<number>();
  const drained = new Set<number>();
  for (const i of order) {
    const node = nodes[i] as GraphNode;
    if (node.inputs.some(({ node: from, port }) => port !== "main" && nodes[from]?.spec.kind === "source"))
      throw refuse("PLAN_UNREACHED", id, node.id, "a stream has no late or failed events of its own");
    if (node.spec.kind === "source" || node.inputs.some((input) => fed.has(input.node))) fed.add(i);
    else throw refuse("PLAN_UNREACHED", id, node.id, "no stream feeds it; take it out or give it an input");
  }
  for (const i of order.toReversed()) {
    const node = nodes[i] as GraphNode;
    if (node.spec.kind === "sink" || drained.has(i)) for (const input of node.inputs) drained.add(input.node);
    else throw refuse("PLAN_NO_SINK", id, node.id, "its results reach no sink; add .to(…) or take it out");
  }
}

const needsEventTime = (spec: GraphNode["spec"]): boolean =>
  spec.kind === "window" ||
  spec.kind === "match" ||
  spec.kind === "pace" ||
  (spec.kind === "lookup" && spec.lookup.table.version !== undefined && spec.lookup.asOf === undefined) ||
  (spec.kind === "process" && usesTime(spec)) ||
  (spec.kind === "join" && !(spec.join.by === "key" && spec.join.ttl === undefined));

function checkEventTime(pipeline: Pipeline, window: number): void {
  const seen = new Set<number>();
  const visit = (i: number): void => {
    if (seen.has(i)) return;
    seen.add(i);
    const node = pipeline.nodes[i] as GraphNode;
    if (node.spec.kind === "source" && node.spec.stream.time === undefined)
      throw refuse(
        "PLAN_NO_EVENT_TIME",
        pipeline.id,
        pipeline.nodes[window]?.id ?? "",
        `stream "${node.spec.stream.id}" declares no \`time\`, so its events can be neither windowed nor joined by time nor matched nor paced nor looked up as of their time`,
      );
    // results of a broadcast have the times of its events
    const inputs = node.spec.kind === "broadcast" ? node.inputs.slice(0, 1) : node.inputs;
    for (const input of inputs) visit(input.node);
  };
  visit(window);
}

function checkStream(app: string, stream: Stream<unknown>): void {
  checkName(app, stream.id, stream.id);
  const { partitions, outOfOrder, key, time, idle } = stream;
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 1024)
    throw refuse("PLAN_OPTION", app, stream.id, `partitions must be 1 to 1024, not ${partitions}`);
  for (const duration of [outOfOrder, ...Object.values(idle ?? {})])
    if (!Number.isInteger(duration) || duration < 0)
      throw refuse("PLAN_DURATION", app, stream.id, `${duration} is no duration in whole milliseconds`);
  if (typeof key === "string" && !KEY_TYPES.includes(fieldType(stream, key)))
    throw refuse(
      "PLAN_KEY_TYPE",
      app,
      stream.id,
      `key "${key}" is ${fieldType(stream, key)}, not a string or a number`,
    );
  if (typeof time === "string" && !KEY_TYPES.includes(fieldType(stream, time)))
    throw refuse("PLAN_NO_EVENT_TIME", app, stream.id, `time "${time}" is ${fieldType(stream, time)}`);
}

const sinkNames = (pipeline: Pipeline): string[] =>
  pipeline.nodes.flatMap(({ spec }) =>
    spec.kind === "sink" && spec.sink ? [`${spec.sink.kind} ${spec.sink.name}`] : [],
  );

function checkName(pipeline: string, name: string, operator: string): void {
  const problem = problemOfName(name);
  if (problem !== undefined) throw refuse("PLAN_NAME", pipeline, operator, problem);
}
