import { describe, expect, test } from "vitest";
import type { KinesisModel } from "../../../../local/models/kinesis/kinesis-model.ts";
import { epochMs, milliseconds, minutes, plus, seconds } from "../../../../shared/time/time.ts";
import { serviceError } from "../service-error.ts";
import {
  bytes,
  FIRST,
  HASH_KEYS,
  kinesisWith,
  merge,
  put,
  rangesOf,
  STREAM_ARN,
  StreamName,
  scale,
  split,
  tile,
} from "./model-under-test.ts";

const IN_USE = serviceError("ResourceInUseException");
const NOT_FOUND = serviceError("ResourceNotFoundException");
const EXCEEDED = serviceError("LimitExceededException");

const summaryOf = (kinesis: KinesisModel) =>
  kinesis.describeStreamSummary({ StreamName }).StreamDescriptionSummary;

describe("streams", () => {
  test("are made once, listed, and gone when deleted", () => {
    const { kinesis } = kinesisWith(1);
    expect(() => kinesis.createStream({ StreamName, ShardCount: 1 })).toThrow(IN_USE);
    kinesis.createStream({ StreamName: "a", ShardCount: 1 });
    expect(kinesis.listStreams()).toMatchObject({ StreamNames: ["a", StreamName], HasMoreStreams: false });
    kinesis.deleteStream({ StreamARN: STREAM_ARN });
    expect(() => kinesis.describeStream({ StreamName })).toThrow(NOT_FOUND);
    expect(() => kinesis.describeStream({})).toThrow(serviceError("InvalidArgumentException"));
  });

  test("are described with and without their shards", () => {
    const { kinesis } = kinesisWith(2);
    const facts = {
      StreamName,
      StreamARN: STREAM_ARN,
      StreamStatus: "ACTIVE",
      StreamModeDetails: { StreamMode: "PROVISIONED" },
      RetentionPeriodHours: 24,
      StreamCreationTimestamp: epochMs(1_356_998_400_000),
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: "NONE",
    };
    expect(summaryOf(kinesis)).toEqual({
      ...facts,
      OpenShardCount: 2,
      ConsumerCount: 0,
      MaxRecordSizeInKiB: 1_024,
    });
    expect(kinesis.describeStream({ StreamName }).StreamDescription).toEqual({
      ...facts,
      Shards: kinesis.listShards({ StreamName }).Shards,
      HasMoreShards: false,
    });
  });

  test("are refused with a name, a size or a mode that is none", () => {
    const { kinesis } = kinesisWith(1);
    const invalid = serviceError("ValidationException");
    for (const wrong of ["", "a b", "x".repeat(129)])
      expect(() => kinesis.createStream({ StreamName: wrong, ShardCount: 1 })).toThrow(invalid);
    expect(() => kinesis.createStream({ StreamName: "new", ShardCount: 0 })).toThrow(invalid);
    expect(() => kinesis.createStream({ StreamName: "new" })).toThrow(
      serviceError("InvalidArgumentException"),
    );
    expect(kinesis.listStreams().StreamNames).toEqual([StreamName]);
  });

  test("are listed in pages of at most 100", () => {
    const { kinesis } = kinesisWith(1);
    const names = Array.from({ length: 120 }, (_, i) => `s${String(i).padStart(3, "0")}`);
    for (const name of names) kinesis.createStream({ StreamName: name, ShardCount: 1 });
    kinesis.deleteStream({ StreamName });
    const first = kinesis.listStreams({ Limit: 500 });
    expect(first.StreamNames).toEqual(names.slice(0, 100));
    expect(first.StreamSummaries[0]).toMatchObject({ StreamName: "s000", StreamStatus: "ACTIVE" });
    const byToken = kinesis.listStreams({ NextToken: first.NextToken });
    const byName = kinesis.listStreams({ ExclusiveStartStreamName: "s099" });
    expect(byToken).toEqual(byName);
    expect(byToken.StreamNames).toEqual(names.slice(100));
    expect(byToken.HasMoreStreams).toBe(false);
  });
});

describe("shards in pages", () => {
  test("DescribeStream gives at most 100, ListShards as many as it is asked for, at most 1,000", () => {
    const { clock, kinesis } = kinesisWith(1_200);
    const ids = Array.from({ length: 1_200 }, (_, i) => `shardId-${String(i).padStart(12, "0")}`);
    const described = kinesis.describeStream({ StreamName, Limit: 5_000 }).StreamDescription;
    expect(described.Shards.map((s) => s.ShardId)).toEqual(ids.slice(0, 100));
    expect(described.HasMoreShards).toBe(true);
    const last = { StreamName, ExclusiveStartShardId: ids[1_197] };
    expect(kinesis.describeStream(last).StreamDescription).toMatchObject({
      Shards: ids.slice(1_198).map((ShardId) => ({ ShardId })),
      HasMoreShards: false,
    });
    const first = kinesis.listShards({ StreamName, MaxResults: 10_000 });
    expect(first.Shards).toHaveLength(1_000);
    const second = kinesis.listShards({ NextToken: first.NextToken, MaxResults: 150 });
    const third = kinesis.listShards({ NextToken: second.NextToken });
    expect([...second.Shards, ...third.Shards].map((s) => s.ShardId)).toEqual(ids.slice(1_000));
    expect(third.NextToken).toBeUndefined();
    clock.advance(milliseconds(300_001));
    expect(() => kinesis.listShards({ NextToken: first.NextToken })).toThrow(
      serviceError("ExpiredNextTokenException"),
    );
  });

  test("a token stands for the stream and the filter, and for nothing else", () => {
    const { kinesis } = kinesisWith(2);
    split(kinesis, "shardId-000000000001", HASH_KEYS - 1_000n);
    const filter = { Type: "AT_LATEST" } as const;
    const { NextToken } = kinesis.listShards({ StreamName, ShardFilter: filter, MaxResults: 1 });
    expect(kinesis.listShards({ NextToken }).Shards).toHaveLength(2);
    const invalid = serviceError("InvalidArgumentException");
    const created = epochMs(1_356_998_400_000);
    for (const more of [
      { StreamName },
      { ExclusiveStartShardId: FIRST },
      { StreamCreationTimestamp: created },
    ])
      expect(() => kinesis.listShards({ NextToken, ...more })).toThrow(invalid);
    expect(() => kinesis.listShards({ NextToken: "bm9uZQ==" })).toThrow(invalid);
    expect(() => kinesis.listShards({})).toThrow(invalid);
    const StreamCreationTimestamp = epochMs(1_000);
    expect(() => kinesis.listShards({ StreamName, StreamCreationTimestamp })).toThrow(NOT_FOUND);
  });
});

describe("states that last", () => {
  const slow = { transition: seconds(10) };

  test("a stream that is being created has no shards and takes no records", () => {
    const { clock, kinesis } = kinesisWith(2, slow);
    expect(summaryOf(kinesis)).toMatchObject({ StreamStatus: "CREATING", OpenShardCount: 0 });
    expect(kinesis.describeStream({ StreamName }).StreamDescription.Shards).toEqual([]);
    expect(() => put(kinesis, "a")).toThrow(NOT_FOUND);
    expect(() => kinesis.listShards({ StreamName })).toThrow(IN_USE);
    expect(() => split(kinesis, FIRST, 1_000n)).toThrow(IN_USE);
    expect(() => kinesis.deleteStream({ StreamName })).toThrow(IN_USE);
    clock.advance(seconds(10));
    expect(summaryOf(kinesis)).toMatchObject({ StreamStatus: "ACTIVE", OpenShardCount: 2 });
    expect(put(kinesis, "a").FailedRecordCount).toBe(0);
  });

  test("at most five streams are being created at once", () => {
    const { clock, kinesis } = kinesisWith(1, slow);
    const create = (StreamName: string) => kinesis.createStream({ StreamName, ShardCount: 1 });
    for (const name of ["b", "c", "d", "e"]) create(name);
    expect(() => create("f")).toThrow(EXCEEDED);
    clock.advance(seconds(10));
    create("f");
  });

  test("a stream whose shards change takes and gives records, and refuses another change", () => {
    const { clock, kinesis } = kinesisWith(2, slow);
    clock.advance(seconds(10));
    const change = [
      () => split(kinesis, "shardId-000000000001", HASH_KEYS - 1_000n),
      () => merge(kinesis, FIRST, "shardId-000000000002"),
      () => scale(kinesis, 1),
      () => kinesis.updateMaxRecordSize({ StreamARN: STREAM_ARN, MaxRecordSizeInKiB: 2_000 }),
      () =>
        kinesis.updateStreamMode({
          StreamARN: STREAM_ARN,
          StreamModeDetails: { StreamMode: "ON_DEMAND" },
        }),
    ];
    for (const [i, now] of change.entries()) {
      now();
      expect(summaryOf(kinesis).StreamStatus).toBe("UPDATING");
      expect(put(kinesis, `${i}`).FailedRecordCount).toBe(0);
      for (const other of change) expect(other).toThrow(IN_USE);
      expect(() => kinesis.deleteStream({ StreamName })).toThrow(IN_USE);
      expect(() => kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 100 })).toThrow(
        IN_USE,
      );
      clock.advance(seconds(10));
      expect(summaryOf(kinesis).StreamStatus).toBe("ACTIVE");
    }
  });

  test("a stream that is being deleted is there until it is gone", () => {
    const { clock, kinesis } = kinesisWith(1, slow);
    clock.advance(seconds(10));
    kinesis.deleteStream({ StreamName });
    expect(summaryOf(kinesis).StreamStatus).toBe("DELETING");
    expect(() => kinesis.createStream({ StreamName, ShardCount: 1 })).toThrow(IN_USE);
    clock.advance(seconds(10));
    expect(kinesis.listStreams().StreamNames).toEqual([]);
    expect(() => put(kinesis, "a")).toThrow(NOT_FOUND);
    kinesis.createStream({ StreamName, ShardCount: 1 });
  });
});

describe("streams on demand", () => {
  const onDemand = { StreamModeDetails: { StreamMode: "ON_DEMAND" } } as const;
  const provisioned = { StreamModeDetails: { StreamMode: "PROVISIONED" } } as const;

  test("start with four shards, which no caller may change", () => {
    const { kinesis } = kinesisWith(1);
    kinesis.createStream({ StreamName: "auto", ...onDemand });
    const target = { StreamName: "auto" };
    const { StreamDescriptionSummary: summary } = kinesis.describeStreamSummary(target);
    expect(summary).toMatchObject({ OpenShardCount: 4, ...onDemand });
    const refused = serviceError("ValidationException");
    expect(() => kinesis.splitShard({ ...target, ShardToSplit: FIRST, NewStartingHashKey: "1000" })).toThrow(
      refused,
    );
    expect(() =>
      kinesis.mergeShards({
        ...target,
        ShardToMerge: FIRST,
        AdjacentShardToMerge: "shardId-000000000001",
      }),
    ).toThrow(refused);
    expect(() =>
      kinesis.updateShardCount({ ...target, TargetShardCount: 8, ScalingType: "UNIFORM_SCALING" }),
    ).toThrow(refused);
  });

  test("keep their shards when they change their mode, and are then their caller's", () => {
    const { kinesis } = kinesisWith(3);
    kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    expect(summaryOf(kinesis)).toMatchObject({ OpenShardCount: 3, ...onDemand });
    expect(() => scale(kinesis, 4)).toThrow(serviceError("ValidationException"));
    kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...provisioned });
    scale(kinesis, 4);
    expect(summaryOf(kinesis)).toMatchObject({ OpenShardCount: 4, ...provisioned });
  });

  test("are at most 50", () => {
    const { kinesis } = kinesisWith(1);
    for (let i = 0; i < 50; i += 1) kinesis.createStream({ StreamName: `s${i}`, ...onDemand });
    expect(() => kinesis.createStream({ StreamName: "more", ...onDemand })).toThrow(EXCEEDED);
    expect(() => kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand })).toThrow(EXCEEDED);
    expect(kinesis.describeLimits()).toMatchObject({
      OnDemandStreamCount: 50,
      OnDemandStreamCountLimit: 50,
      OpenShardCount: 201,
    });
  });

  const hotRecord = { PartitionKey: "a", Data: bytes("x".repeat(500_000)) };

  test("split a shard in half a while after it was hot, and not before", () => {
    const { clock, kinesis } = kinesisWith(1, { onDemandDelay: minutes(1) });
    kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    const heard: string[] = [];
    kinesis.onAppend((_stream, shard) => heard.push(shard));
    kinesis.putRecord({ StreamName, ...hotRecord });
    clock.advance(milliseconds(minutes(1) - 1));
    expect(summaryOf(kinesis).OpenShardCount).toBe(1);
    clock.advance(milliseconds(1));
    expect(summaryOf(kinesis).OpenShardCount).toBe(2);
    expect(heard).toEqual([FIRST, FIRST]);
    expect(kinesis.listShards({ StreamName }).Shards).toMatchObject([
      { ShardId: FIRST },
      { ParentShardId: FIRST, HashKeyRange: { EndingHashKey: `${HASH_KEYS / 2n - 1n}` } },
      { ParentShardId: FIRST, HashKeyRange: { StartingHashKey: `${HASH_KEYS / 2n}` } },
    ]);
    clock.advance(minutes(60));
    expect(summaryOf(kinesis).OpenShardCount).toBe(2);
  });

  test("are split down to a hash key that is hot alone, and no further", () => {
    const { clock, kinesis } = kinesisWith(1, { onDemandDelay: seconds(1) });
    kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    for (let i = 0; i < 140; i += 1) {
      kinesis.putRecord({ StreamName, ...hotRecord, ExplicitHashKey: "0" });
      clock.advance(seconds(1));
    }
    const ranges = rangesOf(kinesis);
    expect(ranges).toHaveLength(129);
    expect(ranges[0]).toMatchObject({ start: 0n, end: 0n });
    expect(tile(ranges)).toBe(true);
  });

  test("are split at their time, also where nobody asks until later", () => {
    const { clock, kinesis } = kinesisWith(1, { onDemandDelay: minutes(1) });
    kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    const Timestamp = plus(clock.now(), minutes(2));
    kinesis.putRecord({ StreamName, ...hotRecord });
    clock.advance(minutes(3));
    expect(put(kinesis, "a").Records).toMatchObject([{ ShardId: "shardId-000000000001" }]);
    const ShardFilter = { Type: "AT_TIMESTAMP", Timestamp } as const;
    expect(kinesis.listShards({ StreamName, ShardFilter }).Shards).toHaveLength(2);
  });

  test("split by records too, double as long as it stays hot, and carry more then", () => {
    const { clock, kinesis } = kinesisWith(1, { onDemandDelay: seconds(5) });
    kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    const keys = Array.from({ length: 500 }, (_, i) => `key ${i}`);
    const throttled: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      let failed = 0;
      for (let call = 0; call < 8; call += 1) failed += put(kinesis, ...keys).FailedRecordCount;
      throttled.push(failed);
      clock.advance(seconds(1));
    }
    expect(throttled[0]).toBe(3_000);
    expect(throttled[6]).toBe(2_000);
    expect(throttled.at(-1)).toBe(0);
    expect(summaryOf(kinesis).OpenShardCount).toBeGreaterThanOrEqual(8);
  });

  test("are left alone without heat, without limits, and once they are provisioned", () => {
    const options = { onDemandDelay: seconds(1) };
    const cold = kinesisWith(1, options);
    cold.kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    put(cold.kinesis, "a");
    const unlimited = kinesisWith(1, { ...options, limits: "off" });
    unlimited.kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    unlimited.kinesis.putRecord({ StreamName, ...hotRecord });
    const switched = kinesisWith(1, options);
    switched.kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...onDemand });
    switched.kinesis.putRecord({ StreamName, ...hotRecord });
    switched.kinesis.updateStreamMode({ StreamARN: STREAM_ARN, ...provisioned });
    const never = kinesisWith(1, options);
    never.kinesis.putRecord({ StreamName, ...hotRecord });
    for (const { clock, kinesis } of [cold, unlimited, switched, never]) {
      clock.advance(seconds(2));
      put(kinesis, "b");
      expect(summaryOf(kinesis).OpenShardCount).toBe(1);
    }
  });
});
