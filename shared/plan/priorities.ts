import type { Stage, StageNode } from "../operators/stage.ts";
import type { refuse } from "./refuse.ts";

/** Beyond it either way no order could be told that is not told by less. */
const MOST = 100;

export function checkPriority(
  priority: number | undefined,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= MOST))
    throw fail("PLAN_OPTION", `priority must be a whole number from -${MOST} to ${MOST}, not ${priority}`);
}

type Nodes = Pick<Stage, "id" | "nodes">;

/**
 * Gives each feed the priority of the sinks behind it, the highest of them: so that what is on its way to an alert does
 * not wait for what is on its way to a lake.
 */
export function withPriorities<S extends Nodes>(stages: readonly S[]): S[] {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const known = new Map<string, number>();
  const behind = (id: string): number => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const found = (byId.get(id)?.nodes ?? []).flatMap(({ spec }) => {
      if (spec.kind === "sink") return [spec.priority ?? 0];
      return spec.kind === "feed" ? [behind(spec.stage)] : [];
    });
    const highest = found.length === 0 ? 0 : Math.max(...found);
    known.set(id, highest);
    return highest;
  };
  const prioritized = (node: StageNode): StageNode => {
    if (node.spec.kind !== "feed") return node;
    const priority = behind(node.spec.stage);
    return priority === 0 ? node : { ...node, spec: { ...node.spec, priority } };
  };
  return stages.map((stage) => ({ ...stage, nodes: stage.nodes.map(prioritized) }));
}
