import type { StagePlan } from "../../plan/plan.ts";
import type { Planned } from "../../plan/planner.ts";

/** The stages of an application, each behind all that feed it. */
export function upstreamFirst({ plan }: Planned): StagePlan[] {
  const left = plan.pipelines.flatMap(({ stages }) => stages);
  const order: StagePlan[] = [];
  const waits = ({ input }: StagePlan): boolean =>
    input.kind === "internal" && input.upstreams.some(({ stage }) => left.some(({ id }) => id === stage));
  for (let next = left.findIndex((stage) => !waits(stage)); next >= 0; ) {
    order.push(...left.splice(next, 1));
    next = left.findIndex((stage) => !waits(stage));
  }
  return order;
}
