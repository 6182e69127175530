import type { Rule, Shape } from "./check-input.ts";

const NAME: Rule = { is: "text", pattern: /^[a-zA-Z0-9_.-]+$/, longest: 128 };
const STREAM_ARN: Rule = {
  is: "text",
  pattern: /^arn:aws.*:kinesis:.*:\d{12}:stream\/\S+$/,
  longest: 2_048,
};
const CONSUMER_ARN: Rule = {
  is: "text",
  pattern: /^arn:aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+$/,
  longest: 2_048,
};
const HASH_KEY: Rule = { is: "text", pattern: /^(0|[1-9]\d{0,38})$/ };
const SEQUENCE_NUMBER: Rule = { is: "text", pattern: /^(0|[1-9]\d{0,128})$/ };
const TOKEN: Rule = { is: "text", longest: 1_048_576 };
const COUNT: Rule = { is: "integer", min: 1 };
const PAGE: Rule = { is: "integer", min: 1, max: 10_000 };
const STREAM_MODE: Rule = {
  is: "structure",
  members: { StreamMode: { is: "text", required: true, oneOf: ["PROVISIONED", "ON_DEMAND"] } },
};
const MAX_RECORD_SIZE: Rule = { is: "integer", min: 1_024, max: 10_240 };

const required = (rule: Rule): Rule => ({ ...rule, required: true });

const stream: Shape = { StreamName: NAME, StreamARN: STREAM_ARN };
const consumer: Shape = { StreamARN: STREAM_ARN, ConsumerName: NAME, ConsumerARN: CONSUMER_ARN };
const retention: Shape = { ...stream, RetentionPeriodHours: { is: "integer", required: true } };

/** The operations that are modelled. */
export type Operation =
  | "CreateStream"
  | "DeleteStream"
  | "DescribeStreamSummary"
  | "DescribeStream"
  | "DescribeLimits"
  | "ListStreams"
  | "ListShards"
  | "PutRecord"
  | "PutRecords"
  | "GetShardIterator"
  | "GetRecords"
  | "SplitShard"
  | "MergeShards"
  | "UpdateShardCount"
  | "IncreaseStreamRetentionPeriod"
  | "DecreaseStreamRetentionPeriod"
  | "UpdateStreamMode"
  | "UpdateMaxRecordSize"
  | "RegisterStreamConsumer"
  | "DescribeStreamConsumer"
  | "DeregisterStreamConsumer"
  | "ListStreamConsumers";

/**
 * What AWS's API reference says of the inputs' members (https://docs.aws.amazon.com/kinesis/latest/APIReference/).
 * The records of a PutRecord and a PutRecords are checked apart, as there are many of them.
 */
export const INPUT_SHAPES: Readonly<Record<Operation, Shape>> = {
  CreateStream: {
    StreamName: required(NAME),
    ShardCount: COUNT,
    StreamModeDetails: STREAM_MODE,
    MaxRecordSizeInKiB: MAX_RECORD_SIZE,
  },
  DeleteStream: { ...stream, EnforceConsumerDeletion: { is: "flag" } },
  DescribeStreamSummary: stream,
  DescribeStream: { ...stream, Limit: PAGE, ExclusiveStartShardId: NAME },
  DescribeLimits: {},
  ListStreams: { Limit: PAGE, ExclusiveStartStreamName: NAME, NextToken: TOKEN },
  ListShards: {
    ...stream,
    NextToken: TOKEN,
    ExclusiveStartShardId: NAME,
    MaxResults: PAGE,
    StreamCreationTimestamp: { is: "time" },
    ShardFilter: {
      is: "structure",
      members: {
        Type: {
          is: "text",
          required: true,
          oneOf: [
            "AFTER_SHARD_ID",
            "AT_TRIM_HORIZON",
            "FROM_TRIM_HORIZON",
            "AT_LATEST",
            "AT_TIMESTAMP",
            "FROM_TIMESTAMP",
          ],
        },
        ShardId: NAME,
        Timestamp: { is: "time" },
      },
    },
  },
  PutRecord: { ...stream, SequenceNumberForOrdering: SEQUENCE_NUMBER },
  PutRecords: stream,
  GetShardIterator: {
    ...stream,
    ShardId: required(NAME),
    ShardIteratorType: {
      is: "text",
      required: true,
      oneOf: ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"],
    },
    StartingSequenceNumber: SEQUENCE_NUMBER,
    Timestamp: { is: "time" },
  },
  // More than 10,000 is documented to be another error.
  GetRecords: { ShardIterator: { is: "text", required: true, longest: 512 }, Limit: COUNT },
  SplitShard: {
    ...stream,
    ShardToSplit: required(NAME),
    NewStartingHashKey: required(HASH_KEY),
  },
  MergeShards: {
    ...stream,
    ShardToMerge: required(NAME),
    AdjacentShardToMerge: required(NAME),
  },
  UpdateShardCount: {
    ...stream,
    TargetShardCount: required(COUNT),
    ScalingType: { is: "text", required: true, oneOf: ["UNIFORM_SCALING"] },
  },
  IncreaseStreamRetentionPeriod: retention,
  DecreaseStreamRetentionPeriod: retention,
  UpdateStreamMode: {
    StreamARN: required(STREAM_ARN),
    StreamModeDetails: required(STREAM_MODE),
  },
  UpdateMaxRecordSize: {
    StreamARN: required(STREAM_ARN),
    MaxRecordSizeInKiB: required(MAX_RECORD_SIZE),
  },
  RegisterStreamConsumer: {
    StreamARN: required(STREAM_ARN),
    ConsumerName: required(NAME),
  },
  DescribeStreamConsumer: consumer,
  DeregisterStreamConsumer: consumer,
  ListStreamConsumers: {
    StreamARN: required(STREAM_ARN),
    NextToken: TOKEN,
    MaxResults: PAGE,
  },
};
