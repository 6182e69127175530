import type { Clock } from "../../../shared/time/clock.ts";
import type { ServiceFaults } from "../faults.ts";
import type * as api from "./kinesis-api.ts";

export type KinesisOptions = {
  readonly clock: Clock;
  /** Whether a shard takes only 1 MB and 1,000 records a second. @default "enforced" */
  readonly limits?: "enforced" | "off";
  /** The largest record: data and partition key. @default 1 MiB */
  readonly maxRecordBytes?: number;
  readonly faults?: ServiceFaults;
};

export declare class KinesisModel {
  constructor(options: KinesisOptions);
  createStream(input: api.CreateStreamInput): void;
  deleteStream(input: api.StreamRef): void;
  describeStreamSummary(input: api.StreamRef): {
    readonly StreamDescriptionSummary: api.StreamDescriptionSummary;
  };
  describeStream(input: api.StreamRef): { readonly StreamDescription: api.StreamDescription };
  listStreams(): api.ListStreamsOutput;
  listShards(input: api.ListShardsInput): api.ListShardsOutput;
  putRecord(input: api.PutRecordInput): api.PutRecordOutput;
  putRecords(input: api.PutRecordsInput): api.PutRecordsOutput;
  getShardIterator(input: api.GetShardIteratorInput): { readonly ShardIterator: string };
  getRecords(input: api.GetRecordsInput): api.GetRecordsOutput;
  splitShard(input: api.SplitShardInput): void;
  mergeShards(input: api.MergeShardsInput): void;
  updateShardCount(input: api.UpdateShardCountInput): api.UpdateShardCountOutput;
  increaseStreamRetentionPeriod(input: api.RetentionInput): void;
  decreaseStreamRetentionPeriod(input: api.RetentionInput): void;
  /** Direct read for pollers: records after a sequence number (from the oldest kept one if undefined). */
  read(
    streamName: string,
    shardId: string,
    afterSequenceNumber: string | undefined,
    maxRecords: number,
    maxBytes: number,
  ): api.ShardRead;
  /** Calls the listener after records were appended to a shard, and when a shard is closed; returns the way to stop it. */
  onAppend(listener: (streamName: string, shardId: string) => void): () => void;
}
