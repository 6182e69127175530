import { describe, expect, test } from "vitest";
import type { GetShardIteratorInput } from "../../../../local/models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../../../../local/models/kinesis/kinesis-model.ts";
import { epochMs, hours, milliseconds, minutes, seconds } from "../../../../shared/time/time.ts";
import { serviceError } from "../service-error.ts";
import {
  FIRST,
  HASH_KEYS,
  iteratorAt,
  kinesisWith,
  put,
  readAll,
  StreamName,
  shardId,
  split,
  textsOf,
} from "./model-under-test.ts";

const INVALID = serviceError("InvalidArgumentException");
const free = { limits: "off" } as const;

/** What a reader that starts so reads in one call. */
function readFrom(
  kinesis: KinesisModel,
  start: Omit<GetShardIteratorInput, "ShardId">,
  id = FIRST,
): string[] {
  const { ShardIterator } = kinesis.getShardIterator({ StreamName, ShardId: id, ...start });
  return textsOf(kinesis.getRecords({ ShardIterator }).Records);
}

describe("an iterator", () => {
  test("of each type starts where AWS says", () => {
    const { clock, kinesis } = kinesisWith(1, free);
    put(kinesis, "a");
    clock.advance(seconds(10));
    const middle = clock.now();
    put(kinesis, "b");
    clock.advance(seconds(10));
    put(kinesis, "c");
    const b = readAll(kinesis, FIRST).records[1]?.SequenceNumber;
    const from = (start: Omit<GetShardIteratorInput, "ShardId">) => readFrom(kinesis, start);
    expect(from({ ShardIteratorType: "TRIM_HORIZON" })).toEqual(["a", "b", "c"]);
    expect(from({ ShardIteratorType: "LATEST" })).toEqual([]);
    expect(from({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: b })).toEqual(["b", "c"]);
    expect(from({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: b })).toEqual(["c"]);
    const at = (time: number) => from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: epochMs(time) });
    expect(at(0)).toEqual(["a", "b", "c"]);
    expect(at(middle)).toEqual(["b", "c"]);
    expect(at(middle + 1)).toEqual(["c"]);
    expect(() => at(clock.now() + 1)).toThrow(INVALID);
  });

  test("is not given for a number of another shard, or of none", () => {
    const { kinesis } = kinesisWith(2, free);
    const [a, b] = put(kinesis, "a", "b").Records.map((r) => ("ShardId" in r ? r.SequenceNumber : ""));
    const at = (StartingSequenceNumber: string | undefined) => () =>
      readFrom(kinesis, { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber });
    expect(at(a)()).toEqual(["a"]);
    const next = (BigInt(a ?? 0) + (1n << 24n)).toString();
    for (const wrong of [b, "0", "7".repeat(129), next, undefined]) expect(at(wrong)).toThrow(INVALID);
    expect(() => readFrom(kinesis, { ShardIteratorType: "TRIM_HORIZON", StartingSequenceNumber: a })).toThrow(
      INVALID,
    );
    expect(() => readFrom(kinesis, { ShardIteratorType: "AT_TIMESTAMP" })).toThrow(INVALID);
    expect(() => readFrom(kinesis, { ShardIteratorType: "LATEST" }, shardId(2))).toThrow(
      serviceError("ResourceNotFoundException"),
    );
  });

  test("may start at the numbers that bound a shard", () => {
    const { kinesis } = kinesisWith(1, free);
    put(kinesis, "a");
    split(kinesis, FIRST, HASH_KEYS / 2n);
    const [parent] = kinesis.listShards({ StreamName }).Shards;
    const { StartingSequenceNumber, EndingSequenceNumber } = parent?.SequenceNumberRange ?? {};
    const from = (
      ShardIteratorType: "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER",
      number: string | undefined,
    ) => readFrom(kinesis, { ShardIteratorType, StartingSequenceNumber: number });
    expect(from("AT_SEQUENCE_NUMBER", StartingSequenceNumber)).toEqual(["a"]);
    expect(from("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber)).toEqual(["a"]);
    expect(from("AT_SEQUENCE_NUMBER", EndingSequenceNumber)).toEqual([]);
    expect(from("AFTER_SEQUENCE_NUMBER", EndingSequenceNumber)).toEqual([]);
  });

  test("expires after five minutes, and is not one of a stream that was made again", () => {
    const { clock, kinesis } = kinesisWith(1, free);
    const ShardIterator = iteratorAt(kinesis, "TRIM_HORIZON");
    clock.advance(minutes(5));
    kinesis.getRecords({ ShardIterator });
    clock.advance(milliseconds(1));
    expect(() => kinesis.getRecords({ ShardIterator })).toThrow(serviceError("ExpiredIteratorException"));
    expect(() => kinesis.getRecords({ ShardIterator: "bm9uc2Vuc2U=" })).toThrow(INVALID);
    const fresh = iteratorAt(kinesis, "TRIM_HORIZON");
    kinesis.deleteStream({ StreamName });
    clock.advance(milliseconds(1));
    kinesis.createStream({ StreamName, ShardCount: 1 });
    expect(() => kinesis.getRecords({ ShardIterator: fresh })).toThrow(
      serviceError("ResourceNotFoundException"),
    );
  });
});

describe("GetRecords", () => {
  test("gives pages that follow each other and tells how far behind they are", () => {
    const { clock, kinesis } = kinesisWith(1, free);
    put(kinesis, "a");
    clock.advance(seconds(2));
    put(kinesis, "b");
    clock.advance(seconds(7));
    put(kinesis, "c");
    clock.advance(seconds(1));
    const first = kinesis.getRecords({ ShardIterator: iteratorAt(kinesis, "TRIM_HORIZON"), Limit: 2 });
    expect(textsOf(first.Records)).toEqual(["a", "b"]);
    expect(first.MillisBehindLatest).toBe(8_000);
    const second = kinesis.getRecords({ ShardIterator: first.NextShardIterator ?? "" });
    expect(textsOf(second.Records)).toEqual(["c"]);
    expect(second.MillisBehindLatest).toBe(0);
    put(kinesis, "d");
    const third = kinesis.getRecords({ ShardIterator: second.NextShardIterator ?? "" });
    expect(textsOf(third.Records)).toEqual(["d"]);
  });

  test("gives times of arrival that do not run backwards, whatever the clock does", () => {
    const { clock, kinesis } = kinesisWith(1, free);
    put(kinesis, "a");
    clock.advance(milliseconds(-seconds(5)));
    put(kinesis, "b");
    const { Records } = kinesis.getRecords({ ShardIterator: iteratorAt(kinesis, "TRIM_HORIZON") });
    const [a, b] = Records.map((record) => record.ApproximateArrivalTimestamp);
    expect(b).toBe(a);
  });

  test("gives at most 10,000 records and 10 MiB", () => {
    const { kinesis } = kinesisWith(1, free);
    const texts = Array.from({ length: 500 }, (_, i) => `${i}`);
    for (let i = 0; i < 21; i += 1) put(kinesis, ...texts);
    const ShardIterator = iteratorAt(kinesis, "TRIM_HORIZON");
    expect(kinesis.getRecords({ ShardIterator }).Records).toHaveLength(10_000);
    expect(() => kinesis.getRecords({ ShardIterator, Limit: 10_001 })).toThrow(INVALID);
    expect(() => kinesis.getRecords({ ShardIterator, Limit: 0 })).toThrow(
      serviceError("ValidationException"),
    );
    const behind = iteratorAt(kinesis, "LATEST");
    for (let i = 0; i < 11; i += 1)
      kinesis.putRecord({ StreamName, PartitionKey: "k", Data: new Uint8Array(1_048_575) });
    expect(kinesis.getRecords({ ShardIterator: behind }).Records).toHaveLength(10);
  });

  test("ends a closed shard with its children, each time it is asked", () => {
    const { kinesis } = kinesisWith(1, free);
    put(kinesis, "a");
    split(kinesis, FIRST, HASH_KEYS / 2n);
    const ShardIterator = iteratorAt(kinesis, "TRIM_HORIZON");
    const end = kinesis.getRecords({ ShardIterator });
    expect(end).toEqual(kinesis.getRecords({ ShardIterator }));
    expect(end.NextShardIterator).toBeNull();
    const half = HASH_KEYS / 2n;
    expect(end.ChildShards).toEqual([
      {
        ShardId: shardId(1),
        ParentShards: [FIRST],
        HashKeyRange: { StartingHashKey: "0", EndingHashKey: `${half - 1n}` },
      },
      {
        ShardId: shardId(2),
        ParentShards: [FIRST],
        HashKeyRange: { StartingHashKey: `${half}`, EndingHashKey: `${HASH_KEYS - 1n}` },
      },
    ]);
    expect(readAll(kinesis, FIRST)).toMatchObject({ closed: true, childShards: end.ChildShards });
  });
});

describe("retention", () => {
  test("records are gone after it, and a reader passes over them", () => {
    const { clock, kinesis } = kinesisWith(1, free);
    put(kinesis, "a");
    const [a] = readAll(kinesis, FIRST).records;
    clock.advance(hours(12));
    put(kinesis, "b");
    clock.advance(milliseconds(hours(12) + 1));
    put(kinesis, "c");
    expect(textsOf(readAll(kinesis, FIRST).records)).toEqual(["b", "c"]);
    expect(textsOf(kinesis.read(StreamName, FIRST, a?.SequenceNumber, 1, 1e6).records)).toEqual(["b"]);
    expect(
      readFrom(kinesis, {
        ShardIteratorType: "AT_SEQUENCE_NUMBER",
        StartingSequenceNumber: a?.SequenceNumber,
      }),
    ).toEqual(["b", "c"]);
    clock.advance(hours(24));
    expect(readFrom(kinesis, { ShardIteratorType: "TRIM_HORIZON" })).toEqual(["c"]);
  });

  test("a longer one brings nothing back, a shorter one drops at once", () => {
    const { clock, kinesis } = kinesisWith(1, free);
    put(kinesis, "a");
    clock.advance(hours(25));
    kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 48 });
    expect(readAll(kinesis, FIRST).records).toEqual([]);
    put(kinesis, "b");
    clock.advance(hours(47));
    expect(textsOf(readAll(kinesis, FIRST).records)).toEqual(["b"]);
    kinesis.decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 24 });
    kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 8_760 });
    expect(readAll(kinesis, FIRST).records).toEqual([]);
  });

  test("it is 24 to 8,760 hours, and goes the way the call says", () => {
    const { kinesis } = kinesisWith(1, free);
    const [longer, shorter] = [
      (RetentionPeriodHours: number) => () =>
        kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours }),
      (RetentionPeriodHours: number) => () =>
        kinesis.decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours }),
    ];
    for (const wrong of [23, 24, 8_761]) expect(longer(wrong)).toThrow(INVALID);
    longer(100)();
    for (const wrong of [23, 100, 101]) expect(shorter(wrong)).toThrow(INVALID);
    shorter(24)();
    expect(kinesis.describeStreamSummary({ StreamName }).StreamDescriptionSummary).toMatchObject({
      RetentionPeriodHours: 24,
    });
  });
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
  split(kinesis, FIRST, 1_000n);
  stop();
  put(kinesis, "c");
  expect(heard).toEqual([`flights/${FIRST}`, `flights/${FIRST}`]);
});
