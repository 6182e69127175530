import type { FailedEvent } from "../events/event.ts";
import { appendTo } from "../state/lists.ts";
import type { Entry } from "./entry.ts";
import type { Environment } from "./environment.ts";
import type { LakeWrite, OutRecord, PartitionId, ViewWrite } from "./ports.ts";
import { ALL_ALIKE, type Priorities } from "./priorities.ts";
import { textsOf } from "./view-rows.ts";

/**
 * Tells every receiver what an entry gives. All of it carries names and versions that come from the entry,
 * so that telling it again, by anybody, changes nothing.
 *
 * What has one priority is told at once; what has a lower one, when that is acknowledged: whatever holds it up holds up
 * nothing above it.
 */
export async function publishEntry(
  env: Environment,
  id: PartitionId,
  v: number,
  entry: Entry,
  records: ReadonlyMap<string, readonly OutRecord[]>,
  { streams, views }: Priorities = ALL_ALIKE,
): Promise<void> {
  const levels = new Map<number, (() => Promise<void>)[]>();
  for (const [target, batch] of records)
    appendTo(levels, streams.get(target) ?? 0, () => env.streams.publish(target, batch));
  for (const [priority, writes] of viewWrites(entry, id, v, views))
    appendTo(levels, priority, () => env.views.write(writes));
  const files = lakeWrites(entry, id, v);
  if (files.length > 0) appendTo(levels, 0, () => env.lake.write(files));
  const { failed } = entry;
  if (failed.length > 0) appendTo(levels, 0, () => env.failedEvents.write(named(failed, id, v)));
  for (const [, outputs] of [...levels].sort(([a], [b]) => b - a))
    await Promise.all(outputs.map((publish) => publish()));
}

/** By priority. */
function viewWrites(
  { views }: Entry,
  { epoch }: PartitionId,
  v: number,
  priorities: Priorities["views"],
): Map<number, ViewWrite[]> {
  const writes = new Map<number, ViewWrite[]>();
  const version = { epoch, v };
  for (const [view, rows] of views) {
    const texts = textsOf(rows);
    for (const [i, [key, sort, row]] of rows.entries()) {
      const write = { view, key, sort, row, version };
      const text = texts?.[i];
      appendTo(writes, priorities.get(view) ?? 0, text === undefined ? write : { ...write, text });
    }
  }
  return writes;
}

/** Names what an entry gave, for whoever keeps it under a name: the same whoever publishes it. */
const entryName = ({ stage, partition, epoch }: PartitionId, v: number): string =>
  `${stage}-${String(partition).padStart(4, "0")}-${epoch}-${String(v).padStart(12, "0")}`;

/** The entry in a name that begins with one; undefined where it begins otherwise. */
export function entryIn(name: string): { readonly id: PartitionId; readonly v: number } | undefined {
  const [, stage, partition, epoch, v] = /^(.+?)-(\d{4,})-(\d+)-(\d{12,})(?=$|[.-])/.exec(name) ?? [];
  if (stage === undefined) return undefined;
  return { id: { stage, partition: Number(partition), epoch: Number(epoch) }, v: Number(v) };
}

const named = (
  failed: readonly FailedEvent[],
  id: PartitionId,
  v: number,
): (FailedEvent & { failedId: string })[] =>
  failed.map((event, i) => ({ ...event, failedId: `${entryName(id, v)}-${String(i).padStart(6, "0")}` }));

const lakeWrites = ({ lake }: Entry, id: PartitionId, v: number): LakeWrite[] =>
  lake.map(([sink, partition, rows]) => ({
    sink,
    name: entryName(id, v),
    partition,
    rows: rows as LakeWrite["rows"],
  }));
