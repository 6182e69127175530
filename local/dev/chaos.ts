import type { DurationMs } from "../../shared/time/time.ts";
import type { LambdaService } from "../lambda/lambda-service.ts";
import type { Shard } from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { Random } from "../simulator/random.ts";

/** Something that goes on until it is stopped. */
export type Nuisance = { stop(): void };

/** Ends a random Lambda process at once (SIGKILL), again and again, whatever it is doing. */
export function killProcesses(
  lambda: Pick<LambdaService, "processes">,
  every: DurationMs,
  random: Random,
): Nuisance {
  return repeatedly(every, () => {
    const victim = random.pick(lambda.processes());
    if (victim !== undefined) kill(victim.pid);
  });
}

/** Splits a random shard of a stream in half or merges two neighbours, again and again; there are 1 to 4. */
export function reshard(
  kinesis: Pick<KinesisModel, "listShards" | "splitShard" | "mergeShards">,
  StreamName: string,
  every: DurationMs,
  random: Random,
): Nuisance {
  return repeatedly(every, () => {
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
  });
}

const MOST_SHARDS = 4;

/** The open shards in the order of their hash ranges, so that neighbours are neighbours. */
function openShards(kinesis: Pick<KinesisModel, "listShards">, StreamName: string): Shard[] {
  const start = (shard: Shard): bigint => BigInt(shard.HashKeyRange.StartingHashKey);
  return kinesis
    .listShards({ StreamName })
    .Shards.filter(({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber === undefined)
    .sort((a, b) => (start(a) < start(b) ? -1 : 1));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // it ended by itself a moment ago
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function repeatedly(every: DurationMs, act: () => void): Nuisance {
  const timer = setInterval(act, every);
  return { stop: () => clearInterval(timer) };
}
