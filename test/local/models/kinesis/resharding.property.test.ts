import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { hashKeyOf } from "../../../../local/models/kinesis/hash-space.ts";
import { KinesisModel } from "../../../../local/models/kinesis/kinesis-model.ts";
import { milliseconds } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";

const StreamName = "s";

const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      keys: fc.array(fc.string({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("split" as const), which: fc.nat(), at: fc.bigInt(1n, 999n) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("merge" as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("scale" as const), to: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(2_000) }) },
);

function openShards(kinesis: KinesisModel) {
  return kinesis
    .listShards({ StreamName })
    .Shards.filter((s) => s.SequenceNumberRange.EndingSequenceNumber === undefined)
    .map((s) => ({
      id: s.ShardId,
      start: BigInt(s.HashKeyRange.StartingHashKey),
      end: BigInt(s.HashKeyRange.EndingHashKey),
    }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}

test.prop([fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 30 })], { numRuns: 100 })(
  "across splits and merges every record is kept once, in order, by the shard that owned its key",
  (shardCount, steps) => {
    const clock = new ManualClock();
    const kinesis = new KinesisModel({ clock, limits: "off" });
    kinesis.createStream({ StreamName, ShardCount: shardCount });
    const expected = new Map<string, string[]>();
    for (const step of steps) {
      const open = openShards(kinesis);
      if (step.kind === "wait") clock.advance(milliseconds(step.ms));
      if (step.kind === "put") {
        const Records = step.keys.map((key) => ({ PartitionKey: key, Data: new Uint8Array() }));
        kinesis.putRecords({ StreamName, Records });
        for (const key of step.keys) {
          const hash = hashKeyOf(key);
          const owner = open.find((s) => s.start <= hash && hash <= s.end)?.id ?? "nobody";
          expected.set(owner, [...(expected.get(owner) ?? []), key]);
        }
      }
      const shard =
        step.kind === "split" || step.kind === "merge" ? open[step.which % open.length] : undefined;
      if (step.kind === "split" && shard !== undefined) {
        const at = shard.start + ((shard.end - shard.start) * step.at) / 1_000n;
        if (at > shard.start)
          kinesis.splitShard({ StreamName, ShardToSplit: shard.id, NewStartingHashKey: at.toString() });
      }
      if (step.kind === "merge" && shard !== undefined) {
        const neighbour = open.find((s) => s.start === shard.end + 1n);
        if (neighbour !== undefined)
          kinesis.mergeShards({ StreamName, ShardToMerge: shard.id, AdjacentShardToMerge: neighbour.id });
      }
      if (step.kind === "scale" && step.to <= open.length * 2 && step.to >= open.length / 2)
        kinesis.updateShardCount({ StreamName, TargetShardCount: step.to });
    }

    const shards = kinesis.listShards({ StreamName }).Shards;
    const startOf = new Map(
      shards.map((s) => [s.ShardId, BigInt(s.SequenceNumberRange.StartingSequenceNumber)]),
    );
    for (const { ShardId, ParentShardId, SequenceNumberRange } of shards) {
      const { records } = kinesis.read(StreamName, ShardId, undefined, 10_000, 1e9);
      expect(records.map((r) => r.PartitionKey)).toEqual(expected.get(ShardId) ?? []);
      const numbers = [startOf.get(ShardId) ?? 0n, ...records.map((r) => BigInt(r.SequenceNumber))];
      const ending = SequenceNumberRange.EndingSequenceNumber;
      if (ending !== undefined) numbers.push(BigInt(ending));
      expect(numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n))).toBe(true);
      if (ParentShardId !== undefined)
        expect(startOf.get(ShardId)).toBeGreaterThan(startOf.get(ParentShardId) ?? 0n);
      // Every record can be found again by its number.
      records.forEach((record, i) => {
        const after = kinesis.read(StreamName, ShardId, record.SequenceNumber, 1, 1e6).records;
        expect(after[0]).toBe(records[i + 1]);
      });
    }
    const open = openShards(kinesis);
    expect(open[0]?.start).toBe(0n);
    expect(open.at(-1)?.end).toBe(2n ** 128n - 1n);
    expect(open.every((s, i) => i === 0 || s.start === (open[i - 1]?.end ?? 0n) + 1n)).toBe(true);
  },
);
