import type { PipelinePlan, Plan, StagePlan, StreamPlan } from "../shared/plan/plan.ts";
import type { Colors } from "./terminal.ts";

/** A plan for a reader: streams, then each pipeline's stages with their operators. */
export function planTable({ application, streams, pipelines }: Plan, c: Colors): string {
  return [
    `${c.bold("application")} ${application}`,
    "",
    ...streams.map((stream) => streamLine(stream, c)),
    ...pipelines.flatMap((pipeline) => ["", ...pipelineLines(pipeline, c)]),
  ].join("\n");
}

function streamLine({ id, partitions, key, time, outOfOrderMs, consumers }: StreamPlan, c: Colors): string {
  const facts = [
    counted(partitions, "partition"),
    `key ${key ?? "by a function"}`,
    ...(time === null ? [] : [`time ${time}, ${outOfOrderMs / 1_000} s out of order`]),
    counted(consumers.length, "reader"),
  ];
  return `${c.bold("stream")} ${c.cyan(id)}  ${c.dim(facts.join("  "))}`;
}

function pipelineLines({ id, stages, sinks }: PipelinePlan, c: Colors): string[] {
  return [
    `${c.bold("pipeline")} ${c.cyan(id)}`,
    ...stages.flatMap((stage) => stageLines(stage, c)),
    ...sinks.map(({ kind, name }) => `  ${c.bold(kind)} ${c.green(name)}`),
  ];
}

function stageLines({ id, partitions, input, operators }: StagePlan, c: Colors): string[] {
  const from =
    input.kind === "source" ? `stream ${input.stream}` : input.upstreams.map(({ stage }) => stage).join(", ");
  const width = Math.max(...operators.map((operator) => operator.id.length));
  return [
    `  ${c.bold("stage")} ${id}  ${c.dim(`${counted(partitions, "partition")}  from ${from}`)}`,
    ...operators.map(
      (operator) =>
        `    ${operator.id.padEnd(width)}  ${operator.kind === "feed" ? "to stage" : operator.kind}${operator.detail === "" ? "" : ` ${operator.detail}`}  ${c.dim(`after ${operator.inputs.join(", ")}`)}`,
    ),
  ];
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
