import { MillraceError } from "../errors/millrace-error.ts";
import type { GraphNode } from "./graph.ts";

/**
 * What building a pipeline threw, with the place. A rule or an aggregate is made before the operator that is given it, and
 * refuses what is wrong with it before it stands anywhere: the operator would be the one behind the last that there is.
 */
export function placed(thrown: unknown, pipeline: string, nodes: readonly GraphNode[]): unknown {
  if (!(thrown instanceof MillraceError) || !thrown.code.startsWith("PLAN_")) return thrown;
  const { code, message, next } = thrown;
  if (message.startsWith('pipeline "')) return thrown;
  const last = nodes.at(-1);
  const where = last === undefined ? "before its first operator" : `in the operator behind "${last.id}"`;
  return new MillraceError(code, `pipeline "${pipeline}", ${where}: ${message}`, { next, cause: thrown });
}
