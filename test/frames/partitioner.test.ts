import { createHash } from "node:crypto";
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { createPartitioner, hashKeyOf, partitionOf } from "../../shared/frames/partitioner.ts";

const hashOf = (key: string | number): bigint =>
  BigInt(`0x${createHash("md5").update(String(key), "utf8").digest("hex")}`);
const byDefinition = (hash: bigint, partitions: number): number =>
  Number((hash * BigInt(partitions)) / 2n ** 128n);

const anyKey = fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.double({ noNaN: true }));
const anyCount = fc.oneof(fc.integer({ min: 1, max: 1_024 }), fc.integer({ min: 1, max: 2 ** 20 }));

test.prop([anyKey, anyCount])(
  "a key's partition is the floor of hash × partitions / 2^128",
  (key, partitions) => {
    expect(partitionOf(key, partitions)).toBe(byDefinition(hashOf(key), partitions));
    expect(createPartitioner(partitions)(key)).toBe(partitionOf(key, partitions));
  },
);

test.prop([anyCount.chain((n) => fc.tuple(fc.integer({ min: 0, max: n - 1 }), fc.constant(n)))])(
  "a partition's hash key is the first hash of that partition",
  ([partition, partitions]) => {
    const start = BigInt(hashKeyOf(partition, partitions));
    expect(byDefinition(start, partitions)).toBe(partition);
    if (partition > 0) expect(byDefinition(start - 1n, partitions)).toBe(partition - 1);
  },
);

test.each([19_999, 20_001, 40_001])("%i keys that come in turns find their partitions each time", (count) => {
  const partition = createPartitioner(64);
  const keys = Array.from({ length: count }, (_, i) => (i % 3 === 0 ? `k${i}` : i));
  const expected = keys.map((key) => partitionOf(key, 64));
  for (let turn = 0; turn < 3; turn += 1) expect(keys.map(partition)).toEqual(expected);
});

test("known keys stay where they are: state lives there", () => {
  expect(["EWR", "JFK", "LGA", "", "ü", 0, 12.5].map((key) => partitionOf(key, 8))).toMatchInlineSnapshot(`
    [
      0,
      7,
      3,
      6,
      6,
      6,
      6,
    ]
  `);
});
