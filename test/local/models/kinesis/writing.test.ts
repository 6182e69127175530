import { describe, expect, test } from "vitest";
import { serviceError } from "../service-error.ts";
import {
  bytes,
  FIRST,
  HASH_KEYS,
  kinesisWith,
  put,
  readAll,
  STREAM_ARN,
  StreamName,
  shardId,
  split,
  textsOf,
} from "./model-under-test.ts";

describe("sequence numbers", () => {
  test("have 56 digits and grow within a shard", () => {
    const { kinesis } = kinesisWith(1);
    put(kinesis, "a", "b", "c");
    const numbers = readAll(kinesis, FIRST).records.map((r) => r.SequenceNumber);
    expect(numbers.map((n) => n.length)).toEqual([56, 56, 56]);
    expect(numbers.map(BigInt)).toEqual(numbers.map(BigInt).sort((a, b) => (a < b ? -1 : 1)));
  });

  test("are above the one for ordering, or the record is refused", () => {
    const { kinesis } = kinesisWith(1);
    const above = (SequenceNumberForOrdering: string) =>
      kinesis.putRecord({ StreamName, PartitionKey: "k", Data: bytes("x"), SequenceNumberForOrdering })
        .SequenceNumber;
    const first = above("0");
    split(kinesis, FIRST, HASH_KEYS / 2n);
    const second = above(first);
    expect(BigInt(second)).toBeGreaterThan(BigInt(first));
    const next = BigInt(second) + (1n << 24n);
    expect(() => above(next.toString())).toThrow(serviceError("InvalidArgumentException"));
    expect(BigInt(above((next - 1n).toString()))).toBe(next);
    expect(() => above("9".repeat(57))).toThrow(serviceError("InvalidArgumentException"));
    expect(() => above("x")).toThrow(serviceError("ValidationException"));
  });
});

describe("shards", () => {
  test("an explicit hash key wins over the partition key's hash", () => {
    const { kinesis } = kinesisWith(2);
    const shardFor = (ExplicitHashKey: string) =>
      kinesis.putRecord({ StreamName, PartitionKey: "same", Data: bytes("x"), ExplicitHashKey }).ShardId;
    expect(shardFor("0")).toBe(FIRST);
    expect(shardFor((HASH_KEYS / 2n - 1n).toString())).toBe(FIRST);
    expect(shardFor((HASH_KEYS / 2n).toString())).toBe(shardId(1));
    expect(shardFor((HASH_KEYS - 1n).toString())).toBe(shardId(1));
    expect(() => shardFor(HASH_KEYS.toString())).toThrow(serviceError("InvalidArgumentException"));
    for (const wrong of ["-1", "01", "x", "", "1".repeat(40)])
      expect(() => shardFor(wrong)).toThrow(serviceError("ValidationException"));
  });

  test("a partition key finds its shard by its MD5", () => {
    const { kinesis } = kinesisWith(2);
    // md5("a") begins with 0c, md5("b") with 92
    expect(put(kinesis, "a", "b").Records).toMatchObject([{ ShardId: FIRST }, { ShardId: shardId(1) }]);
  });
});

describe("sizes", () => {
  const record = (size: number, PartitionKey = "k") => ({ Data: new Uint8Array(size), PartitionKey });
  const MIB = 1_048_576;

  test("a record is at most as large as its stream allows, its partition key included", () => {
    const { kinesis } = kinesisWith(1, { limits: "off" });
    const one = (size: number) => kinesis.putRecord({ StreamName, ...record(size) });
    one(MIB - 1);
    expect(() => one(MIB)).toThrow(serviceError("InvalidArgumentException"));
    kinesis.updateMaxRecordSize({ StreamARN: STREAM_ARN, MaxRecordSizeInKiB: 2_048 });
    one(2 * MIB - 1);
    expect(() => one(2 * MIB)).toThrow(serviceError("InvalidArgumentException"));
    for (const wrong of [1_023, 10_241])
      expect(() => kinesis.updateMaxRecordSize({ StreamARN: STREAM_ARN, MaxRecordSizeInKiB: wrong })).toThrow(
        serviceError("ValidationException"),
      );
    kinesis.createStream({ StreamName: "large", ShardCount: 1, MaxRecordSizeInKiB: 10_240 });
    kinesis.putRecord({ StreamName: "large", ...record(10 * MIB - 1) });
    expect(() => kinesis.putRecord({ StreamName: "large", ...record(10 * MIB + 1) })).toThrow(
      serviceError("ValidationException"),
    );
  });

  test("a request has 1 to 500 records and at most 10 MiB, or is refused whole", () => {
    const { kinesis } = kinesisWith(1, { limits: "off" });
    const several = (count: number, size: number, key?: string) =>
      kinesis.putRecords({ StreamName, Records: Array.from({ length: count }, () => record(size, key)) });
    expect(() => several(0, 0)).toThrow(serviceError("ValidationException"));
    expect(() => several(501, 0)).toThrow(serviceError("ValidationException"));
    expect(() => several(1, 0, "")).toThrow(serviceError("ValidationException"));
    expect(() => several(1, 0, "k".repeat(257))).toThrow(serviceError("ValidationException"));
    expect(() => several(11, 1_000_000)).toThrow(serviceError("InvalidArgumentException"));
    expect(readAll(kinesis, FIRST).records).toEqual([]);
    expect(several(10, MIB - 1).FailedRecordCount).toBe(0);
    expect(several(500, 0, "k".repeat(256)).FailedRecordCount).toBe(0);
  });
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
  expect(() => put(kinesis, "a")).toThrow(serviceError("ProvisionedThroughputExceededException"));
  const partly = put(kinesis, "b", "c", "d");
  expect(partly.FailedRecordCount).toBe(1);
  expect(partly.Records).toMatchObject([
    { ShardId: FIRST },
    {
      ErrorCode: "ProvisionedThroughputExceededException",
      ErrorMessage: expect.stringMatching(/shardId-0+ in stream flights under account 0+/),
    },
    { ShardId: FIRST },
  ]);
  expect(() => put(kinesis, "e")).toThrow(expect.objectContaining({ code: "InternalFailure", status: 500 }));
  expect(textsOf(readAll(kinesis, FIRST).records)).toEqual(["b", "d", "e"]);
});
