import { days, type EpochMs, minus } from "../time/time.ts";
import type { Environment } from "./environment.ts";
import type { PartitionId, SnapshotRef } from "./ports.ts";
import { snapshotFolder, snapshotVersion } from "./snapshot.ts";

/** An object that no snapshot in use refers to, and since when that is known. */
export type Unused = readonly [key: string, since: EpochMs];

/** What has just gone out of use may still be read by an environment that stands on it. */
const KEEP = days(1);

/**
 * Deletes the objects of superseded snapshots, and of snapshots that lost their race. Which those are, the pointer
 * says: it carries what nothing referred to when it was written, and since when. An object goes once that was so for a
 * day; its own age decides nothing. A snapshot is written over the one that the pointer names, and refers to what that
 * refers to and to what is new; so none that is on its way can refer to an object that has been out of use for a day.
 * @param newest - the pointer, which the caller's state stands on
 * @param used - all objects that its snapshot refers to
 * @returns what the next pointer is to carry
 */
export async function cleanUpSnapshots(
  { blobs, clock }: Environment,
  id: PartitionId,
  newest: SnapshotRef | undefined,
  used: ReadonlyMap<string, unknown>,
): Promise<readonly Unused[]> {
  if (newest === undefined) return [];
  const now = clock.now();
  const known = new Map(newest.unused);
  const unused = (await blobs.list(snapshotFolder(id)))
    .filter((key) => !used.has(key) && key !== newest.key && snapshotVersion(key) <= newest.v)
    .map((key): Unused => [key, known.get(key) ?? now]);
  const old = unused.filter(([, since]) => since <= minus(now, KEEP));
  await blobs.remove(old.map(([key]) => key));
  return unused.filter((one) => !old.includes(one)).slice(0, MOST_UNUSED);
}

/** An item of DynamoDB holds 400 KB; what does not fit is found again by the next snapshot. */
const MOST_UNUSED = 1_000;
