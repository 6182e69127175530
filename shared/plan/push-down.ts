import { pathOf, type Tree, treeOf } from "../json/paths.ts";
import type { SelectSpec } from "../operators/spec.ts";
import type { StageNode } from "../operators/stage.ts";

/**
 * Moves selects at a stage's head into its source: where nothing but selects reads the source's events, these are
 * decoded as far as the selects, all together, read them; a select that reads all of that has nothing left to do.
 */
export function pushDownSelects(nodes: readonly StageNode[]): {
  readonly reads: Tree;
  readonly nodes: readonly StageNode[];
} {
  const heads = nodes.filter(({ inputs }) => inputs.some((input) => "edge" in input && input.edge === 0));
  const selects = heads.flatMap(({ spec, inputs }) =>
    spec.kind === "select" && inputs.length === 1 ? [spec] : [],
  );
  if (selects.length < heads.length || selects.length === 0) return { reads: true, nodes };
  const reads = treeOf(selects.flatMap(({ paths }) => paths.map(pathOf)));
  const isAll = (spec: SelectSpec): boolean => sameTree(spec.tree, reads);
  return {
    reads,
    nodes: nodes.map((node) =>
      heads.includes(node) && node.spec.kind === "select" && isAll(node.spec)
        ? { ...node, spec: { ...node.spec, tree: true } }
        : node,
    ),
  };
}

/** Whether two trees keep the same of any value. */
function sameTree(a: Tree, b: Tree): boolean {
  if (a === true || b === true) return a === b;
  return a.size === b.size && [...a].every(([name, below]) => sameTree(below, b.get(name) ?? new Map()));
}
