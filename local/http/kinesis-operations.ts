import type { EpochMs } from "../../shared/time/time.ts";
import type * as api from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import { base64Of, bytesOf, type JsonOperations } from "./json-operations.ts";

/** An input as it is sent: data in base64. */
type Sent<T> = Omit<T, "Data"> & { readonly Data: string };

const received = <T extends { readonly Data: string }>(record: T) => ({
  ...record,
  Data: bytesOf(record.Data),
});

/** Kinesis_20131202: times are seconds, data is base64. */
export function kinesisOperations(kinesis: KinesisModel): JsonOperations {
  return {
    CreateStream: (input: api.CreateStreamInput) => kinesis.createStream(input),
    DeleteStream: (input: api.StreamRef) => kinesis.deleteStream(input),
    ListStreams: () => kinesis.listStreams(),
    DescribeStreamSummary: (input: api.StreamRef) => {
      const { StreamDescriptionSummary: summary } = kinesis.describeStreamSummary(input);
      return { StreamDescriptionSummary: { ...summary, ...createdAt(summary) } };
    },
    DescribeStream: (input: api.StreamRef) => {
      const { StreamDescription: description } = kinesis.describeStream(input);
      return { StreamDescription: { ...description, ...createdAt(description) } };
    },
    ListShards: (input: api.ListShardsInput) => kinesis.listShards(input),
    PutRecord: (input: Sent<api.PutRecordInput>) => kinesis.putRecord(received(input)),
    PutRecords: (input: api.StreamRef & { readonly Records: readonly Sent<api.PutRecordsEntry>[] }) =>
      kinesis.putRecords({ ...input, Records: input.Records.map(received) }),
    GetShardIterator: ({ Timestamp: at, ...input }: api.GetShardIteratorInput) =>
      kinesis.getShardIterator({
        ...input,
        ...(at !== undefined && { Timestamp: Math.round(at * 1_000) as EpochMs }),
      }),
    GetRecords: (input: api.GetRecordsInput) => {
      const output = kinesis.getRecords(input);
      const Records = output.Records.map((record) => ({
        ...record,
        Data: base64Of(record.Data),
        ApproximateArrivalTimestamp: record.ApproximateArrivalTimestamp / 1_000,
      }));
      return { ...output, Records };
    },
    SplitShard: (input: api.SplitShardInput) => kinesis.splitShard(input),
    MergeShards: (input: api.MergeShardsInput) => kinesis.mergeShards(input),
    UpdateShardCount: (input: api.UpdateShardCountInput) => kinesis.updateShardCount(input),
    IncreaseStreamRetentionPeriod: (input: api.RetentionInput) =>
      kinesis.increaseStreamRetentionPeriod(input),
    DecreaseStreamRetentionPeriod: (input: api.RetentionInput) =>
      kinesis.decreaseStreamRetentionPeriod(input),
  };
}

const createdAt = ({ StreamCreationTimestamp: at }: { readonly StreamCreationTimestamp: EpochMs }) => ({
  StreamCreationTimestamp: at / 1_000,
});
