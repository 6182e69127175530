import type { Column } from "../../shared/events/column.ts";
import { type Stage, sinksOf } from "../../shared/operators/stage.ts";

/** The columns that a lake sink of the stage declares; undefined where they are inferred. */
export function columnsOf(stage: Stage, name: string): readonly Column[] | undefined {
  const sink = sinksOf(stage).find((sink) => sink.kind === "lake" && sink.name === name);
  if (sink?.kind !== "lake" || sink.columns === undefined) return undefined;
  return Object.entries(sink.columns).map(([column, type]) => ({ name: column, type }));
}
