import { describe, expect, test } from "vitest";
import type { ShardFilter } from "../../../../local/models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../../../../local/models/kinesis/kinesis-model.ts";
import { hours, milliseconds, plus, seconds } from "../../../../shared/time/time.ts";
import { serviceError } from "../service-error.ts";
import {
  FIRST,
  HASH_KEYS,
  iteratorAt,
  kinesisWith,
  merge,
  rangesOf,
  readAll,
  StreamName,
  scale,
  shardId,
  split,
} from "./model-under-test.ts";

const INVALID = serviceError("InvalidArgumentException");

describe("splits and merges", () => {
  test("a merge's child names both parents, the lower one first", () => {
    const { kinesis } = kinesisWith(2);
    merge(kinesis, FIRST, shardId(1));
    expect(kinesis.listShards({ StreamName }).Shards.at(-1)).toMatchObject({
      ShardId: shardId(2),
      ParentShardId: FIRST,
      AdjacentParentShardId: shardId(1),
      HashKeyRange: { StartingHashKey: "0", EndingHashKey: `${HASH_KEYS - 1n}` },
    });
  });

  test("a shard is merged with the one that follows it, and with no other", () => {
    const { kinesis } = kinesisWith(3);
    for (const other of [FIRST, shardId(2)]) expect(() => merge(kinesis, FIRST, other)).toThrow(INVALID);
    expect(() => merge(kinesis, shardId(1), FIRST)).toThrow(INVALID);
    expect(() => merge(kinesis, FIRST, shardId(3))).toThrow(serviceError("ResourceNotFoundException"));
    merge(kinesis, FIRST, shardId(1));
  });

  test("a shard is split inside of it", () => {
    const { kinesis } = kinesisWith(2);
    const half = HASH_KEYS / 2n;
    for (const at of [0n, 1n, half - 1n, half, HASH_KEYS - 1n])
      expect(() => split(kinesis, FIRST, at)).toThrow(INVALID);
    expect(() => split(kinesis, FIRST, -1n)).toThrow(serviceError("ValidationException"));
    split(kinesis, FIRST, 2n);
    expect(rangesOf(kinesis).map(({ start }) => start)).toEqual([0n, 2n, half]);
  });

  test("a closed shard is neither split nor merged", () => {
    const { kinesis } = kinesisWith(2);
    split(kinesis, FIRST, 1_000n);
    expect(() => split(kinesis, FIRST, 1_000n)).toThrow(INVALID);
    expect(() => merge(kinesis, FIRST, shardId(1))).toThrow(INVALID);
  });

  const asked: readonly (readonly [string, (kinesis: KinesisModel) => unknown])[] = [
    ["a direct read", (kinesis) => readAll(kinesis, FIRST)],
    ["GetShardIterator", (kinesis) => iteratorAt(kinesis, "LATEST")],
    ["SplitShard", (kinesis) => split(kinesis, FIRST, 1_000n)],
    [
      "DescribeStream and then a read",
      (kinesis) => {
        expect(kinesis.describeStream({ StreamName }).StreamDescription.Shards).toHaveLength(2);
        readAll(kinesis, FIRST);
      },
    ],
  ];
  test.each(asked)("a closed shard is forgotten once its retention has passed: %s", (_name, ask) => {
    const { clock, kinesis } = kinesisWith(1);
    split(kinesis, FIRST, 5n);
    clock.advance(milliseconds(hours(24) - 1));
    expect(kinesis.listShards({ StreamName }).Shards).toHaveLength(3);
    clock.advance(milliseconds(1));
    expect(() => ask(kinesis)).toThrow(serviceError("ResourceNotFoundException"));
  });
});

describe("UpdateShardCount", () => {
  test("leaves open shards of the same size", () => {
    const { kinesis } = kinesisWith(2);
    expect(scale(kinesis, 3)).toMatchObject({ CurrentShardCount: 2, TargetShardCount: 3 });
    const third = HASH_KEYS / 3n;
    expect(rangesOf(kinesis).map(({ start }) => start)).toEqual([0n, third, third * 2n]);
  });

  test("at most doubles and at most halves the open shards", () => {
    const { kinesis } = kinesisWith(5);
    for (const wrong of [11, 2]) expect(() => scale(kinesis, wrong)).toThrow(INVALID);
    scale(kinesis, 10);
    scale(kinesis, 5);
    scale(kinesis, 3);
    const before = rangesOf(kinesis);
    scale(kinesis, 3);
    expect(rangesOf(kinesis)).toEqual(before);
    expect(() => scale(kinesis, 0)).toThrow(serviceError("ValidationException"));
  });

  test("goes to 10,000 shards and no further", () => {
    const { kinesis } = kinesisWith(6_000);
    expect(() => scale(kinesis, 10_001)).toThrow(serviceError("LimitExceededException"));
  });
});

describe("ListShards with a filter", () => {
  const { clock, kinesis } = kinesisWith(1);
  const at: Record<string, ReturnType<typeof clock.now>> = {};
  clock.advance(hours(1));
  at["beforeSplit"] = clock.now();
  clock.advance(hours(1));
  split(kinesis, FIRST, HASH_KEYS / 2n);
  at["split"] = clock.now();
  clock.advance(hours(1));
  at["beforeMerge"] = clock.now();
  clock.advance(hours(1));
  merge(kinesis, shardId(1), shardId(2));
  clock.advance(hours(1));

  const ids = (filter: ShardFilter | undefined) =>
    kinesis
      .listShards({ StreamName, ShardFilter: filter })
      .Shards.map(({ ShardId }) => Number(ShardId.slice("shardId-".length)));

  test("AT_LATEST lists the open shards, FROM_TRIM_HORIZON and no filter all", () => {
    expect(ids({ Type: "AT_LATEST" })).toEqual([3]);
    expect(ids({ Type: "FROM_TRIM_HORIZON" })).toEqual([0, 1, 2, 3]);
    expect(ids(undefined)).toEqual([0, 1, 2, 3]);
  });

  test("AT_TIMESTAMP lists the shards that were open then, FROM_TIMESTAMP those open since", () => {
    const [beforeSplit, atSplit, beforeMerge] = [at["beforeSplit"], at["split"], at["beforeMerge"]];
    expect(ids({ Type: "AT_TIMESTAMP", Timestamp: beforeSplit })).toEqual([0]);
    expect(ids({ Type: "AT_TIMESTAMP", Timestamp: atSplit })).toEqual([0, 1, 2]);
    expect(ids({ Type: "AT_TIMESTAMP", Timestamp: beforeMerge })).toEqual([1, 2]);
    expect(ids({ Type: "FROM_TIMESTAMP", Timestamp: beforeSplit })).toEqual([0, 1, 2, 3]);
    expect(ids({ Type: "FROM_TIMESTAMP", Timestamp: beforeMerge })).toEqual([1, 2, 3]);
    expect(ids({ Type: "FROM_TIMESTAMP", Timestamp: clock.now() })).toEqual([3]);
  });

  test("AFTER_SHARD_ID lists what follows, as ExclusiveStartShardId does", () => {
    expect(ids({ Type: "AFTER_SHARD_ID", ShardId: shardId(1) })).toEqual([2, 3]);
    const rest = kinesis.listShards({ StreamName, ExclusiveStartShardId: shardId(1) }).Shards;
    expect(rest.map(({ ShardId }) => ShardId)).toEqual([shardId(2), shardId(3)]);
  });

  test("takes a shard and a time only with the types that need them", () => {
    for (const wrong of [
      { Type: "AFTER_SHARD_ID" },
      { Type: "AT_TIMESTAMP" },
      { Type: "FROM_TIMESTAMP", ShardId: FIRST },
      { Type: "AT_LATEST", Timestamp: clock.now() },
    ] as const)
      expect(() => ids(wrong)).toThrow(INVALID);
  });

  test("AT_TRIM_HORIZON lists what was open then, and a time before it counts as it", () => {
    const other = kinesisWith(1);
    split(other.kinesis, FIRST, HASH_KEYS / 2n);
    other.clock.advance(seconds(1));
    const early = other.clock.now();
    merge(other.kinesis, shardId(1), shardId(2));
    const listed = (filter: ShardFilter) => rangesOf(other.kinesis, filter).map(({ id }) => id);
    // the stream is as old as its first shards
    expect(listed({ Type: "AT_TRIM_HORIZON" })).toContain(FIRST);
    other.clock.advance(milliseconds(hours(24) - 1));
    expect(listed({ Type: "AT_TRIM_HORIZON" })).toEqual([shardId(1), shardId(2)]);
    const longAgo = plus(early, milliseconds(-hours(1)));
    expect(listed({ Type: "FROM_TIMESTAMP", Timestamp: longAgo })).toHaveLength(3);
    other.clock.advance(hours(1));
    expect(listed({ Type: "FROM_TIMESTAMP", Timestamp: longAgo })).toEqual([shardId(3)]);
  });
});
