import type { WireRow } from "../../../../shared/frames/frame.ts";
import { edgeOf, inputOf, rowsBy, versionOfEdge } from "../../../../shared/operators/kept-rows.ts";
import { keptRowsOf, type Stage } from "../../../../shared/operators/stage.ts";
import { versionOf } from "../../../../shared/operators/versioned.ts";

/** A row for a stage as the present build sends it, whichever build sent it: in its version, and by that version's edge. */
export function presentRow(stage: Stage | undefined, row: WireRow): WireRow {
  const [edge, key, time, value] = row;
  const [input, from] = [inputOf(edge), versionOfEdge(edge)];
  const node = stage?.nodes.find(({ inputs }) => inputs.some((one) => "edge" in one && one.edge === input));
  const rows = node && rowsBy(keptRowsOf(node.spec) ?? {}, input)?.[1];
  if (rows?.migrate === undefined || from >= versionOf(rows)) return row;
  if (value === null || value === undefined) return [edgeOf(input, versionOf(rows)), key, time, value];
  return [edgeOf(input, versionOf(rows)), key, time, rows.migrate(structuredClone(value), from)];
}
