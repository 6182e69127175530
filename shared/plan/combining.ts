import { type CombineSpec, isCombined, orderedOf, whyNotCombined } from "../operators/combine/spec.ts";
import type { OperatorSpec } from "../operators/spec.ts";
import type { Stage, StageNode } from "../operators/stage.ts";
import { earlyEvery } from "../operators/trigger.ts";
import type { GraphNode, Pipeline } from "../pipeline/graph.ts";
import type { DurationMs } from "../time/time.ts";
import { refuse } from "./refuse.ts";

type Draft = Pick<Stage, "id" | "nodes">;

/** What the stage is called that spreads a stage's keys. */
export const spreadId = (stage: string): string => `${stage}.spread`;

/** The stage, with a commit's rows combined before they go to a stage whose window allows it. */
export function combining<D extends Draft>(stage: D, stages: ReadonlyMap<string, Draft>): D {
  const nodes = stage.nodes.map((node): StageNode => {
    const { spec } = node;
    if (spec.kind !== "feed") return node;
    const target = stages.get(spec.stage);
    // a stage that spreads keys is there to merge
    const combine = target && combineFor(target, stage.id === spreadId(spec.stage), stages);
    return combine === undefined ? node : { ...node, spec: { ...spec, combine } };
  });
  return { ...stage, nodes };
}

/** For the window at a stage's head, or behind a stage that spreads its keys. */
function combineFor(
  { id, nodes }: Draft,
  always: boolean,
  stages: ReadonlyMap<string, Draft>,
): CombineSpec | undefined {
  const head = nodes.find(({ inputs }) => inputs.some((input) => "edge" in input && input.edge === 0));
  if (head?.spec.kind === "feed") {
    const next = stages.get(head.spec.stage);
    return next && id === spreadId(next.id) ? combineFor(next, always, stages) : undefined;
  }
  if (head?.spec.kind !== "window" || !(always || head.spec.combine !== false)) return undefined;
  return combineOf(head.spec, nodes);
}

/** For a window at the head of a stage with these nodes, where it allows that. */
export function combineOf(
  spec: Extract<OperatorSpec, { kind: "window" }>,
  nodes: readonly StageNode[],
): CombineSpec | undefined {
  const { window, aggregates, trigger } = spec;
  if (!isCombined(window) || whyNotCombined(spec) !== undefined || goesByOrder(nodes) !== undefined)
    return undefined;
  const intervals = intervalsOf(nodes).map(({ every }) => every);
  return {
    window,
    aggregates,
    ...(typeof trigger.early === "object" && "when" in trigger.early ? { when: trigger.early.when } : {}),
    ...(intervals.length === 0 ? {} : { intervals: [...new Set(intervals)] }),
  };
}

/** An operator that can tell in what order times came: rows that are combined come at the newest of their times. */
const goesByOrder = (nodes: readonly StageNode[]): StageNode | undefined =>
  nodes.find(({ spec }) => spec.kind === "dedupe");

/** Windows that show early panes by stream time, and how often. */
const intervalsOf = (nodes: readonly StageNode[]): { node: StageNode; every: DurationMs }[] =>
  nodes.flatMap((node) => {
    const early = node.spec.kind === "window" ? earlyEvery(node.spec.trigger) : undefined;
    return early?.clock === "stream" ? [{ node, every: early.every }] : [];
  });

/** @throws MillraceError `PLAN_OPTION` for keys that are spread, where what comes of them could not be merged */
export function checkSpread(pipeline: Pipeline, stages: readonly Draft[]): void {
  for (const stage of stages)
    for (const { spec, id } of stage.nodes) {
      if (spec.kind !== "window" || spec.spread === undefined) continue;
      const other = goesByOrder(stage.nodes) ?? intervalsOf(stage.nodes)[0]?.node;
      if (other !== undefined)
        throw refuse(
          "PLAN_OPTION",
          pipeline.id,
          id,
          `its keys cannot be spread: "${other.id}" behind it goes by the order in which events came; put a keyBy by another field between them, or take spread out`,
        );
    }
}

/** Refuses a number of partitions that no stage has, and windows whose results could not be merged. */
export function checkSpreadOf(
  { spec }: GraphNode,
  fail: (code: "PLAN_OPTION", sentence: string) => Error,
): void {
  if (spec.kind !== "window" || spec.spread === undefined) return;
  const { spread, aggregates, trigger } = spec;
  if (!(Number.isInteger(spread) && spread >= 2 && spread <= 1024))
    throw fail("PLAN_OPTION", `spread takes a whole number of partitions from 2 to 1024, not ${spread}`);
  const ordered = orderedOf(aggregates);
  const why =
    whyNotCombined(spec) ??
    (trigger.early !== undefined
      ? "it shows early panes"
      : ordered && `${ordered}, which several partitions do not have`);
  if (why !== undefined)
    throw fail(
      "PLAN_OPTION",
      `its keys cannot be spread, since parts of its windows could not be merged: ${why}; change that, or take spread out`,
    );
}
