import type { Stage } from "../operators/stage.ts";
import { days, minus } from "../time/time.ts";
import { cleanUpSnapshots } from "./clean-up.ts";
import type { Environment } from "./environment.ts";
import type { PartitionId } from "./ports.ts";
import type { Replica } from "./replica.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** A cold start reads an index and at most so many entries after it. */
const MOST_ENTRIES = 1_000;
/** Below this a snapshot is not worth an object, unless what it writes is small. */
const WORTH_ENTRIES = 100;
/** Entries' bytes that a cold start reads at most, or the size of the last snapshot where that is more. */
const MOST_BYTES = 4 * 1024 * 1024;
/** An entry must outlive every environment that could still try to write in its place. */
const KEEP = days(1);

/**
 * Takes a snapshot when reading the entries since the last one would cost more than writing it; and where more
 * state is in memory than there should be, since only what a snapshot holds can be forgotten.
 */
export async function snapshotIfDue(
  stage: Stage,
  id: PartitionId,
  env: Environment,
  replica: Replica,
): Promise<void> {
  if (!isDue(env, replica) && !replica.crowded) return;
  // A snapshot is written on top of the newest one only: what another refers to may be deleted by now.
  const newest = await env.log.snapshot(id);
  if (newest?.key !== replica.snapshotKey) {
    replica.countFrom(newest?.v ?? 0);
    if (isDue(env, replica) || replica.crowded) replica.startOver();
    return;
  }
  const unused = await cleanUpSnapshots(env, id, newest, replica.objects);
  if (!(await takeSnapshot(stage, id, env, replica, unused))) {
    replica.startOver();
    return;
  }
  replica.relieve();
  await env.log.truncate(id, replica.v, minus(env.clock.now(), KEEP));
}

function isDue({ snapshotEntries = MOST_ENTRIES }: Environment, replica: Replica): boolean {
  const { entries, bytes } = replica.sinceSnapshot;
  return (
    entries >= snapshotEntries ||
    bytes >= Math.max(MOST_BYTES, replica.snapshotBytes) ||
    (entries >= WORTH_ENTRIES && bytes * 4 >= replica.snapshotBytes)
  );
}
