import type { Stream } from "../events/stream.ts";
import type { JoinSpec } from "../operators/join-spec.ts";
import type { GraphInput, GraphNode, Pipeline } from "../pipeline/graph.ts";
import { fieldType } from "./fields.ts";
import { refuse } from "./refuse.ts";
import { spanOf } from "./span.ts";

/** Refuses a join whose options cannot work, or whose sides can have no key in common. */
export function checkJoin(
  pipeline: Pipeline,
  node: GraphNode,
  join: JoinSpec,
  duration: (what: string, ms: number, least?: number) => void,
): void {
  const fail = (code: Parameters<typeof refuse>[0], sentence: string): Error =>
    refuse(code, pipeline.id, node.id, sentence);
  duration("grace", join.grace, 0);
  const types: readonly string[] = TYPES[join.by];
  if (!types.includes(join.type))
    throw fail("PLAN_OPTION", `its type must be ${types.join(", ")}, not "${join.type}"`);
  switch (join.by) {
    case "window":
      if (join.window.kind !== "tumbling" && join.window.kind !== "hopping")
        throw fail("PLAN_OPTION", "both sides must agree on a window: join in tumbling or hopping ones");
      break;
    case "interval":
      duration("within.from", join.from, Number.MIN_SAFE_INTEGER);
      if (typeof join.to === "function") break;
      duration("within.to", join.to, Number.MIN_SAFE_INTEGER);
      if (join.to <= join.from)
        throw fail(
          "PLAN_JOIN_BOUNDS",
          `its interval ends (${spanOf(join.to)}) before or where it starts (${spanOf(join.from)}), so that nothing is in it`,
        );
      break;
    default:
      if (join.ttl !== undefined) duration("ttl", join.ttl);
  }
  const [left, right] = node.inputs.map((input) => keyTypeOf(pipeline, input));
  if (left !== undefined && right !== undefined && left !== right)
    throw fail(
      "PLAN_JOIN_KEY",
      `its left key is a ${left}, its right key a ${right}: 5 is not "5", so that no rows would meet; make both the same with keyBy`,
    );
}

const TYPES = {
  window: ["inner", "left", "full", "semi", "anti"],
  interval: ["inner", "left"],
  key: ["inner"],
  version: ["inner", "left"],
} as const;

/** What an input's keys are, where a schema says so: the key of the nearest `keyBy` by a field that a source has. */
function keyTypeOf(pipeline: Pipeline, { node: i, port }: GraphInput): "string" | "number" | undefined {
  const node = pipeline.nodes[i];
  if (node === undefined || port === "failed") return undefined;
  const { spec } = node;
  if (spec.kind === "source") {
    const { key } = spec.stream;
    return typeof key === "string" ? jsonType(fieldType(spec.stream, key)) : undefined;
  }
  if (spec.kind === "keyBy") {
    const source = sourceOfRows(pipeline, node);
    return source === undefined || typeof spec.by !== "string"
      ? undefined
      : jsonType(fieldType(source, spec.by));
  }
  const types = new Set(node.inputs.map((input) => keyTypeOf(pipeline, input)));
  return types.size === 1 ? [...types][0] : undefined;
}

/** The stream whose own events a node gets, not yet made into others. */
export function sourceOfRows(pipeline: Pipeline, node: GraphNode): Stream<unknown> | undefined {
  let at: GraphNode | undefined = node;
  while (at !== undefined && ["filter", "select", "keyBy", "dedupe"].includes(at.spec.kind))
    at = at.inputs[0]?.port === "main" ? pipeline.nodes[at.inputs[0].node] : undefined;
  return at?.spec.kind === "source" ? at.spec.stream : undefined;
}

export const jsonType = (type: string | undefined): "string" | "number" | undefined =>
  type === "integer" || type === "number" ? "number" : type === "string" ? type : undefined;
