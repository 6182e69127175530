import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import { parseHashKey } from "./hash-space.ts";
import type { MergeShardsInput, SplitShardInput, UpdateShardCountInput } from "./kinesis-api.ts";
import type { ShardLog } from "./shard-log.ts";
import type { Stream } from "./stream.ts";

/** The most that UpdateShardCount scales a stream to. */
const MOST_SHARDS = 10_000;

/** Splits an open shard; the new key must leave a child more than one hash key on its left. Returns the parent. */
export function splitShard(stream: Stream, input: SplitShardInput, now: EpochMs): ShardLog {
  const shard = openShard(stream, input.ShardToSplit, now);
  const at = parseHashKey(input.NewStartingHashKey);
  const { start, end } = shard.origin.range;
  if (at === undefined || at <= start + 1n || at >= end)
    throw refused(
      `NewStartingHashKey ${input.NewStartingHashKey} used in SplitShard() on shard ${shard.origin.id} in stream ` +
        `${stream.name} is not both greater than one plus the shard's StartingHashKey ${start} and less than the ` +
        `shard's EndingHashKey ${end}.`,
    );
  stream.split(shard, at, now);
  return shard;
}

/** Merges an open shard with the adjacent one, whose hash keys follow its own. Returns the parents. */
export function mergeShards(stream: Stream, input: MergeShardsInput, now: EpochMs): ShardLog[] {
  const shard = openShard(stream, input.ShardToMerge, now);
  const next = openShard(stream, input.AdjacentShardToMerge, now);
  if (shard.origin.range.end + 1n !== next.origin.range.start)
    throw refused(
      `Shards ${shard.origin.id} and ${next.origin.id} in stream ${stream.name} are not an adjacent pair of shards ` +
        "eligible for merging",
    );
  stream.merge(shard, next, now);
  return [shard, next];
}

/**
 * Scales to shards of the same size: at most twice and at least half of the open ones, and at most 10,000
 * (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html). Returns the shards it closed.
 */
export function updateShardCount(stream: Stream, input: UpdateShardCountInput, now: EpochMs): ShardLog[] {
  const { open } = stream;
  const target = input.TargetShardCount;
  const counts = `Current open shard count: ${open.length} Target shard count: ${target}`;
  if (target > open.length * 2)
    throw refused(`UpdateShardCount cannot scale up over double your current open shard count. ${counts}`);
  if (target < open.length / 2)
    throw refused(`UpdateShardCount cannot scale down below half your current open shard count. ${counts}`);
  if (target > MOST_SHARDS)
    throw new ServiceError("LimitExceededException", `A stream has at most ${MOST_SHARDS} shards. ${counts}`);
  if (target !== open.length) stream.scale(target, now);
  return open.filter(({ closedAt }) => closedAt !== undefined);
}

function openShard(stream: Stream, id: string, now: EpochMs): ShardLog {
  const shard = stream.shard(id, now);
  if (shard.closedAt !== undefined) throw refused(`Shard ${id} in stream ${stream.name} is not open`);
  return shard;
}

const refused = (why: string): ServiceError => new ServiceError("InvalidArgumentException", why);
