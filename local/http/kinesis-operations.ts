import type { EpochMs } from "../../shared/time/time.ts";
import type * as api from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import { ServiceError } from "../models/service-error.ts";
import { base64Of, bytesOf, type JsonCall, type JsonOperations } from "./json-operations.ts";

/** Kinesis_20131202: times are seconds, data is base64. What AWS does not name is dropped. */
export function kinesisOperations(kinesis: KinesisModel): JsonOperations {
  const operations: JsonOperations = {
    CreateStream: ({ RetentionPeriodHours: _unknown, ...input }: api.CreateStreamInput) =>
      kinesis.createStream(input),
    DeleteStream: (input: api.DeleteStreamInput) => kinesis.deleteStream(input),
    ListStreams: (input: api.ListStreamsInput) => {
      const { StreamSummaries, ...output } = kinesis.listStreams(input);
      return { ...output, StreamSummaries: StreamSummaries.map(sentStream) };
    },
    DescribeLimits: () => kinesis.describeLimits(),
    DescribeStreamSummary: (input: api.StreamRef) => ({
      StreamDescriptionSummary: sentStream(kinesis.describeStreamSummary(input).StreamDescriptionSummary),
    }),
    DescribeStream: (input: api.DescribeStreamInput) => ({
      StreamDescription: sentStream(kinesis.describeStream(input).StreamDescription),
    }),
    ListShards: ({ ShardFilter: filter, ...input }: api.ListShardsInput) =>
      kinesis.listShards({
        ...input,
        ...received(input, "StreamCreationTimestamp"),
        ...(filter !== undefined && { ShardFilter: { ...filter, ...received(filter, "Timestamp") } }),
      }),
    PutRecord: (input: api.PutRecordInput) => kinesis.putRecord(receivedRecord(input)),
    PutRecords: (input: api.PutRecordsInput) =>
      kinesis.putRecords(
        Array.isArray(input.Records) ? { ...input, Records: input.Records.map(receivedRecord) } : input,
      ),
    GetShardIterator: (input: api.GetShardIteratorInput) =>
      kinesis.getShardIterator({ ...input, ...received(input, "Timestamp") }),
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
    UpdateStreamMode: (input: api.UpdateStreamModeInput) => kinesis.updateStreamMode(input),
    UpdateMaxRecordSize: (input: api.UpdateMaxRecordSizeInput) => kinesis.updateMaxRecordSize(input),
    RegisterStreamConsumer: (input: api.RegisterStreamConsumerInput) => ({
      Consumer: sentConsumer(kinesis.registerStreamConsumer(input).Consumer),
    }),
    DescribeStreamConsumer: (input: api.ConsumerRef) => ({
      ConsumerDescription: sentConsumer(kinesis.describeStreamConsumer(input).ConsumerDescription),
    }),
    ListStreamConsumers: (input: api.ListStreamConsumersInput) => {
      const { Consumers, ...output } = kinesis.listStreamConsumers(input);
      return { ...output, Consumers: Consumers.map(sentConsumer) };
    },
    DeregisterStreamConsumer: (input: api.ConsumerRef) => kinesis.deregisterStreamConsumer(input),
  };
  return Object.fromEntries(
    Object.entries(operations).map(([name, run]) => [
      name,
      (input: object, call: JsonCall) => run(withoutNulls(input), call),
    ]),
  );
}

/** A member that is null counts as absent. */
const withoutNulls = (input: object): never =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as never;

/** A record whose data was base64. Throws SerializationException where it was not. */
function receivedRecord<T extends api.PutRecordsEntry>(record: T): T {
  const data: unknown = record.Data;
  if (typeof data !== "string") return record;
  const bytes = bytesOf(data);
  // what is not base64 is passed over by the decoder, so that bytes are missing
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  if (data.length % 4 !== 0 || bytes.length !== (data.length / 4) * 3 - padding)
    throw new ServiceError("SerializationException", "Data is no base64");
  return { ...record, Data: bytes };
}

/** The member that is a time, in milliseconds. */
function received<K extends string>(
  input: { readonly [name in K]?: EpochMs | undefined },
  name: K,
): { readonly [name in K]?: EpochMs } {
  const at = input[name];
  if (typeof at !== "number") return {};
  return { [name]: Math.round(at * 1_000) } as { readonly [name in K]: EpochMs };
}

const sentStream = <T extends { readonly StreamCreationTimestamp: EpochMs }>(stream: T) => ({
  ...stream,
  StreamCreationTimestamp: stream.StreamCreationTimestamp / 1_000,
});

const sentConsumer = <T extends { readonly ConsumerCreationTimestamp: EpochMs }>(consumer: T) => ({
  ...consumer,
  ConsumerCreationTimestamp: consumer.ConsumerCreationTimestamp / 1_000,
});
