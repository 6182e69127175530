import { MillraceError } from "../errors/millrace-error.ts";
import type { Stage } from "../operators/stage.ts";

/** By pipeline and operator, the stages that keep what may be read from outside. */
export type QueryableStages = ReadonlyMap<string, ReadonlyMap<string, Stage>>;

/** @param pipelines - ids, of those too in which nothing is queryable */
export function queryableStages(pipelines: Iterable<string>, stages: Iterable<Stage>): QueryableStages {
  const found = new Map([...pipelines].map((id) => [id, new Map<string, Stage>()]));
  for (const stage of stages)
    for (const { id, spec } of stage.nodes)
      if ("queryable" in spec && spec.queryable === true) found.get(stage.pipeline)?.set(id, stage);
  return found;
}

/**
 * The stage that keeps an operator's state. What is not queryable is not told from what is not there.
 * @throws MillraceError `PIPELINE_UNKNOWN`, `STATE_UNKNOWN`
 */
export function stageToQuery(stages: QueryableStages, pipeline: string, operator: string): Stage {
  const operators = stages.get(pipeline);
  if (operators === undefined)
    throw new MillraceError("PIPELINE_UNKNOWN", `there is no pipeline "${pipeline.slice(0, 60)}"`, {
      next: "refused",
    });
  const stage = operators.get(operator);
  if (stage === undefined)
    throw new MillraceError(
      "STATE_UNKNOWN",
      `pipeline "${pipeline}" has no queryable operator "${operator.slice(0, 60)}"`,
      { next: "refused" },
    );
  return stage;
}
