import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeLimitsCommand,
  DescribeStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  ListShardsCommand,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  ResourceNotFoundException,
  SplitShardCommand,
  UpdateMaxRecordSizeCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
  ValidationException,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minutes } from "../../../shared/time/time.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

let local: LocalServices;
const StreamName = "flights";

beforeAll(async () => {
  local = await startLocalServices();
  await local.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
});
afterAll(() => local.close());

test("the Kinesis client writes and reads the same bytes and times", async () => {
  const { kinesis, clock } = local;
  const Data = Uint8Array.from({ length: 256 }, (_, i) => i);
  const put = await kinesis.send(
    new PutRecordsCommand({
      StreamName,
      Records: [
        { Data, PartitionKey: "a" },
        { Data: new Uint8Array(), PartitionKey: "b", ExplicitHashKey: "7" },
      ],
    }),
  );
  expect(put.FailedRecordCount).toBe(0);
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId: "shardId-000000000000",
      ShardIteratorType: "AT_TIMESTAMP",
      Timestamp: (await kinesis.send(new DescribeStreamSummaryCommand({ StreamName })))
        .StreamDescriptionSummary?.StreamCreationTimestamp,
    }),
  );
  const { Records, MillisBehindLatest } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  expect(Records?.map((r) => [r.PartitionKey, Uint8Array.from(r.Data ?? [])])).toEqual([
    ["a", Data],
    ["b", new Uint8Array()],
  ]);
  expect(Records?.[0]?.SequenceNumber).toBe(put.Records?.[0]?.SequenceNumber);
  expect(Records?.[0]?.ApproximateArrivalTimestamp?.getTime()).toBe(clock.now());
  expect(MillisBehindLatest).toBe(0);
});

test("the Kinesis client sees shards, children and errors by their names", async () => {
  const { kinesis } = local;
  await kinesis.send(
    new SplitShardCommand({ StreamName, ShardToSplit: "shardId-000000000000", NewStartingHashKey: "99" }),
  );
  const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName }));
  expect(Shards?.map((s) => s.ParentShardId)).toEqual([
    undefined,
    "shardId-000000000000",
    "shardId-000000000000",
  ]);
  const put = (name: string) =>
    kinesis.send(new PutRecordCommand({ StreamName: name, PartitionKey: "k", Data: new Uint8Array(9) }));
  await expect(put("nowhere")).rejects.toBeInstanceOf(ResourceNotFoundException);
  await expect(
    kinesis.send(new AddTagsToStreamCommand({ StreamName, Tags: { a: "b" } })),
  ).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: expect.stringContaining("AddTagsToStream"),
  });
});

test("the Kinesis client's times are times of the model", async () => {
  const { kinesis, clock } = local;
  const created = (await kinesis.send(new DescribeStreamCommand({ StreamName }))).StreamDescription
    ?.StreamCreationTimestamp;
  const listed = await kinesis.send(new ListStreamsCommand({}));
  expect(listed.StreamSummaries?.[0]?.StreamCreationTimestamp).toEqual(created);
  const shardsAt = async (Timestamp: typeof created) => {
    const ShardFilter = { Type: "AT_TIMESTAMP", Timestamp } as const;
    const query = { StreamName, ShardFilter, StreamCreationTimestamp: created };
    return (await kinesis.send(new ListShardsCommand(query))).Shards?.length;
  };
  clock.advance(minutes(1));
  await kinesis.send(
    new MergeShardsCommand({
      StreamName,
      ShardToMerge: "shardId-000000000001",
      AdjacentShardToMerge: "shardId-000000000002",
    }),
  );
  expect(await shardsAt(created)).toBe(3);
  clock.advance(minutes(1));
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId: "shardId-000000000003",
      ShardIteratorType: "LATEST",
    }),
  );
  clock.advance(minutes(6));
  await expect(kinesis.send(new GetRecordsCommand({ ShardIterator }))).rejects.toBeInstanceOf(
    ExpiredIteratorException,
  );
});

test("the Kinesis client changes a stream and its consumers", async () => {
  const { kinesis } = local;
  const name = { StreamName: "changing" };
  await kinesis.send(new CreateStreamCommand({ ...name, ShardCount: 2 }));
  const describe = async () =>
    (await kinesis.send(new DescribeStreamSummaryCommand(name))).StreamDescriptionSummary;
  const { StreamARN } = (await describe()) ?? {};
  await kinesis.send(
    new UpdateShardCountCommand({ ...name, TargetShardCount: 4, ScalingType: "UNIFORM_SCALING" }),
  );
  await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ ...name, RetentionPeriodHours: 48 }));
  await kinesis.send(new UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 2_048 }));
  await kinesis.send(
    new UpdateStreamModeCommand({ StreamARN, StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
  );
  const ConsumerName = "reader";
  const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
  expect(await describe()).toMatchObject({
    OpenShardCount: 4,
    RetentionPeriodHours: 48,
    MaxRecordSizeInKiB: 2_048,
    StreamModeDetails: { StreamMode: "ON_DEMAND" },
    ConsumerCount: 1,
  });
  const { ConsumerDescription } = await kinesis.send(
    new DescribeStreamConsumerCommand({ StreamARN, ConsumerName }),
  );
  expect(ConsumerDescription?.ConsumerCreationTimestamp).toEqual(Consumer?.ConsumerCreationTimestamp);
  const ConsumerARN = Consumer?.ConsumerARN;
  await kinesis.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
  expect((await kinesis.send(new ListStreamConsumersCommand({ StreamARN }))).Consumers).toEqual([]);
  expect(await kinesis.send(new DescribeLimitsCommand({}))).toMatchObject({ OnDemandStreamCount: 1 });
  await expect(
    kinesis.send(new SplitShardCommand({ ...name, ShardToSplit: "x", NewStartingHashKey: "9" })),
  ).rejects.toBeInstanceOf(ValidationException);
});

test("what is missing, of another type or no base64 is refused as AWS refuses it", async () => {
  const call = async (operation: string, input: unknown) => {
    const response = await fetch(local.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `Kinesis_20131202.${operation}`,
      },
      body: JSON.stringify(input),
    });
    const { __type } = (await response.json()) as { __type?: string };
    return [response.status, __type];
  };
  const record = { StreamName: "changing", PartitionKey: "k", Data: "YQ==" };
  expect(await call("PutRecord", record)).toEqual([200, undefined]);
  expect(await call("PutRecord", { ...record, ExplicitHashKey: null })).toEqual([200, undefined]);
  for (const Data of [undefined, null])
    expect(await call("PutRecord", { ...record, Data })).toEqual([400, "ValidationException"]);
  for (const Data of ["a", "YQ", "Y*==", 5, {}, "=YQ="])
    expect(await call("PutRecord", { ...record, Data })).toEqual([400, "SerializationException"]);
  expect(await call("PutRecords", { StreamName: "changing" })).toEqual([400, "ValidationException"]);
  expect(await call("PutRecords", { StreamName: "changing", Records: "x" })).toEqual([
    400,
    "SerializationException",
  ]);
  expect(await call("GetRecords", {})).toEqual([400, "ValidationException"]);
  expect(await call("GetRecords", { ShardIterator: "x", Limit: "1" })).toEqual([
    400,
    "SerializationException",
  ]);
  expect(await call("ListShards", { StreamName: "changing", ShardFilter: {} })).toEqual([
    400,
    "ValidationException",
  ]);
  expect(await call("CreateStream", { StreamName: "new", ShardCount: 1, RetentionPeriodHours: 99 })).toEqual([
    200,
    undefined,
  ]);
  expect(local.models.kinesis.describeStreamSummary({ StreamName: "new" })).toMatchObject({
    StreamDescriptionSummary: { RetentionPeriodHours: 24 },
  });
});
