import type { SavedStage, Savepoint } from "../../shared/protocol/savepoint/manifest.ts";
import type { Restored } from "../../shared/protocol/savepoint/restore.ts";
import { isoOf } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";

/** A line for each savepoint. */
export const listText = (savepoints: readonly Savepoint[]): string =>
  savepoints
    .map((savepoint) => {
      const { id, epoch, createdAt, stages } = savepoint;
      return `${id}  ${isoOf(createdAt)}  epoch ${epoch}, ${counted(stages.length, "stage")}, ${sizeOf(savepoint)}`;
    })
    .join("\n");

/** A savepoint, stage by stage. */
export function savepointText(savepoint: Savepoint): string {
  const { id, application, epoch, createdAt, stages } = savepoint;
  const head = `savepoint ${id} of ${application}, epoch ${epoch}, ${isoOf(createdAt)}, ${sizeOf(savepoint)}`;
  const width = Math.max(...stages.map(({ plan }) => plan.id.length));
  return [head, ...stages.map((stage) => `  ${stage.plan.id.padEnd(width)}  ${stageText(stage)}`)].join("\n");
}

function stageText({ partitions }: SavedStage): string {
  const sum = (of: (partition: SavedStage["partitions"][number]) => number): number =>
    partitions.reduce((n, partition) => n + of(partition), 0);
  const rows = sum(({ inFlight }) => inFlight.rows);
  const watermark = Math.min(...partitions.map(({ watermark }) => watermark)) as EpochMs;
  return [
    counted(partitions.length, "partition"),
    `${sum(({ counts }) => counts["input"] ?? 0)} in`,
    `watermark ${timeText(watermark)}`,
    ...(rows > 0 ? [`${counted(rows, "row")} on the way to others`] : []),
  ].join(", ");
}

const timeText = (at: EpochMs): string =>
  at === Number.POSITIVE_INFINITY
    ? "at the end"
    : at === Number.NEGATIVE_INFINITY
      ? "at the beginning"
      : isoOf(at);

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

function sizeOf({ stages }: Savepoint): string {
  const bytes = stages.reduce(
    (n, { partitions }) => n + partitions.reduce((m, { snapshot }) => m + (snapshot?.bytes ?? 0), 0),
    0,
  );
  return `${(bytes / 1_000_000).toFixed(1)} MB of snapshots`;
}

/** What was restored, and what was not. */
export function restoredText(restored: Restored & { readonly savepoint: string }): string {
  const { savepoint, epoch, partitions, frames, dropped, begun } = restored;
  const names = (ids: readonly string[]): string => ids.map((id) => `"${id}"`).join(", ");
  return [
    `savepoint ${savepoint} goes on in epoch ${epoch}: ${counted(partitions, "partition")}, ${counted(frames, "frame")} sent again`,
    ...(dropped.length > 0 ? [`  state left behind: ${names(dropped)}`] : []),
    ...(begun.length > 0 ? [`  not in the savepoint, empty: ${names(begun)}`] : []),
  ].join("\n");
}
