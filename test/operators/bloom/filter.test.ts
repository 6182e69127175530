import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { bloom } from "../../../local/reference/bloom.ts";
import { BloomFilter } from "../../../shared/operators/bloom/filter.ts";
import { type BloomOptions, bloomSize, partSize } from "../../../shared/operators/bloom/size.ts";
import { hash64 } from "../../../shared/operators/sketches/hash64.ts";

const hashOf = (id: string | number): { high: number; low: number } => {
  const hash = { high: 0, low: 0 };
  hash64(id, hash);
  return hash;
};

const anyOptions: fc.Arbitrary<BloomOptions> = fc.record({
  errorRate: fc.double({ min: 1e-6, max: 0.99, noNaN: true }),
  capacity: fc.integer({ min: 1, max: 1_000_000 }),
});

const errorsOf = (n: number, { bits, hashes }: { bits: number; hashes: number }): number =>
  (1 - Math.exp((-hashes * n) / bits)) ** hashes;

describe("the size of a filter", () => {
  const anyPart = anyOptions.map(({ errorRate, capacity }) => ({ errorRate: errorRate / 4, capacity }));
  test.prop([anyPart])("keeps Bloom's bound, and not by much", ({ errorRate, capacity }) => {
    const size = bloomSize({ errorRate, capacity });
    expect(errorsOf(capacity, size)).toBeLessThanOrEqual(errorRate * (1 + 1e-9));
    expect(errorsOf(capacity, { ...size, bits: size.bits - 1 })).toBeGreaterThan(errorRate * (1 - 1e-9));
    // Bloom's least: n log₂(1/ε) / ln 2, where the number of hashes need not be whole
    expect(size.bits).toBeLessThan((1.25 * capacity * Math.log2(1 / errorRate)) / Math.LN2 + 2);
  });

  test.prop([
    anyOptions,
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
  ])("makes no more errors than it says, however ids are spread over filters", (options, shares) => {
    const size = partSize(options);
    let left = options.capacity;
    let errors = 0;
    for (const share of [...shares, 1, 1, 1, 1]) {
      const ids = Math.min(left, share * size.capacity);
      left -= ids;
      errors += errorsOf(ids, size);
    }
    expect(left).toBe(0);
    expect(errors).toBeLessThanOrEqual(options.errorRate * (1 + 1e-9));
  });
});

const anyId = fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.integer());

describe("a Bloom filter", () => {
  test.prop([
    fc.array(anyId),
    anyId,
    fc.record({
      errorRate: fc.double({ min: 0.001, max: 0.9, noNaN: true }),
      capacity: fc.integer({ min: 1, max: 30 }),
    }),
  ])("has what the sets of bits of its definition have", (ids, other, options) => {
    const filter = new BloomFilter(partSize(options));
    const { bitsOf } = bloom(options);
    const bits = new Set<number>();
    for (const id of ids) {
      filter.add(hashOf(id), []);
      for (const bit of bitsOf(id)) bits.add(bit);
    }
    for (const id of [...ids, other])
      expect(filter.has(hashOf(id))).toBe(bitsOf(id).every((bit) => bits.has(bit)));
  });

  test.prop([fc.uniqueArray(anyId, { maxLength: 40 }), fc.nat({ max: 40 })])(
    "is what it was once the bits that ids set are cleared",
    (ids, kept) => {
      const size = bloomSize({ errorRate: 0.01, capacity: 20_000 });
      const [filter, right] = [new BloomFilter(size), new BloomFilter(size)];
      const set: number[] = [];
      for (const id of ids.slice(0, kept)) for (const one of [filter, right]) one.add(hashOf(id), []);
      for (const id of ids.slice(kept)) filter.add(hashOf(id), set);
      for (const bit of set) filter.clear(bit);
      const blocks = (of: BloomFilter) =>
        [...of.blocks()].filter(([, bytes]) => bytes.some((byte) => byte !== 0));
      expect(blocks(filter)).toEqual(blocks(right));
    },
  );

  // what filters in snapshots were made of: another hash would let repeats pass
  test.each<[string | number, number[]]>([
    ["a", [1959, 259, 2876, 1179, 3801, 2111, 426, 3063, 1391, 4043, 2388, 743]],
    ["order-17", [2325, 962, 3916, 2556, 1199, 4162, 2814, 1472, 137, 3126, 1808, 500]],
    ["🚀", [2595, 2344, 2094, 1846, 1601, 1360, 1124, 894, 671, 456, 250, 54]],
    [-0.5, [82, 3182, 1967, 754, 3860, 2654, 1453, 258, 3386, 2206, 1035, 4190]],
  ])("sets for %s the bits that every version sets", (id, right) => {
    const set: number[] = [];
    new BloomFilter(partSize({ errorRate: 0.001, capacity: 1_000 })).add(hashOf(id), set);
    expect(set).toEqual(right);
  });

  // four standard deviations of as many tries: one run of thousands is further off by chance
  test.each([
    [0.1, 100],
    [0.01, 1_000],
    [0.01, 30_000],
    [0.001, 20_000],
    [0.3, 50],
  ])("errs as often as it says at a rate of %d, full of %d ids of a pattern", (errorRate, capacity) => {
    const tries = Math.ceil(100 / errorRate) + 20_000;
    const rounds = Math.ceil(5_000 / capacity);
    let wrong = 0;
    for (let round = 0; round < rounds; round += 1) {
      const filter = new BloomFilter(bloomSize({ errorRate, capacity }));
      for (let i = 0; i < capacity; i += 1) filter.add(hashOf(`order-${round}-${i}`), []);
      for (let i = 0; i < tries; i += 1) if (filter.has(hashOf(`order-${round}-other-${i}`))) wrong += 1;
    }
    const n = tries * rounds;
    // of one full filter errors are not apart from each other: its own rate differs from filter to filter
    const sigma = Math.sqrt(n * errorRate) + (n * errorRate * 4) / Math.sqrt(capacity * rounds);
    expect(wrong).toBeLessThan(n * errorRate + 4 * sigma);
    expect(wrong).toBeGreaterThan(n * errorRate - 4 * sigma);
  });
});
