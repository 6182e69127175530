import type { Shard } from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { Random } from "../simulator/random.ts";

const MOST_SHARDS = 4;

/** Splits a random shard of a stream in half, or merges two neighbours; there are 1 to 4, or as many as there were. */
export function reshardOnce(
  kinesis: Pick<KinesisModel, "listShards" | "splitShard" | "mergeShards">,
  StreamName: string,
  random: Random,
): void {
  const open = openShards(kinesis, StreamName);
  const split = open.length === 1 || (open.length < MOST_SHARDS && random.chance(0.5));
  if (split) {
    const shard = random.pick(open);
    if (shard === undefined) return;
    const { StartingHashKey, EndingHashKey } = shard.HashKeyRange;
    const middle = (BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n;
    kinesis.splitShard({ StreamName, ShardToSplit: shard.ShardId, NewStartingHashKey: String(middle) });
    return;
  }
  const left = random.below(open.length - 1);
  const [first, second] = open.slice(left, left + 2);
  if (first !== undefined && second !== undefined)
    kinesis.mergeShards({
      StreamName,
      ShardToMerge: first.ShardId,
      AdjacentShardToMerge: second.ShardId,
    });
}

/** The open shards in the order of their hash ranges, so that neighbours are neighbours. */
function openShards(kinesis: Pick<KinesisModel, "listShards">, StreamName: string): Shard[] {
  const start = (shard: Shard): bigint => BigInt(shard.HashKeyRange.StartingHashKey);
  return kinesis
    .listShards({ StreamName })
    .Shards.filter(({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber === undefined)
    .sort((a, b) => (start(a) < start(b) ? -1 : 1));
}
