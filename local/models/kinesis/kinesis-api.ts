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

export type StreamMode = "PROVISIONED" | "ON_DEMAND";
type StreamModeDetails = { readonly StreamMode: StreamMode };

export type CreateStreamInput = {
  readonly StreamName: string;
  /** Needed where the mode is PROVISIONED. @default 4 where it is ON_DEMAND */
  readonly ShardCount?: number | undefined;
  /** Not of AWS's call, which makes every stream with 24 hours. @default 24 */
  readonly RetentionPeriodHours?: number | undefined;
  /** @default PROVISIONED */
  readonly StreamModeDetails?: StreamModeDetails | undefined;
  /** @default 1,024 */
  readonly MaxRecordSizeInKiB?: number | undefined;
};

export type DeleteStreamInput = StreamRef & {
  /** Deletes the stream's consumers with it; without it a stream that has some stays. @default false */
  readonly EnforceConsumerDeletion?: boolean | undefined;
};

export type StreamSummary = {
  readonly StreamName: string;
  readonly StreamARN: string;
  readonly StreamStatus: "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";
  readonly StreamModeDetails: StreamModeDetails;
  readonly StreamCreationTimestamp: EpochMs;
};

type StreamFacts = StreamSummary & {
  readonly RetentionPeriodHours: number;
  readonly EnhancedMonitoring: readonly { readonly ShardLevelMetrics: readonly string[] }[];
  readonly EncryptionType: "NONE";
};

export type StreamDescriptionSummary = StreamFacts & {
  readonly OpenShardCount: number;
  readonly ConsumerCount: number;
  readonly MaxRecordSizeInKiB: number;
};

export type DescribeStreamInput = StreamRef & {
  /** @default 100, which is also the most */
  readonly Limit?: number | undefined;
  readonly ExclusiveStartShardId?: string | undefined;
};
export type StreamDescription = StreamFacts & {
  readonly Shards: readonly Shard[];
  readonly HasMoreShards: boolean;
};

export type ListStreamsInput = {
  /** @default 100, which is also the most */
  readonly Limit?: number | undefined;
  readonly ExclusiveStartStreamName?: string | undefined;
  readonly NextToken?: string | undefined;
};
export type ListStreamsOutput = {
  readonly StreamNames: readonly string[];
  readonly HasMoreStreams: boolean;
  readonly NextToken?: string;
  readonly StreamSummaries: readonly StreamSummary[];
};

export type DescribeLimitsOutput = {
  readonly ShardLimit: number;
  readonly OpenShardCount: number;
  readonly OnDemandStreamCount: number;
  readonly OnDemandStreamCountLimit: number;
};

export type ShardFilter = {
  readonly Type:
    | "AFTER_SHARD_ID"
    | "AT_TRIM_HORIZON"
    | "FROM_TRIM_HORIZON"
    | "AT_LATEST"
    | "AT_TIMESTAMP"
    | "FROM_TIMESTAMP";
  /** With AFTER_SHARD_ID only. */
  readonly ShardId?: string | undefined;
  /** With AT_TIMESTAMP and FROM_TIMESTAMP only. */
  readonly Timestamp?: EpochMs | undefined;
};

/** A NextToken takes the place of all but MaxResults. */
export type ListShardsInput = StreamRef & {
  readonly NextToken?: string | undefined;
  readonly ExclusiveStartShardId?: string | undefined;
  /** @default 1,000, which is also the most */
  readonly MaxResults?: number | undefined;
  readonly ShardFilter?: ShardFilter | undefined;
  readonly StreamCreationTimestamp?: EpochMs | undefined;
};
export type ListShardsOutput = { readonly Shards: readonly Shard[]; readonly NextToken?: string };

export type PutRecordInput = StreamRef & {
  readonly Data: Uint8Array;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | undefined;
  /** A number that the record's must be above. */
  readonly SequenceNumberForOrdering?: string | undefined;
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
  readonly ScalingType: "UNIFORM_SCALING";
};
export type UpdateShardCountOutput = {
  readonly StreamName: string;
  readonly StreamARN: string;
  readonly CurrentShardCount: number;
  readonly TargetShardCount: number;
};
export type RetentionInput = StreamRef & { readonly RetentionPeriodHours: number };
export type UpdateStreamModeInput = {
  readonly StreamARN: string;
  readonly StreamModeDetails: StreamModeDetails;
};
export type UpdateMaxRecordSizeInput = {
  readonly StreamARN: string;
  /** 1,024 to 10,240 */
  readonly MaxRecordSizeInKiB: number;
};

export type Consumer = {
  readonly ConsumerName: string;
  readonly ConsumerARN: string;
  readonly ConsumerStatus: "CREATING" | "ACTIVE" | "DELETING";
  readonly ConsumerCreationTimestamp: EpochMs;
};
export type RegisterStreamConsumerInput = { readonly StreamARN: string; readonly ConsumerName: string };
/** By its ARN, or by its stream's ARN and its name. */
export type ConsumerRef = {
  readonly ConsumerARN?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly ConsumerName?: string | undefined;
};
export type ListStreamConsumersInput = {
  readonly StreamARN: string;
  readonly NextToken?: string | undefined;
  /** @default 100, which is also the most */
  readonly MaxResults?: number | undefined;
};
export type ListStreamConsumersOutput = {
  readonly Consumers: readonly Consumer[];
  readonly NextToken?: string;
};

/** What a direct read of a shard yields. */
export type ShardRead = {
  readonly records: readonly StoredRecord[];
  /** The shard is closed and holds nothing behind these records. */
  readonly closed: boolean;
  /** The shards that took over; empty while the shard is open. */
  readonly childShards: readonly ChildShard[];
};
