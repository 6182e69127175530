import type { WireRow } from "../../../../shared/frames/frame.ts";
import { Combiner } from "../../../../shared/operators/combine/combiner.ts";
import { COMBINED_EDGE } from "../../../../shared/operators/combine/spec.ts";
import type { Stage } from "../../../../shared/operators/stage.ts";
import { encodeValue } from "../../../../shared/state/codec.ts";
import { BEGINNING_OF_TIME } from "../../../../shared/time/time.ts";

/** Stages that are sent combined rows, by these. */
export const combinedFor = (senders: Iterable<Stage>): ReadonlySet<string> =>
  new Set(
    [...senders].flatMap(({ nodes }) =>
      nodes.flatMap(({ spec }) => (spec.kind === "feed" && spec.combine !== undefined ? [spec.stage] : [])),
    ),
  );

/** How many events a row to such a stage stands for, where it is a combined one. */
export const eventsIn = ([edge, , , value]: WireRow): number | undefined =>
  edge === COMBINED_EDGE ? (value as { readonly n: number }).n : undefined;

/**
 * Which rows are combined depends on where batches end, and which partition has those of a spread key too; what they
 * say together does not: all that can be combined as one, by key and time.
 */
export function combinersOf({ nodes }: Stage): ReadonlyMap<string, Normal> {
  return new Map(
    nodes.flatMap(({ spec }) => {
      if (spec.kind !== "feed" || spec.combine === undefined) return [];
      const combiner = new Combiner(spec.combine);
      const normal = (rows: readonly WireRow[]): unknown[] =>
        combiner
          .combined(rows, BEGINNING_OF_TIME, true)
          .map(sorted)
          .sort((a, b) => (encodeValue(a) < encodeValue(b) ? -1 : 1));
      return [[spec.stage, { normal, byPartition: spec.combine.intervals !== undefined }] as const];
    }),
  );
}

/**
 * Rows in their normal form. `byPartition`: of each partition that takes them, since they stay apart by the times of
 * those that came before.
 */
type Normal = {
  readonly normal: (rows: readonly WireRow[]) => unknown[];
  readonly byPartition: boolean;
};

/** With maps in an order that does not tell how they were filled. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value instanceof Map)
    return [...value].map(sorted).sort((a, b) => (encodeValue(a) < encodeValue(b) ? -1 : 1));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, sorted(one)]));
}
