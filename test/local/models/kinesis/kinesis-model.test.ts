import { describe, expect, test } from "vitest";
import { KinesisModel, type KinesisOptions } from "../../../../local/models/kinesis/kinesis-model.ts";
import { epochMs, hours, milliseconds, minutes, seconds } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";

const StreamName = "flights";
const FIRST = "shardId-000000000000";

function kinesisWith(shardCount: number, options: Partial<KinesisOptions> = {}) {
  const clock = new ManualClock();
  const kinesis = new KinesisModel({ clock, ...options });
  kinesis.createStream({ StreamName, ShardCount: shardCount });
  return { clock, kinesis };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (kinesis: KinesisModel, ...texts: string[]) =>
  kinesis.putRecords({ StreamName, Records: texts.map((t) => ({ Data: bytes(t), PartitionKey: t })) });
const textsOf = (records: readonly { readonly Data: Uint8Array }[]): string[] =>
  records.map(({ Data }) => new TextDecoder().decode(Data));
const readAll = (kinesis: KinesisModel, shardId: string) =>
  kinesis.read(StreamName, shardId, undefined, 10_000, 1e9);

describe("writing", () => {
  test("sequence numbers have 56 digits and grow within a shard", () => {
    const { kinesis } = kinesisWith(1);
    put(kinesis, "a", "b", "c");
    const numbers = readAll(kinesis, FIRST).records.map((r) => r.SequenceNumber);
    expect(numbers.map((n) => n.length)).toEqual([56, 56, 56]);
    expect(numbers.map(BigInt)).toEqual(numbers.map(BigInt).sort((a, b) => (a < b ? -1 : 1)));
  });

  test("an explicit hash key wins over the partition key's hash", () => {
    const { kinesis } = kinesisWith(2);
    const shardFor = (ExplicitHashKey: string) =>
      kinesis.putRecord({ StreamName, PartitionKey: "same", Data: bytes("x"), ExplicitHashKey }).ShardId;
    expect(shardFor("0")).toBe(FIRST);
    expect(shardFor((2n ** 127n - 1n).toString())).toBe(FIRST);
    expect(shardFor((2n ** 127n).toString())).toBe("shardId-000000000001");
    expect(shardFor((2n ** 128n - 1n).toString())).toBe("shardId-000000000001");
    expect(() => shardFor((2n ** 128n).toString())).toThrow(
      expect.objectContaining({ code: "InvalidArgumentException" }),
    );
  });

  test("the 1,001st record of a second is throttled alone, and passes in the next second", () => {
    const { clock, kinesis } = kinesisWith(1);
    const half = Array.from({ length: 500 }, (_, i) => `r${i}`);
    expect(put(kinesis, ...half).FailedRecordCount).toBe(0);
    expect(put(kinesis, ...half.slice(1), "last").FailedRecordCount).toBe(0);
    const refused = put(kinesis, "more");
    expect(refused).toMatchObject({
      FailedRecordCount: 1,
      Records: [{ ErrorCode: "ProvisionedThroughputExceededException" }],
    });
    clock.advance(seconds(1));
    expect(put(kinesis, "more").FailedRecordCount).toBe(0);
  });

  test("a shard takes 1 MiB a second, and without limits whatever comes", () => {
    const big = { StreamName, PartitionKey: "k", Data: new Uint8Array(700_000) };
    const { kinesis } = kinesisWith(1);
    kinesis.putRecord(big);
    expect(() => kinesis.putRecord(big)).toThrow(
      expect.objectContaining({ code: "ProvisionedThroughputExceededException" }),
    );
    const free = kinesisWith(1, { limits: "off" }).kinesis;
    free.putRecord(big);
    expect(free.putRecord(big).ShardId).toBe(FIRST);
  });

  test("requests and records beyond AWS's sizes are refused whole", () => {
    const { kinesis } = kinesisWith(1, { limits: "off" });
    const refused = (Records: { Data: Uint8Array; PartitionKey: string }[], code: string) =>
      expect(() => kinesis.putRecords({ StreamName, Records })).toThrow(expect.objectContaining({ code }));
    refused([], "ValidationException");
    refused(
      Array.from({ length: 501 }, () => ({ Data: bytes("x"), PartitionKey: "k" })),
      "ValidationException",
    );
    refused([{ Data: new Uint8Array(1_048_576), PartitionKey: "k" }], "ValidationException");
    refused([{ Data: bytes("x"), PartitionKey: "" }], "ValidationException");
    refused(
      Array.from({ length: 6 }, () => ({ Data: new Uint8Array(1_000_000), PartitionKey: "k" })),
      "InvalidArgumentException",
    );
    expect(readAll(kinesis, FIRST).records).toEqual([]);
  });

  test("faults throttle a call, fail parts of it, or lose its response after it was done", () => {
    const pending = [
      { kind: "throttle" },
      { kind: "partial", failed: [1] },
      { kind: "lost-response" },
    ] as const;
    let call = 0;
    const before = (_service: string, operation: string) =>
      operation === "PutRecords" ? pending[call++] : undefined;
    const { kinesis } = kinesisWith(1, { faults: { before } });
    expect(() => put(kinesis, "a")).toThrow(
      expect.objectContaining({ code: "ProvisionedThroughputExceededException" }),
    );
    expect(put(kinesis, "b", "c", "d").FailedRecordCount).toBe(1);
    expect(() => put(kinesis, "e")).toThrow(
      expect.objectContaining({ code: "InternalFailure", status: 500 }),
    );
    expect(textsOf(readAll(kinesis, FIRST).records)).toEqual(["b", "d", "e"]);
  });
});

describe("reading", () => {
  test("an iterator of each type starts where AWS says", () => {
    const { clock, kinesis } = kinesisWith(1);
    put(kinesis, "a");
    clock.advance(seconds(10));
    const middle = clock.now();
    put(kinesis, "b");
    clock.advance(seconds(10));
    put(kinesis, "c");
    const [, b] = readAll(kinesis, FIRST).records;
    const from = (
      ShardIteratorType:
        | "LATEST"
        | "TRIM_HORIZON"
        | "AT_TIMESTAMP"
        | "AT_SEQUENCE_NUMBER"
        | "AFTER_SEQUENCE_NUMBER",
    ) => {
      const { ShardIterator } = kinesis.getShardIterator({
        StreamName,
        ShardId: FIRST,
        ShardIteratorType,
        Timestamp: middle,
        StartingSequenceNumber: b?.SequenceNumber,
      });
      return textsOf(kinesis.getRecords({ ShardIterator }).Records);
    };
    expect(from("TRIM_HORIZON")).toEqual(["a", "b", "c"]);
    expect(from("AT_TIMESTAMP")).toEqual(["b", "c"]);
    expect(from("AT_SEQUENCE_NUMBER")).toEqual(["b", "c"]);
    expect(from("AFTER_SEQUENCE_NUMBER")).toEqual(["c"]);
    expect(from("LATEST")).toEqual([]);
  });

  test("pages follow each other, tell how far behind they are, and expire after five minutes", () => {
    const { clock, kinesis } = kinesisWith(1);
    put(kinesis, "a", "b", "c");
    clock.advance(seconds(7));
    const { ShardIterator } = kinesis.getShardIterator({
      StreamName,
      ShardId: FIRST,
      ShardIteratorType: "TRIM_HORIZON",
    });
    const first = kinesis.getRecords({ ShardIterator, Limit: 2 });
    expect(textsOf(first.Records)).toEqual(["a", "b"]);
    expect(first.MillisBehindLatest).toBe(7_000);
    const next = first.NextShardIterator ?? "";
    expect(kinesis.getRecords({ ShardIterator: next })).toMatchObject({ MillisBehindLatest: 0 });
    clock.advance(minutes(5));
    expect(kinesis.getRecords({ ShardIterator: next }).Records).toHaveLength(1);
    clock.advance(milliseconds(1));
    expect(() => kinesis.getRecords({ ShardIterator: next })).toThrow(
      expect.objectContaining({ code: "ExpiredIteratorException" }),
    );
    expect(() => kinesis.getRecords({ ShardIterator: "bm9uc2Vuc2U=" })).toThrow(
      expect.objectContaining({ code: "InvalidArgumentException" }),
    );
  });

  test("records are gone after the retention, and a reader passes over them", () => {
    const { clock, kinesis } = kinesisWith(1);
    put(kinesis, "a");
    const [a] = readAll(kinesis, FIRST).records;
    clock.advance(hours(12));
    put(kinesis, "b");
    clock.advance(milliseconds(hours(12) + 1));
    put(kinesis, "c");
    expect(textsOf(readAll(kinesis, FIRST).records)).toEqual(["b", "c"]);
    expect(textsOf(kinesis.read(StreamName, FIRST, a?.SequenceNumber, 1, 1e6).records)).toEqual(["b"]);
    clock.advance(hours(24));
    expect(readAll(kinesis, FIRST).records).toHaveLength(1);
    kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 48 });
    clock.advance(hours(24));
    expect(textsOf(readAll(kinesis, FIRST).records)).toEqual(["c"]);
  });

  test("a direct read stops at its limits but always yields one record", () => {
    const { kinesis } = kinesisWith(1);
    put(kinesis, "aa", "bb", "cc");
    expect(textsOf(kinesis.read(StreamName, FIRST, undefined, 2, 1e6).records)).toEqual(["aa", "bb"]);
    expect(textsOf(kinesis.read(StreamName, FIRST, undefined, 10, 8).records)).toEqual(["aa", "bb"]);
    expect(textsOf(kinesis.read(StreamName, FIRST, undefined, 10, 1).records)).toEqual(["aa"]);
  });

  test("listeners hear of appends and closed shards until they stop", () => {
    const { kinesis } = kinesisWith(1);
    const heard: string[] = [];
    const stop = kinesis.onAppend((stream, shard) => heard.push(`${stream}/${shard}`));
    put(kinesis, "a", "b");
    kinesis.splitShard({ StreamName, ShardToSplit: FIRST, NewStartingHashKey: "1000" });
    stop();
    put(kinesis, "c");
    expect(heard).toEqual([`flights/${FIRST}`, `flights/${FIRST}`]);
  });
});

describe("resharding", () => {
  test("a split shard ends with its children named, and a merge's child names both parents", () => {
    const { kinesis } = kinesisWith(1);
    put(kinesis, "a");
    kinesis.splitShard({ StreamName, ShardToSplit: FIRST, NewStartingHashKey: (2n ** 127n).toString() });
    const { ShardIterator } = kinesis.getShardIterator({
      StreamName,
      ShardId: FIRST,
      ShardIteratorType: "TRIM_HORIZON",
    });
    const end = kinesis.getRecords({ ShardIterator });
    expect(end.NextShardIterator).toBeNull();
    expect(end.ChildShards?.map((c) => c.ShardId)).toEqual(["shardId-000000000001", "shardId-000000000002"]);
    expect(readAll(kinesis, FIRST)).toMatchObject({ closed: true, childShards: end.ChildShards });

    kinesis.mergeShards({
      StreamName,
      ShardToMerge: "shardId-000000000002",
      AdjacentShardToMerge: "shardId-000000000001",
    });
    expect(kinesis.listShards({ StreamName }).Shards.at(-1)).toMatchObject({
      ShardId: "shardId-000000000003",
      ParentShardId: "shardId-000000000002",
      AdjacentParentShardId: "shardId-000000000001",
      HashKeyRange: { StartingHashKey: "0", EndingHashKey: (2n ** 128n - 1n).toString() },
    });
  });

  test("uniform scaling leaves open shards of the same size", () => {
    const { kinesis } = kinesisWith(2);
    kinesis.updateShardCount({ StreamName, TargetShardCount: 3, ScalingType: "UNIFORM_SCALING" });
    const open = kinesis
      .listShards({ StreamName })
      .Shards.filter((s) => s.SequenceNumberRange.EndingSequenceNumber === undefined);
    const third = 2n ** 128n / 3n;
    expect(open.map((s) => BigInt(s.HashKeyRange.StartingHashKey)).sort((a, b) => (a < b ? -1 : 1))).toEqual([
      0n,
      third,
      third * 2n,
    ]);
    expect(() => kinesis.updateShardCount({ StreamName, TargetShardCount: 7 })).toThrow(
      expect.objectContaining({ code: "InvalidArgumentException" }),
    );
  });

  test("a closed shard is forgotten once its retention has passed", () => {
    const { clock, kinesis } = kinesisWith(1);
    kinesis.splitShard({ StreamName, ShardToSplit: FIRST, NewStartingHashKey: "5" });
    expect(kinesis.listShards({ StreamName }).Shards).toHaveLength(3);
    clock.advance(hours(24));
    expect(kinesis.listShards({ StreamName }).Shards.map((s) => s.ShardId)).not.toContain(FIRST);
    expect(() => readAll(kinesis, FIRST)).toThrow(
      expect.objectContaining({ code: "ResourceNotFoundException" }),
    );
  });

  test("shards are listed in pages", () => {
    const { kinesis } = kinesisWith(5);
    const first = kinesis.listShards({ StreamName, MaxResults: 3 });
    const second = kinesis.listShards({ NextToken: first.NextToken, MaxResults: 3 });
    expect([...first.Shards, ...second.Shards]).toHaveLength(5);
    expect(second.NextToken).toBeUndefined();
  });
});

test("streams are made once, listed, and gone when deleted", () => {
  const { kinesis } = kinesisWith(1);
  expect(() => kinesis.createStream({ StreamName })).toThrow(
    expect.objectContaining({ code: "ResourceInUseException" }),
  );
  kinesis.createStream({ StreamName: "a", ShardCount: 1 });
  expect(kinesis.listStreams().StreamNames).toEqual(["a", StreamName]);
  kinesis.deleteStream({ StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}` });
  expect(() => kinesis.describeStream({ StreamName })).toThrow(
    expect.objectContaining({ code: "ResourceNotFoundException" }),
  );
  expect(kinesis.describeStreamSummary({ StreamName: "a" }).StreamDescriptionSummary).toMatchObject({
    OpenShardCount: 1,
    StreamStatus: "ACTIVE",
    StreamCreationTimestamp: epochMs(1_356_998_400_000),
  });
});
