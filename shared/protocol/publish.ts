import type { FailedEvent } from "../events/event.ts";
import type { Entry } from "./entry.ts";
import type { Environment } from "./environment.ts";
import type { LakeWrite, OutRecord, PartitionId, ViewWrite } from "./ports.ts";

/**
 * Tells every receiver what an entry gives. All of it carries names and versions that come from the entry,
 * so that telling it again, by anybody, changes nothing.
 */
export async function publishEntry(
  env: Environment,
  id: PartitionId,
  v: number,
  entry: Entry,
  records: ReadonlyMap<string, readonly OutRecord[]>,
): Promise<void> {
  const views = viewWrites(entry, id, v);
  const files = lakeWrites(entry, id, v);
  await Promise.all([
    ...[...records].map(([target, batch]) => env.streams.publish(target, batch)),
    ...(views.length > 0 ? [env.views.write(views)] : []),
    ...(files.length > 0 ? [env.lake.write(files)] : []),
    ...(entry.failed.length > 0 ? [env.failedEvents.write(named(entry.failed, id, v))] : []),
  ]);
}

const viewWrites = ({ views }: Entry, { epoch }: PartitionId, v: number): ViewWrite[] =>
  views.flatMap(([view, rows]) =>
    rows.map(([key, sort, row]) => ({ view, key, sort, row, version: { epoch, v } })),
  );

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
