import type { Stage } from "../operators/stage.ts";
import { days, minus } from "../time/time.ts";
import type { Environment } from "./environment.ts";
import type { PartitionId } from "./ports.ts";
import type { Replica } from "./replica.ts";
import { encodeSnapshot, snapshotKey } from "./snapshot.ts";

/** A cold start reads a snapshot and at most so many entries after it. */
const MOST_ENTRIES = 1_000;
/** Below this a snapshot is not worth an object, unless the state itself is small. */
const WORTH_ENTRIES = 100;
/** Entries' bytes that a cold start reads at most, or the size of the last snapshot where that is more. */
const MOST_BYTES = 4 * 1024 * 1024;
/** An entry must outlive every environment that could still try to write in its place. */
const KEEP = days(1);

/**
 * Takes a snapshot when reading the entries since the last one would cost more than reading it, so that
 * snapshots cost a constant share of what is written, whatever the size of the state.
 */
export async function snapshotIfDue(
  stage: Stage,
  id: PartitionId,
  env: Environment,
  replica: Replica,
): Promise<void> {
  const { entries, bytes } = replica.sinceSnapshot;
  const due =
    entries >= (env.snapshotEntries ?? MOST_ENTRIES) ||
    bytes >= Math.max(MOST_BYTES, replica.snapshotBytes) ||
    (entries >= WORTH_ENTRIES && bytes * 4 >= replica.snapshotBytes);
  if (!due) return;
  const { fold, inbox, channels, v } = replica;
  const body = encodeSnapshot(
    {
      positions: inbox.positions,
      ...fold.sealed,
      channels,
      fingerprint: stage.fingerprint,
      changes: fold.snapshot(),
    },
    env.compression,
  );
  const key = snapshotKey(id, v, env.nonce());
  await env.blobs.put(key, body);
  await env.log.recordSnapshot(id, { v, key });
  replica.sinceSnapshot = { entries: 0, bytes: 0 };
  replica.snapshotBytes = body.length;
  await env.log.truncate(id, v, minus(env.clock.now(), KEEP));
}
