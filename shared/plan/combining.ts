import { type CombineSpec, isSliced, whyNotCombined } from "../operators/combine/spec.ts";
import type { Stage, StageNode } from "../operators/stage.ts";
import type { GraphNode, Pipeline } from "../pipeline/graph.ts";
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
  if (head?.spec.kind !== "window" || !isSliced(head.spec.window)) return undefined;
  const { window, aggregates, combine } = head.spec;
  if (!(always || combine !== false) || whyNotCombined(head.spec) !== undefined) return undefined;
  return goesByStreamTime(nodes) === undefined ? { window, aggregates } : undefined;
}

/** An operator that can tell in what order times came: rows that are combined come at the newest of their times. */
const goesByStreamTime = (nodes: readonly StageNode[]): StageNode | undefined =>
  nodes.find(
    ({ spec }) =>
      spec.kind === "dedupe" || (spec.kind === "window" && typeof spec.trigger.early === "number"),
  );

/** @throws MillraceError `PLAN_OPTION` for keys that are spread, where what comes of them could not be merged */
export function checkSpread(pipeline: Pipeline, stages: readonly Draft[]): void {
  for (const stage of stages)
    for (const { spec, id } of stage.nodes) {
      if (spec.kind !== "window" || spec.spread === undefined) continue;
      const other = goesByStreamTime(stage.nodes);
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
  const { spread, aggregates } = spec;
  if (!(Number.isInteger(spread) && spread >= 2 && spread <= 1024))
    throw fail("PLAN_OPTION", `spread takes a whole number of partitions from 2 to 1024, not ${spread}`);
  const ordered = Object.entries(aggregates).find(([, { combines }]) => combines !== "accumulator");
  const why =
    whyNotCombined(spec) ??
    (ordered &&
      `"${ordered[0]}" (${ordered[1].name}) depends on the order of events, which several partitions do not have`);
  if (why !== undefined)
    throw fail(
      "PLAN_OPTION",
      `its keys cannot be spread, since parts of its windows could not be merged: ${why}; change that, or take spread out`,
    );
}
