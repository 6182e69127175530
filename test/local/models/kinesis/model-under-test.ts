import { KinesisModel, type KinesisOptions } from "../../../../local/models/kinesis/kinesis-model.ts";
import { ManualClock } from "../manual-clock.ts";

export const StreamName = "flights";
export const STREAM_ARN: string = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
/** The first shards of a stream, by their index. */
export const shardId = (index: number): string => `shardId-${String(index).padStart(12, "0")}`;
export const FIRST: string = shardId(0);
export const HASH_KEYS: bigint = 2n ** 128n;

/** A model whose time stands still, with the stream `flights`. */
export function kinesisWith(
  shardCount: number,
  options: Partial<KinesisOptions> = {},
): { readonly clock: ManualClock; readonly kinesis: KinesisModel } {
  const clock = new ManualClock();
  const kinesis = new KinesisModel({ clock, ...options });
  kinesis.createStream({ StreamName, ShardCount: shardCount });
  return { clock, kinesis };
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Puts one record a text, which is its data and its partition key. */
export const put = (kinesis: KinesisModel, ...texts: string[]): ReturnType<KinesisModel["putRecords"]> =>
  kinesis.putRecords({ StreamName, Records: texts.map((t) => ({ Data: bytes(t), PartitionKey: t })) });

export const textsOf = (records: readonly { readonly Data: Uint8Array }[]): string[] =>
  records.map(({ Data }) => new TextDecoder().decode(Data));

export const readAll = (kinesis: KinesisModel, id: string): ReturnType<KinesisModel["read"]> =>
  kinesis.read(StreamName, id, undefined, 100_000, 1e12);

export const iteratorAt = (
  kinesis: KinesisModel,
  ShardIteratorType: "TRIM_HORIZON" | "LATEST",
  id: string = FIRST,
): string => kinesis.getShardIterator({ StreamName, ShardId: id, ShardIteratorType }).ShardIterator;

export const split = (kinesis: KinesisModel, id: string, at: bigint): void =>
  kinesis.splitShard({ StreamName, ShardToSplit: id, NewStartingHashKey: at.toString() });

export const merge = (kinesis: KinesisModel, id: string, adjacent: string): void =>
  kinesis.mergeShards({ StreamName, ShardToMerge: id, AdjacentShardToMerge: adjacent });

export const scale = (
  kinesis: KinesisModel,
  TargetShardCount: number,
): ReturnType<KinesisModel["updateShardCount"]> =>
  kinesis.updateShardCount({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" });

export type ShardRange = { readonly id: string; readonly start: bigint; readonly end: bigint };

/** The shards that a filter lists, in the order of their hash ranges. */
export function rangesOf(
  kinesis: KinesisModel,
  filter: Parameters<KinesisModel["listShards"]>[0]["ShardFilter"] = { Type: "AT_LATEST" },
): ShardRange[] {
  return kinesis
    .listShards({ StreamName, ShardFilter: filter })
    .Shards.map(({ ShardId: id, HashKeyRange: { StartingHashKey, EndingHashKey } }) => ({
      id,
      start: BigInt(StartingHashKey),
      end: BigInt(EndingHashKey),
    }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** Whether ranges cover every hash key once. */
export const tile = (ranges: readonly ShardRange[]): boolean =>
  ranges[0]?.start === 0n &&
  ranges.at(-1)?.end === HASH_KEYS - 1n &&
  ranges.every(({ start, end }, i) => start <= end && (i === 0 || start === (ranges[i - 1]?.end ?? 0n) + 1n));
