import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { WriteLimit } from "../../../../local/models/kinesis/write-limit.ts";
import { epochMs, hours, milliseconds, seconds } from "../../../../shared/time/time.ts";
import { serviceError } from "../service-error.ts";
import {
  FIRST,
  iteratorAt,
  kinesisWith,
  put,
  rangesOf,
  STREAM_ARN,
  StreamName,
  scale,
  split,
} from "./model-under-test.ts";

const MIB = 1_048_576;
const THROTTLED = serviceError("ProvisionedThroughputExceededException");

describe("writes to a shard", () => {
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
    expect(() => kinesis.putRecord(big)).toThrow(THROTTLED);
    const free = kinesisWith(1, { limits: "off" }).kinesis;
    free.putRecord(big);
    expect(free.putRecord(big).ShardId).toBe(FIRST);
  });

  test("a large record is borrowed from the seconds after it", () => {
    const { clock, kinesis } = kinesisWith(1);
    kinesis.updateMaxRecordSize({ StreamARN: STREAM_ARN, MaxRecordSizeInKiB: 10_240 });
    kinesis.putRecord({ StreamName, PartitionKey: "k", Data: new Uint8Array(4 * MIB - 1) });
    for (let second = 0; second < 4; second += 1) {
      expect(put(kinesis, "small").FailedRecordCount).toBe(1);
      clock.advance(seconds(1));
    }
    expect(put(kinesis, "small").FailedRecordCount).toBe(0);
  });

  const anyWrites = fc.array(
    fc.record({ after: fc.nat(700), bytes: fc.integer({ min: 1, max: 3 * MIB }), times: fc.nat(600) }),
    { maxLength: 40 },
  );
  property.prop([anyWrites])(
    "whatever comes, no span of seconds gives more than its seconds' sum and one large record",
    (writes) => {
      const limit = new WriteLimit();
      const taken = new Map<number, { bytes: number; records: number }>();
      let now = 0;
      for (const { after, bytes, times } of writes) {
        now += after;
        const second = Math.floor(now / 1_000);
        for (let i = 0; i <= times; i += 1) {
          if (!limit.take(bytes, epochMs(now))) continue;
          const sum = taken.get(second) ?? { bytes: 0, records: 0 };
          taken.set(second, { bytes: sum.bytes + bytes, records: sum.records + 1 });
        }
      }
      const all = [...taken.entries()];
      for (const [, { records }] of all) expect(records).toBeLessThanOrEqual(1_000);
      for (const [from] of all)
        for (const [to] of all) {
          if (to < from) continue;
          const within = all.filter(([second]) => second >= from && second <= to);
          const sum = within.reduce((total, [, { bytes }]) => total + bytes, 0);
          expect(sum).toBeLessThanOrEqual((to - from + 1) * MIB + 2 * MIB);
        }
    },
  );
});

describe("reads of a shard", () => {
  test("the sixth GetRecords of a second is throttled, whoever calls", () => {
    const { clock, kinesis } = kinesisWith(2);
    const mine = iteratorAt(kinesis, "LATEST");
    const other = iteratorAt(kinesis, "TRIM_HORIZON");
    for (let i = 0; i < 5; i += 1) kinesis.getRecords({ ShardIterator: i % 2 === 0 ? mine : other });
    expect(() => kinesis.getRecords({ ShardIterator: mine })).toThrow(THROTTLED);
    clock.advance(seconds(1));
    kinesis.getRecords({ ShardIterator: mine });
  });

  test("after 10 MiB the shard is silent for 5 seconds", () => {
    const { clock, kinesis } = kinesisWith(1);
    for (let i = 0; i < 10; i += 1) {
      kinesis.putRecord({ StreamName, PartitionKey: "k", Data: new Uint8Array(MIB - 1) });
      clock.advance(seconds(1));
    }
    const first = kinesis.getRecords({ ShardIterator: iteratorAt(kinesis, "TRIM_HORIZON") });
    expect(first.Records).toHaveLength(10);
    const ShardIterator = first.NextShardIterator ?? "";
    clock.advance(milliseconds(4_999));
    expect(() => kinesis.getRecords({ ShardIterator })).toThrow(THROTTLED);
    clock.advance(milliseconds(1));
    expect(kinesis.getRecords({ ShardIterator }).Records).toEqual([]);
  });

  test("the sixth GetShardIterator of a second is throttled, and none without limits", () => {
    const { kinesis } = kinesisWith(1);
    for (let i = 0; i < 5; i += 1) iteratorAt(kinesis, "LATEST");
    expect(() => iteratorAt(kinesis, "LATEST")).toThrow(THROTTLED);
    const free = kinesisWith(1, { limits: "off" }).kinesis;
    for (let i = 0; i < 20; i += 1) free.getRecords({ ShardIterator: iteratorAt(free, "LATEST") });
  });
});

describe("changes in 24 hours", () => {
  test("a stream is scaled ten times", () => {
    const { clock, kinesis } = kinesisWith(1);
    for (let i = 0; i < 10; i += 1) scale(kinesis, i % 2 === 0 ? 2 : 1);
    expect(() => scale(kinesis, 2)).toThrow(serviceError("LimitExceededException"));
    clock.advance(hours(24));
    scale(kinesis, 2);
  });

  test("a stream changes its mode twice", () => {
    const { clock, kinesis } = kinesisWith(1);
    const change = (StreamMode: "ON_DEMAND" | "PROVISIONED") =>
      kinesis.updateStreamMode({ StreamARN: STREAM_ARN, StreamModeDetails: { StreamMode } });
    change("ON_DEMAND");
    change("PROVISIONED");
    expect(() => change("ON_DEMAND")).toThrow(serviceError("LimitExceededException"));
    change("PROVISIONED");
    clock.advance(hours(24));
    change("ON_DEMAND");
  });
});

test("the account's open shards are counted over all streams, and have a limit", () => {
  const { kinesis } = kinesisWith(2, { shardLimit: 4 });
  const exceeded = serviceError("LimitExceededException");
  expect(() => kinesis.createStream({ StreamName: "other", ShardCount: 3 })).toThrow(exceeded);
  kinesis.createStream({ StreamName: "other", ShardCount: 1 });
  expect(() => scale(kinesis, 4)).toThrow(exceeded);
  scale(kinesis, 3);
  expect(() => scale(kinesis, 4)).toThrow(exceeded);
  expect(() => split(kinesis, rangesOf(kinesis)[0]?.id ?? "", 1_000n)).toThrow(exceeded);
  expect(kinesis.describeLimits()).toMatchObject({ ShardLimit: 4, OpenShardCount: 4 });
  scale(kinesis, 2);
  kinesis.deleteStream({ StreamName: "other" });
  expect(kinesis.describeLimits()).toMatchObject({ OpenShardCount: 2 });
});
