import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { type DurationMs, milliseconds, seconds } from "../../../shared/time/time.ts";
import {
  anySteps,
  type Call,
  changesOf,
  isChange,
  type Subject,
  told,
  toldWithRestarts,
} from "./restarts.ts";

const NAMES = ["orders", "flights"];
const arnOf = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;

const anyName = fc.constantFrom(...NAMES);
const anyStream = fc.record({ StreamName: anyName });
const anyShard = fc.nat(4).map((n) => `shardId-${String(n).padStart(12, "0")}`);
const anyKey = fc.constantFrom("a", "b", "c", "ü", "d".repeat(9));
const anyData = fc.uint8Array({ maxLength: 40 });
/** Few of them, so that some lie in shards that are there. */
const anyHash = fc.integer({ min: 1, max: 15 }).map((n) => String((2n ** 128n / 16n) * BigInt(n)));
const anyRecord = fc.record(
  { PartitionKey: anyKey, Data: anyData },
  { requiredKeys: ["PartitionKey", "Data"] },
);
const anyConsumer = fc.constantFrom("fast", "slow");
const hours = fc.constantFrom(24, 25, 48);

const CALLS: Readonly<Record<string, fc.Arbitrary<object>>> = {
  createStream: fc.record({ StreamName: anyName, ShardCount: fc.integer({ min: 1, max: 3 }) }),
  deleteStream: anyStream,
  putRecord: fc.record({
    StreamName: anyName,
    PartitionKey: anyKey,
    Data: anyData,
    ExplicitHashKey: fc.option(anyHash, { nil: undefined }),
  }),
  putRecords: fc.record({
    StreamName: anyName,
    Records: fc.array(anyRecord, { minLength: 1, maxLength: 5 }),
  }),
  splitShard: fc.record({ StreamName: anyName, ShardToSplit: anyShard, NewStartingHashKey: anyHash }),
  mergeShards: fc.record({ StreamName: anyName, ShardToMerge: anyShard, AdjacentShardToMerge: anyShard }),
  updateShardCount: fc.record({
    StreamName: anyName,
    TargetShardCount: fc.integer({ min: 1, max: 5 }),
    ScalingType: fc.constant("UNIFORM_SCALING"),
  }),
  increaseStreamRetentionPeriod: fc.record({ StreamName: anyName, RetentionPeriodHours: hours }),
  decreaseStreamRetentionPeriod: fc.record({ StreamName: anyName, RetentionPeriodHours: hours }),
  updateStreamMode: fc.record({
    StreamARN: anyName.map(arnOf),
    StreamModeDetails: fc.record({ StreamMode: fc.constantFrom("PROVISIONED", "ON_DEMAND") }),
  }),
  updateMaxRecordSize: fc.record({
    StreamARN: anyName.map(arnOf),
    MaxRecordSizeInKiB: fc.constantFrom(1_024, 2_048),
  }),
  listStreams: fc.constant({}),
  listShards: anyStream,
  listStreamConsumers: fc.record({ StreamARN: anyName.map(arnOf) }),
  registerStreamConsumer: fc.record({ StreamARN: anyName.map(arnOf), ConsumerName: anyConsumer }),
  deregisterStreamConsumer: fc.record({ StreamARN: anyName.map(arnOf), ConsumerName: anyConsumer }),
};

const anyCall = fc.oneof(
  ...Object.entries(CALLS).map(([call, input]) => ({
    weight: call.startsWith("putRecord") ? 6 : call === "splitShard" ? 4 : call === "createStream" ? 2 : 1,
    arbitrary: input.map((value): Call => ({ call, input: value })),
  })),
);

/** @param transition - how long a stream is CREATING, UPDATING or DELETING */
const subjectWith = (transition: DurationMs): Subject<KinesisModel> => ({
  service: "kinesis",
  make: (options) => new KinesisModel({ ...options, transition }),
  observe: (kinesis) =>
    kinesis.listStreams().StreamNames.map((StreamName) => ({
      summary: kinesis.describeStreamSummary({ StreamName }),
      consumers: kinesis.listStreamConsumers({ StreamARN: arnOf(StreamName) }),
      shards: kinesis.listShards({ StreamName }).Shards.map((shard) => ({
        shard,
        read: kinesis.read(StreamName, shard.ShardId, undefined, 1_000, 1e9),
        next: kinesis.read(
          StreamName,
          shard.ShardId,
          shard.SequenceNumberRange.StartingSequenceNumber,
          1,
          1e9,
        ),
      })),
    })),
});

test.prop([fc.constantFrom(milliseconds(0), seconds(1)), anySteps(anyCall)], { numRuns: 100 })(
  "streams answer and hold the same, however often and however their process ends",
  async (transition, steps) => {
    const subject = subjectWith(transition);
    const create = { call: "createStream", input: { StreamName: "orders", ShardCount: 2 } };
    const all = [create, ...steps];
    expect(await toldWithRestarts(subject, all)).toEqual(told(subject, all));
  },
  120_000,
);

test("every operation that changes a stream is tried", () => {
  const model = subjectWith(milliseconds(0)).make({ clock: { now: () => 0 as never } });
  expect(changesOf(model, ["read", "onAppend"])).toEqual(Object.keys(CALLS).filter(isChange).sort());
});
