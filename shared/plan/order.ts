import type { Pipeline } from "../pipeline/graph.ts";
import { refuse } from "./refuse.ts";

/**
 * The indexes of a pipeline's nodes such that every node comes after its inputs (Kahn 1962), otherwise in
 * the order in which they were written.
 * @throws MillraceError `PLAN_CYCLE`, `PLAN_UNREACHED` where an input does not exist
 */
export function topologicalOrder({ id, nodes }: Pipeline): number[] {
  const order: number[] = [];
  const placed = new Set<number>();
  for (;;) {
    const next = nodes.findIndex(
      (node, i) => !placed.has(i) && node.inputs.every((input) => placed.has(input.node)),
    );
    if (next < 0) break;
    placed.add(next);
    order.push(next);
  }
  for (const { id: operator, inputs } of nodes)
    if (inputs.some((input) => nodes[input.node] === undefined))
      throw refuse("PLAN_UNREACHED", id, operator, "one of its inputs does not exist");
  if (order.length === nodes.length) return order;
  // each of the others waits for another of them: who follows those back comes into the cycle
  const walked = new Set<number>();
  let at = nodes.findIndex((_, i) => !placed.has(i));
  while (!walked.has(at)) {
    walked.add(at);
    at = nodes[at]?.inputs.find((input) => !placed.has(input.node))?.node ?? at;
  }
  throw refuse(
    "PLAN_CYCLE",
    id,
    nodes[at]?.id ?? "",
    "its results come back to it; a pipeline must be acyclic",
  );
}
