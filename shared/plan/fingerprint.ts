import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { partSize } from "../operators/bloom/size.ts";
import type { JoinSpec } from "../operators/join-spec.ts";
import type { PatternStep } from "../operators/pattern/spec.ts";
import type { StateSpec } from "../operators/process/spec.ts";
import { canBeSliced } from "../operators/sliced-windows.ts";
import type { OperatorSpec } from "../operators/spec.ts";
import type { Stage, StageNode } from "../operators/stage.ts";
import type { AnyWindow } from "../operators/window.ts";

/**
 * A hash of what decides how a stage's saved state is read: its partitions, and each stateful operator's
 * id, window and aggregates. A filter or an early trigger may come and go; a window of another size is
 * another state. What users keep in states and `custom` aggregates is not seen: it has versions of its own.
 */
export function fingerprintOf(stage: Pick<Stage, "id" | "partitions" | "nodes">): string {
  const state = stage.nodes.flatMap((node) => {
    const kept = keptBy(node);
    return kept === undefined ? [] : [kept];
  });
  return hashOf([stage.id, stage.partitions, state]);
}

/** A hash of what decides how an operator's own state is read; undefined where it keeps none. */
export function shapeOf(node: StageNode): string | undefined {
  const kept = keptBy(node);
  return kept === undefined ? undefined : hashOf(kept);
}

const hashOf = (value: unknown): string =>
  bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(value)))).slice(0, 16);

function keptBy({ id, spec }: StageNode): unknown[] | undefined {
  if (spec.kind === "window") return [id, ...windowState(spec)];
  if (spec.kind === "process") return [id, spec.kind, Object.entries(spec.state).map(declaredState)];
  if (spec.kind === "join") return [id, ...joinState(spec.join)];
  if (spec.kind === "pace") return [id, ...Object.values(spec.pace)];
  if (spec.kind === "match") return [id, spec.pattern.within, spec.pattern.steps.map(stepState)];
  if (spec.kind === "broadcast") return [id, spec.kind];
  if (spec.kind !== "dedupe") return undefined;
  return spec.approximate === undefined ? [id] : [id, "bloom", ...Object.values(partSize(spec.approximate))];
}

/** When a value is over is kept with it, as a time of one clock or of the other. */
const declaredState = ([name, { kind, in: domain }]: [string, StateSpec]): string[] =>
  domain === "event-time" ? [name, kind] : [name, kind, domain];

/** Runs point at steps by their number, so that steps may not come, go or be told apart otherwise. */
const stepState = (step: PatternStep): unknown[] =>
  step.kind === "forbid"
    ? [step.name, step.reach]
    : [
        step.name,
        step.contiguity,
        step.min,
        step.max === Number.POSITIVE_INFINITY ? null : step.max,
        step.inner,
      ];

/** What rows are kept and for how long. A bound that depends on the row is kept with it. */
function joinState(join: JoinSpec): unknown[] {
  const kind = [join.by, join.type, join.grace];
  switch (join.by) {
    case "window":
      return [...kind, ...spansOf(join.window)];
    case "interval":
      return [...kind, join.from, typeof join.to === "number" ? join.to : null];
    default:
      return [...kind, join.ttl ?? null];
  }
}

/** Lateness and accumulation belong to it: panes and timers of open windows were counted by them. */
function windowState(spec: Extract<OperatorSpec, { kind: "window" }>): unknown[] {
  const { window, aggregates, allowedLateness, trigger } = spec;
  return [
    ...spansOf(window),
    allowedLateness,
    trigger.accumulation ?? "accumulating",
    Object.entries(aggregates).map(([name, aggregate]) => [name, aggregate.name]),
    ...(canBeSliced(window, spec) ? ["sliced"] : []),
    // a partition waits for the watermarks of all upstream partitions that it has heard of
    ...(spec.spread === undefined ? [] : ["spread", spec.spread]),
  ];
}

function spansOf(window: AnyWindow<unknown>): readonly unknown[] {
  switch (window.kind) {
    case "tumbling":
      return [window.kind, window.size];
    case "hopping":
      return [window.kind, window.size, window.slide];
    case "session":
      return [window.kind, window.gap];
    case "cumulating":
      return [window.kind, window.size, window.step];
    case "global":
      return [window.kind];
    case "custom":
      return [window.kind, window.name, window.merge];
  }
}
