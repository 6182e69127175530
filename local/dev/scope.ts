import type { Plan, SinkPlan, StagePlan } from "../../shared/plan/plan.ts";

/** The part of a plan that the events of one stream can reach. */
export type Scope = {
  readonly stream: string;
  readonly partitions: number;
  /** Stages that read the stream itself. */
  readonly readers: readonly StagePlan[];
  /** The readers, and all that they feed. */
  readonly stages: readonly StagePlan[];
  readonly sinks: readonly SinkPlan[];
};

/** @param stream - one that the plan has */
export function scopeOf(plan: Plan, stream: string): Scope {
  const all = plan.pipelines.flatMap(({ stages }) => stages);
  const readers = all.filter(({ input }) => input.kind === "source" && input.stream === stream);
  const reached = new Set<StagePlan>(readers);
  // a set gives what is added while it is walked, too
  for (const { feeds } of reached) for (const stage of all) if (feeds.includes(stage.id)) reached.add(stage);
  const stages = [...reached];
  const ids = new Set(stages.map(({ id }) => id));
  return {
    stream,
    partitions: plan.streams.find(({ id }) => id === stream)?.partitions ?? 0,
    readers,
    stages,
    sinks: plan.pipelines.flatMap(({ sinks }) => sinks).filter(({ stage }) => ids.has(stage)),
  };
}
