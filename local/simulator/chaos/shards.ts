import type { StoredRecord } from "../../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../../models/kinesis/kinesis-model.ts";

export type ShardView = {
  readonly id: string;
  readonly parents: readonly string[];
  readonly start: bigint;
  readonly end: bigint;
  open: boolean;
  readonly records: StoredRecord[];
};

/** More records and bytes than a simulated shard ever holds. */
const ALL = 1_000_000;
/** Beyond this many open shards none is split. */
const MOST_OPEN = 6;

/** The shards of all streams with their records, read again only where something changed. */
export class Shards {
  readonly #kinesis: KinesisModel;
  readonly #streams = new Map<string, Map<string, ShardView>>();

  constructor(kinesis: KinesisModel, streams: readonly { readonly id: string }[]) {
    this.#kinesis = kinesis;
    for (const { id } of streams) {
      this.#streams.set(id, new Map());
      this.#list(id);
    }
    kinesis.onAppend((stream, id) => {
      const shard = this.#streams.get(stream)?.get(id);
      if (shard === undefined) return;
      const last = shard.records.at(-1)?.SequenceNumber;
      shard.records.push(...kinesis.read(stream, id, last, ALL, ALL * ALL).records);
    });
  }

  /** In the order in which they were made: parents before children. */
  of(stream: string): ShardView[] {
    return [...(this.#streams.get(stream)?.values() ?? [])];
  }

  /** Those that take records, in the order of their ranges. */
  open(stream: string): ShardView[] {
    return this.of(stream)
      .filter((shard) => shard.open)
      .sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  /** Splits a shard at an eighth of its range; false where there are shards enough. */
  split(stream: string, shard: ShardView, eighths: number): boolean {
    if (this.open(stream).length >= MOST_OPEN || shard.end - shard.start < 8n) return false;
    const middle = shard.start + 1n + ((shard.end - shard.start - 1n) * BigInt(eighths)) / 8n;
    this.#kinesis.splitShard({
      StreamName: stream,
      ShardToSplit: shard.id,
      NewStartingHashKey: middle.toString(),
    });
    this.#list(stream);
    return true;
  }

  merge(stream: string, shard: ShardView, neighbour: ShardView): void {
    this.#kinesis.mergeShards({
      StreamName: stream,
      ShardToMerge: shard.id,
      AdjacentShardToMerge: neighbour.id,
    });
    this.#list(stream);
  }

  #list(stream: string): void {
    const known = this.#streams.get(stream);
    for (const shard of this.#kinesis.listShards({ StreamName: stream }).Shards) {
      const open = shard.SequenceNumberRange.EndingSequenceNumber === undefined;
      const view = known?.get(shard.ShardId);
      if (view !== undefined) view.open = open;
      else
        known?.set(shard.ShardId, {
          id: shard.ShardId,
          parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined),
          start: BigInt(shard.HashKeyRange.StartingHashKey),
          end: BigInt(shard.HashKeyRange.EndingHashKey),
          open,
          records: [],
        });
    }
  }
}
