import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  ResourceNotFoundException,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, expect, test } from "vitest";
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
    kinesis.send(new RegisterStreamConsumerCommand({ StreamARN: "arn:x", ConsumerName: "c" })),
  ).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: expect.stringContaining("RegisterStreamConsumer"),
  });
});
