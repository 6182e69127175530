import type { Key } from "../events/event.ts";
import type { Change } from "../state/change.ts";
import { NEVER, type Wakes } from "../state/page.ts";
import type { Place } from "../state/place.ts";
import { type DurationMs, END_OF_TIME, type EpochMs } from "../time/time.ts";
import { type Cell, toldVersions } from "./cell.ts";
import type { Host } from "./host.ts";
import type { Panes } from "./panes.ts";

/** What the log keeps of a cell whose window its start tells. */
export type KeptByStart = [
  start: EpochMs,
  key: Key,
  accumulators: unknown[],
  panes: number,
  pending: number,
  versions?: readonly number[],
];

type Kept = Pick<Cell, "start" | "key" | "accumulators" | "versions" | "panes" | "pending">;

/** Such a cell as a change of the log. */
export const putByStart = (
  operator: string,
  { start, key, accumulators, versions, panes, pending }: Kept,
): Change => [operator, "put", start, key, accumulators, panes, pending, ...toldVersions(versions)];

/** Where it is kept: by its window, then by key. A drop is of a whole window. */
export const placeByStart = ([, kind, start, key]: Change): Place | undefined =>
  kind === "put" ? [start as EpochMs, key as Key] : undefined;

/** When it must be in memory. */
export function wakesByStart(
  [, kind, start, , , , pending]: Change,
  { size, lateness }: { readonly size: DurationMs; readonly lateness: DurationMs },
  { watermark }: Pick<Host["context"], "watermark">,
  panes: Panes,
): Wakes {
  if (kind !== "put") return NEVER;
  const end = ((start as EpochMs) + size) as EpochMs;
  return {
    due: end > watermark ? end : END_OF_TIME,
    ...panes.dues(pending as number),
    until: (end + lateness) as EpochMs,
    mark: start as EpochMs,
  };
}
