import type { EpochMs } from "../../../shared/time/time.ts";

/** Inputs and outputs of Kinesis as its API names them; binary is Uint8Array, a timestamp EpochMs. */

/** A stream by name or by ARN; the name wins. */
export type StreamRef = {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
};

type HashKeyRange = { readonly StartingHashKey: string; readonly EndingHashKey: string };

export type Shard = {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: HashKeyRange;
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string;
    /** Present once the shard is closed. */
    readonly EndingSequenceNumber?: string;
  };
};

export type ChildShard = {
  readonly ShardId: string;
  readonly ParentShards: readonly string[];
  readonly HashKeyRange: HashKeyRange;
};

export type StoredRecord = {
  readonly SequenceNumber: string;
  readonly ApproximateArrivalTimestamp: EpochMs;
  readonly Data: Uint8Array;
  readonly PartitionKey: string;
};

export type CreateStreamInput = {
  readonly StreamName: string;
  /** @default 1 */
  readonly ShardCount?: number | undefined;
  /** @default 24 */
  readonly RetentionPeriodHours?: number | undefined;
  readonly StreamModeDetails?: { readonly StreamMode: "PROVISIONED" | "ON_DEMAND" } | undefined;
};

export type StreamDescriptionSummary = {
  readonly StreamName: string;
  readonly StreamARN: string;
  readonly StreamStatus: "ACTIVE";
  readonly StreamModeDetails: { readonly StreamMode: "PROVISIONED" | "ON_DEMAND" };
  readonly RetentionPeriodHours: number;
  readonly StreamCreationTimestamp: EpochMs;
  readonly EnhancedMonitoring: readonly { readonly ShardLevelMetrics: readonly string[] }[];
  readonly EncryptionType: "NONE";
  readonly OpenShardCount: number;
  readonly ConsumerCount: number;
};

export type StreamDescription = Omit<StreamDescriptionSummary, "OpenShardCount" | "ConsumerCount"> & {
  readonly Shards: readonly Shard[];
  readonly HasMoreShards: boolean;
};

export type ListStreamsOutput = { readonly StreamNames: readonly string[]; readonly HasMoreStreams: boolean };

export type ListShardsInput = StreamRef & {
  readonly NextToken?: string | undefined;
  readonly ExclusiveStartShardId?: string | undefined;
  readonly MaxResults?: number | undefined;
};
export type ListShardsOutput = { readonly Shards: readonly Shard[]; readonly NextToken?: string };

export type PutRecordInput = StreamRef & {
  readonly Data: Uint8Array;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | undefined;
};
export type PutRecordOutput = { readonly ShardId: string; readonly SequenceNumber: string };

export type PutRecordsEntry = {
  readonly Data: Uint8Array;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | undefined;
};
export type PutRecordsInput = StreamRef & { readonly Records: readonly PutRecordsEntry[] };
export type PutRecordsResult =
  | PutRecordOutput
  | { readonly ErrorCode: string; readonly ErrorMessage: string };
export type PutRecordsOutput = {
  readonly FailedRecordCount: number;
  readonly Records: readonly PutRecordsResult[];
};

type ShardIteratorType =
  | "TRIM_HORIZON"
  | "LATEST"
  | "AT_SEQUENCE_NUMBER"
  | "AFTER_SEQUENCE_NUMBER"
  | "AT_TIMESTAMP";
export type GetShardIteratorInput = StreamRef & {
  readonly ShardId: string;
  readonly ShardIteratorType: ShardIteratorType;
  readonly StartingSequenceNumber?: string | undefined;
  readonly Timestamp?: EpochMs | undefined;
};

export type GetRecordsInput = { readonly ShardIterator: string; readonly Limit?: number | undefined };
export type GetRecordsOutput = {
  readonly Records: readonly StoredRecord[];
  /** Null once a closed shard was read to its end. */
  readonly NextShardIterator: string | null;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: readonly ChildShard[];
};

export type SplitShardInput = StreamRef & {
  readonly ShardToSplit: string;
  readonly NewStartingHashKey: string;
};
export type MergeShardsInput = StreamRef & {
  readonly ShardToMerge: string;
  readonly AdjacentShardToMerge: string;
};
export type UpdateShardCountInput = StreamRef & {
  readonly TargetShardCount: number;
  readonly ScalingType?: "UNIFORM_SCALING" | undefined;
};
export type UpdateShardCountOutput = {
  readonly StreamName: string;
  readonly CurrentShardCount: number;
  readonly TargetShardCount: number;
};
export type RetentionInput = StreamRef & { readonly RetentionPeriodHours: number };

/** What a direct read of a shard yields. */
export type ShardRead = {
  readonly records: readonly StoredRecord[];
  /** The shard is closed and holds nothing behind these records. */
  readonly closed: boolean;
  /** The shards that took over; empty while the shard is open. */
  readonly childShards: readonly ChildShard[];
};
