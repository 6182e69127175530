import type { Planned } from "../../plan/planner.ts";
import type { Blobs } from "../ports.ts";
import { entryIn } from "../publish.ts";
import type { Savepoint } from "./manifest.ts";

/** Failed events by pipeline, as one finds and removes them. */
export type FailedStore = {
  ids(pipeline: string): Promise<readonly string[]>;
  remove(pipeline: string, ids: readonly string[]): Promise<void>;
};

/** Whether a name is of an entry that no timeline has any more, once a savepoint is restored into `epoch`. */
export function isAbandoned(name: string, { epoch: from, stages }: Savepoint, epoch: number): boolean {
  const entry = entryIn(name);
  if (entry === undefined || entry.id.epoch < from || entry.id.epoch >= epoch) return false;
  if (entry.id.epoch > from) return true;
  const stage = stages.find(({ plan }) => plan.id === entry.id.stage);
  return stage !== undefined && entry.v > (stage.partitions[entry.id.partition]?.v ?? 0);
}

export type Abandoned = {
  /** Keys of files in lake tables. */
  readonly files: readonly string[];
  /** By pipeline. */
  readonly failed: ReadonlyMap<string, readonly string[]>;
};

/**
 * What lake tables and failed events have from entries after the savepoint, of the epochs from its own up to the one
 * that it is restored into: the new timeline gives it again, under other names.
 */
export async function findAbandoned(
  blobs: Blobs,
  failedStore: FailedStore,
  { plan }: Planned,
  savepoint: Savepoint,
  epoch: number,
): Promise<Abandoned> {
  const files: string[] = [];
  const failed = new Map<string, string[]>();
  for (const { id, sinks } of plan.pipelines) {
    for (const { kind, name } of sinks)
      if (kind === "lake")
        for (const key of await blobs.list(`lake/${name}/`))
          if (isAbandoned(key.slice(key.lastIndexOf("/") + 1), savepoint, epoch)) files.push(key);
    const ids = (await failedStore.ids(id)).filter((failedId) => isAbandoned(failedId, savepoint, epoch));
    if (ids.length > 0) failed.set(id, ids);
  }
  return { files, failed };
}

export async function removeAbandoned(
  blobs: Blobs,
  failedStore: FailedStore,
  { files, failed }: Abandoned,
): Promise<void> {
  await blobs.remove(files);
  for (const [pipeline, ids] of failed) await failedStore.remove(pipeline, ids);
}
