import type { TableSpec } from "../operators/lookup/spec.ts";
import { type Stage, tablesOf } from "../operators/stage.ts";
import type { Application } from "../pipeline/application.ts";
import type { Pipeline } from "../pipeline/graph.ts";
import { checkApplication } from "./check.ts";
import { detailOf } from "./detail.ts";
import { shapeOf } from "./fingerprint.ts";
import type { LookupPlan, OperatorPlan, PipelinePlan, Plan, SinkPlan, StagePlan } from "./plan.ts";
import { cutIntoStages } from "./stages.ts";

/** A plan and, by stage id, the stages with the user's functions in them. */
export type Planned = {
  readonly plan: Plan;
  readonly stages: ReadonlyMap<string, Stage>;
};

/**
 * Plans an application: checks it, cuts its pipelines into stages.
 * @throws MillraceError with a `PLAN_…` code that names pipeline and operator
 */
export function planApplication(app: Application): Planned {
  checkApplication(app);
  const byPipeline = app.pipelines.map((pipeline) => ({ pipeline, stages: cutIntoStages(pipeline) }));
  const stages = byPipeline.flatMap((each) => each.stages);
  return {
    plan: {
      version: 1,
      application: app.name,
      streams: app.streams.map(({ id, partitions, time, key, outOfOrder, idle }) => ({
        id,
        partitions,
        time: typeof time === "string" ? time : null,
        key: typeof key === "string" ? key : null,
        outOfOrderMs: outOfOrder,
        consumers: stages.flatMap(({ id: stage, input }) =>
          input.kind === "source" && input.stream === id ? [stage] : [],
        ),
        idle: idle !== undefined,
      })),
      pipelines: byPipeline.map(({ pipeline, stages }) => pipelinePlan(pipeline, stages)),
      ...lookupPlans(stages),
    },
    stages: new Map(stages.map((stage) => [stage.id, stage])),
  };
}

function lookupPlans(stages: readonly Stage[]): Pick<Plan, "lookups"> {
  const lookups = [...new Set(stages.flatMap(tablesOf))].map((table) => ({
    name: table.name,
    store: table.store,
    ...formatPlan(table),
    key: table.key,
    version: table.version ?? null,
    refreshMs: table.refresh,
    stages: stages.flatMap((stage) => (tablesOf(stage).includes(table) ? [stage.id] : [])),
  }));
  return lookups.length === 0 ? {} : { lookups };
}

const formatPlan = ({ format }: TableSpec): Pick<LookupPlan, "format"> =>
  format?.kind === "csv" ? { format: { kind: "csv", delimiter: format.delimiter ?? "," } } : {};

function pipelinePlan(pipeline: Pipeline, stages: readonly Stage[]): PipelinePlan {
  return {
    id: pipeline.id,
    stages: stages.map(stagePlan),
    sinks: stages.flatMap((stage) =>
      stage.nodes.flatMap(({ spec }): SinkPlan[] =>
        spec.kind === "sink" ? [{ kind: spec.sink.kind, name: spec.sink.name, stage: stage.id }] : [],
      ),
    ),
  };
}

function stagePlan(stage: Stage): StagePlan {
  const { id, kind, pipeline, partitions, fingerprint, versions, input, nodes } = stage;
  return {
    id,
    kind,
    pipeline,
    partitions,
    fingerprint,
    versions,
    input: input.kind === "source" ? { kind: "source", stream: input.stream } : input,
    operators: nodes.map((node) => ({
      id: node.id,
      kind: node.spec.kind,
      inputs: node.inputs.map((from) =>
        "edge" in from ? "input" : `${nodes[from.node]?.id}${from.port === "main" ? "" : `.${from.port}`}`,
      ),
      ...shaped(shapeOf(node)),
      ...("queryable" in node.spec && node.spec.queryable === true ? { queryable: true as const } : {}),
      detail: detailOf(node.spec),
      ...(node.spec.kind === "feed" ? { to: node.spec.stage } : {}),
    })),
    feeds: [...new Set(nodes.flatMap(({ spec }) => (spec.kind === "feed" ? [spec.stage] : [])))],
    sinks: nodes.flatMap(({ spec }) => (spec.kind === "sink" ? [spec.sink.name] : [])),
  };
}

const shaped = (shape: string | undefined): Pick<OperatorPlan, "shape"> =>
  shape === undefined ? {} : { shape };
