import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { hashKeyOf } from "../../../../local/models/kinesis/hash-space.ts";
import { KinesisModel } from "../../../../local/models/kinesis/kinesis-model.ts";
import { type EpochMs, milliseconds, seconds } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";
import { merge, rangesOf, STREAM_ARN, StreamName, scale, split, tile } from "./model-under-test.ts";

const anyKeys = fc.array(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 9 });
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("put" as const), keys: anyKeys }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("split" as const), which: fc.nat(), at: fc.bigInt(1n, 999n) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("merge" as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("scale" as const), to: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 2_000 }) }),
  },
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

/** Changes the shards as a step says, where it may. */
function reshard(kinesis: KinesisModel, step: Step): void {
  const open = rangesOf(kinesis);
  if (step.kind === "scale" && step.to <= open.length * 2 && step.to >= open.length / 2)
    scale(kinesis, step.to);
  if (step.kind !== "split" && step.kind !== "merge") return;
  const at = step.which % open.length;
  const [shard, neighbour] = [open[at], open[at + 1]];
  if (shard === undefined) return;
  if (step.kind === "merge" && neighbour !== undefined) merge(kinesis, shard.id, neighbour.id);
  if (step.kind === "split") {
    const key = shard.start + ((shard.end - shard.start) * step.at) / 1_000n;
    if (key > shard.start + 1n && key < shard.end) split(kinesis, shard.id, key);
  }
}

const shardsOf = (kinesis: KinesisModel) => kinesis.listShards({ StreamName }).Shards;
const recordsOf = (kinesis: KinesisModel, shardId: string) =>
  kinesis.read(StreamName, shardId, undefined, 10_000, 1e9).records;

test.prop([fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 30 })])(
  "across splits and merges every record is kept once, in order, by the shard that owned its key",
  (ShardCount, steps) => {
    const clock = new ManualClock();
    const kinesis = new KinesisModel({ clock, limits: "off" });
    kinesis.createStream({ StreamName, ShardCount });
    const expected = new Map<string, string[]>();
    for (const step of steps) {
      reshard(kinesis, step);
      if (step.kind === "wait") clock.advance(milliseconds(step.ms));
      if (step.kind !== "put") continue;
      const open = rangesOf(kinesis);
      kinesis.putRecords({
        StreamName,
        Records: step.keys.map((key) => ({ PartitionKey: key, Data: new Uint8Array() })),
      });
      for (const key of step.keys) {
        const hash = hashKeyOf(key);
        const owner = open.find((s) => s.start <= hash && hash <= s.end)?.id ?? "nobody";
        expected.set(owner, [...(expected.get(owner) ?? []), key]);
      }
    }

    const shards = shardsOf(kinesis);
    const numbersOf = new Map(shards.map((s) => [s.ShardId, s.SequenceNumberRange]));
    for (const { ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange } of shards) {
      const records = recordsOf(kinesis, ShardId);
      expect(records.map((r) => r.PartitionKey)).toEqual(expected.get(ShardId) ?? []);
      const start = BigInt(SequenceNumberRange.StartingSequenceNumber);
      const numbers = [start, ...records.map((r) => BigInt(r.SequenceNumber))];
      const ending = SequenceNumberRange.EndingSequenceNumber;
      if (ending !== undefined) numbers.push(BigInt(ending));
      expect(numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n))).toBe(true);
      for (const parent of [ParentShardId, AdjacentParentShardId])
        if (parent !== undefined)
          expect(start).toBeGreaterThan(BigInt(numbersOf.get(parent)?.EndingSequenceNumber ?? 0n));
      // Every record can be found again by its number.
      records.forEach((record, i) => {
        const after = kinesis.read(StreamName, ShardId, record.SequenceNumber, 1, 1e6).records;
        expect(after[0]).toBe(records[i + 1]);
      });
    }
  },
);

test.prop([fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 30 })])(
  "the shards that were open at a time, now and at every time before, cover each hash key once",
  (ShardCount, steps) => {
    const clock = new ManualClock();
    const kinesis = new KinesisModel({ clock, limits: "off" });
    kinesis.createStream({ StreamName, ShardCount });
    const between: EpochMs[] = [];
    for (const step of steps) {
      reshard(kinesis, step);
      expect(tile(rangesOf(kinesis))).toBe(true);
      clock.advance(milliseconds(10));
      between.push(clock.now());
      clock.advance(milliseconds(10));
    }
    for (const Timestamp of between)
      expect(tile(rangesOf(kinesis, { Type: "AT_TIMESTAMP", Timestamp }))).toBe(true);
  },
);

const anyLoad = fc.array(
  fc.record({
    keys: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 500 }),
    change: anyStep,
    onDemand: fc.boolean(),
    wait: fc.nat(1_500),
  }),
  { maxLength: 25 },
);
test.prop([anyLoad])(
  "who reads children after their parents sees each key's records in the order in which they were taken",
  (load) => {
    const clock = new ManualClock();
    const kinesis = new KinesisModel({ clock, onDemandDelay: seconds(1) });
    kinesis.createStream({ StreamName, ShardCount: 1 });
    const taken = new Map<string, number[]>();
    let written = 0;
    let automatic = false;
    for (const { keys, change, onDemand, wait } of load) {
      const Records = keys.map((key) => ({ PartitionKey: `k${key}`, Data: Uint8Array.of(written++ % 256) }));
      const results = kinesis.putRecords({ StreamName, Records }).Records;
      results.forEach((result, i) => {
        const { PartitionKey = "", Data = [] } = Records[i] ?? {};
        if ("SequenceNumber" in result)
          taken.set(PartitionKey, [...(taken.get(PartitionKey) ?? []), ...Data]);
      });
      // scaling has a daily limit
      if (!automatic && change.kind !== "scale") reshard(kinesis, change);
      if (!automatic && onDemand) {
        automatic = true;
        const StreamModeDetails = { StreamMode: "ON_DEMAND" } as const;
        kinesis.updateStreamMode({ StreamARN: STREAM_ARN, StreamModeDetails });
      }
      clock.advance(milliseconds(wait));
    }
    const seen = new Map<string, number[]>();
    // ids grow from parents to children
    for (const { ShardId } of shardsOf(kinesis))
      for (const { PartitionKey, Data } of recordsOf(kinesis, ShardId))
        seen.set(PartitionKey, [...(seen.get(PartitionKey) ?? []), ...Data]);
    expect(seen).toEqual(taken);
  },
);
