import { pathOf } from "../json/paths.ts";
import { keptRowsOf } from "../operators/stage.ts";
import type { GraphNode, Pipeline } from "../pipeline/graph.ts";
import { checkBloom } from "./check-bloom.ts";
import { checkBroadcast } from "./check-broadcast.ts";
import { checkJoin } from "./check-join.ts";
import { checkLookup } from "./check-lookup.ts";
import { checkPace } from "./check-pace.ts";
import { checkPattern } from "./check-pattern.ts";
import { checkProcess } from "./check-process.ts";
import { checkWindow } from "./check-window.ts";
import { checkSpreadOf } from "./combining.ts";
import { fieldType, KEY_TYPES } from "./fields.ts";
import { checkPriority } from "./priorities.ts";
import { refuse } from "./refuse.ts";
import { checkVersion } from "./versions.ts";

const ID = /^[A-Za-z][A-Za-z0-9_-]{0,47}$/;

/** Refuses an operator whose id or options cannot work. */
export function checkOperator(pipeline: Pipeline, node: GraphNode): void {
  const { spec } = node;
  const fail = (code: Parameters<typeof refuse>[0], sentence: string): Error =>
    refuse(code, pipeline.id, node.id, sentence);
  const duration = (what: string, ms: number, least = 1): void => {
    if (!Number.isSafeInteger(ms) || ms < least)
      throw fail("PLAN_DURATION", `${what} must be at least ${least} whole milliseconds, not ${ms}`);
  };
  if (spec.kind === "sink" && spec.sink?.kind !== "view" && spec.sink?.kind !== "lake")
    throw fail("PLAN_UNKNOWN_SINK", "what it writes to is neither a view nor a lake table");
  if (spec.kind === "sink") checkPriority(spec.priority, fail);
  if (STATEFUL.has(spec.kind) && !node.named)
    throw fail("PLAN_ID_MISSING", "it keeps state, which is found again by an id: give it one");
  if (!ID.test(spec.kind === "sink" ? spec.sink.name : node.id))
    throw fail("PLAN_NAME", "an id is 1 to 48 letters, digits, _ and -, a letter first");
  if (
    spec.kind === "sink" &&
    spec.sink.kind === "lake" &&
    spec.sink.columns !== undefined &&
    Object.keys(spec.sink.columns).length === 0
  )
    throw fail("PLAN_OPTION", "`columns` names no column: name some, or leave it out");
  if (spec.kind === "dedupe") {
    duration("within", spec.within);
    if (spec.approximate !== undefined) checkBloom(spec.approximate, fail);
    if (spec.by === undefined && isBehindFlatMap(pipeline, node))
      throw fail(
        "PLAN_OPTION",
        "rows of one flatMap, join, process or withBroadcast share an event's id: name the id with `by`",
      );
  }
  if (spec.kind === "select") {
    if (spec.paths.length === 0) throw fail("PLAN_OPTION", "it names no field: name some, or take it out");
    const wrong = spec.paths.find((path) => pathOf(path).includes("__proto__"));
    if (wrong !== undefined) throw fail("PLAN_OPTION", `"${wrong}" can be no field that is read`);
  }
  if (spec.kind === "keyBy" && typeof spec.by === "string") checkKeyField(pipeline, node, spec.by);
  if (spec.kind === "join") {
    if (spec.join.by === "window") checkWindow(spec.join.window, duration, fail);
    checkJoin(pipeline, node, spec.join, duration);
  }
  for (const [name, rows] of Object.entries(keptRowsOf(spec) ?? {}))
    checkVersion(`what is kept of "${name}"`, rows, fail);
  if (spec.kind === "lookup") checkLookup(pipeline, node, spec.lookup, duration, fail);
  if (spec.kind === "pace") checkPace(spec.pace, duration, fail);
  if (spec.kind === "broadcast") checkBroadcast(spec, fail);
  if (spec.kind === "process") checkProcess(spec, duration, fail);
  if (spec.kind === "match") {
    duration("within", spec.pattern.within);
    checkPattern(spec, (sentence) => fail("PLAN_PATTERN", sentence));
  }
  if (spec.kind !== "window") return;
  const { window, allowedLateness, trigger } = spec;
  checkWindow(window, duration, fail);
  duration("allowedLateness", allowedLateness, 0);
  if (typeof trigger.early === "number") duration("trigger.early", trigger.early);
  const { early } = trigger;
  if (typeof early === "object" && "processingTime" in early)
    duration("trigger.early.processingTime", early.processingTime);
  else if (typeof early === "object" && !("when" in early)) {
    const { events } = early;
    if (!(events >= 1 && Number.isInteger(events)))
      throw fail("PLAN_OPTION", `trigger.early.events must be a whole number from 1, not ${events}`);
  }
  for (const [name, aggregate] of Object.entries(spec.aggregates))
    checkVersion(`aggregate "${name}"`, aggregate, fail);
  checkSpreadOf(node, fail);
  for (const taken of ["key", "window", "pane"])
    if (Object.hasOwn(spec.aggregates, taken))
      throw fail("PLAN_OPTION", `"${taken}" names a part of every result`);
}

const STATEFUL: ReadonlySet<string> = new Set([
  "window",
  "dedupe",
  "join",
  "match",
  "pace",
  "process",
  "broadcast",
]);

/** Operators that may give several rows of one event. */
const MANY: ReadonlySet<string> = new Set(["flatMap", "join", "process", "broadcast"]);

/** Whether some of the node's input comes, row by row, from one event. */
const isBehindFlatMap = (pipeline: Pipeline, node: GraphNode): boolean =>
  node.inputs.some(({ node: from, port }) => {
    const before = pipeline.nodes[from];
    if (before === undefined || before.spec.kind === "window" || before.spec.kind === "match") return false;
    return (MANY.has(before.spec.kind) && port === "main") || isBehindFlatMap(pipeline, before);
  });

/** A field is known to be there, or not, where the flow still has the stream's own events. */
function checkKeyField(pipeline: Pipeline, node: GraphNode, field: string): void {
  let at: GraphNode | undefined = node;
  while (at !== undefined && ["filter", "select", "keyBy", "dedupe"].includes(at.spec.kind))
    at = at.inputs[0]?.port === "main" ? pipeline.nodes[at.inputs[0].node] : undefined;
  if (at?.spec.kind !== "source") return;
  const type = fieldType(at.spec.stream, field);
  if (!KEY_TYPES.includes(type))
    throw refuse(
      "PLAN_KEY_TYPE",
      pipeline.id,
      node.id,
      `key "${field}" is ${type}, not a string or a number`,
    );
}
