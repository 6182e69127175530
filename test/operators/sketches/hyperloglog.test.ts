import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { hash64 } from "../../../shared/operators/sketches/hash64.ts";
import {
  absorbed,
  addTo,
  copied,
  estimated,
  merged,
  precisionFor,
  type Registers,
  standardErrorOf,
} from "../../../shared/operators/sketches/hyperloglog.ts";

/** A hash as a HyperLogLog keeps it: the high word, and the place of the first one in the low word. */
type Hash = readonly [high: number, lowRank: number];

const anyHigh = fc.oneof(
  fc.nat({ max: 0xffff_ffff }),
  // no one behind the bits that name the register
  fc.nat({ max: 15 }).map((index) => (index << 28) >>> 0),
  fc.constantFrom(0, 1, 0xffff_ffff),
);
const anyHash: fc.Arbitrary<Hash> = fc.tuple(anyHigh, fc.integer({ min: 1, max: 33 }));
const anyHashes = fc.array(anyHash, { maxLength: 12 });
const anyPrecision = fc.integer({ min: 4, max: 8 });

const bits = (word: number): string => word.toString(2).padStart(32, "0");
/** The low word is written out, as far as its rank says. */
const hashBits = ([high, lowRank]: Hash): string =>
  bits(high) + `${"0".repeat(lowRank - 1)}1`.padEnd(32, "0").slice(0, 32);

/** For each register the highest rank of its hashes, each read off its bits. */
function registersOf(hashes: readonly Hash[], precision: number): Uint8Array {
  const registers = new Uint8Array(2 ** precision);
  for (const hash of hashes) {
    const all = hashBits(hash);
    const index = Number.parseInt(all.slice(0, precision), 2);
    const rank = `${all.slice(precision)}1`.indexOf("1") + 1;
    registers[index] = Math.max(registers[index] ?? 0, rank);
  }
  return registers;
}

/** Of each high word the highest rank of its low words. */
function sparseOf(hashes: readonly Hash[]): Map<number, number> {
  const sparse = new Map<number, number>();
  for (const [high, lowRank] of hashes) sparse.set(high, Math.max(sparse.get(high) ?? 0, lowRank));
  return sparse;
}

/** What is kept of some hashes: themselves, up to one for 16 registers. */
const keptOf = (hashes: readonly Hash[], precision: number): Registers => {
  const sparse = sparseOf(hashes);
  return sparse.size * 16 > 2 ** precision ? registersOf(hashes, precision) : sparse;
};

describe("the registers of a HyperLogLog", () => {
  test.prop([fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 24 }), anyPrecision])(
    "are the highest ranks of its hashes, and few hashes are kept themselves",
    (values, precision) => {
      let registers: Registers = new Map();
      for (const value of values) registers = addTo(registers, value, precision);
      const hashes = values.map((value): Hash => {
        const hash = { high: 0, low: 0 };
        hash64(value, hash);
        return [hash.high, `${bits(hash.low)}1`.indexOf("1") + 1];
      });
      expect(registers).toEqual(keptOf(hashes, precision));
    },
  );

  test.prop([anyHashes, anyHashes, anyPrecision])(
    "of two that are merged are those of the hashes of both, and neither is changed",
    (one, other, precision) => {
      const both = keptOf([...one, ...other], precision);
      const dense = registersOf([...one, ...other], precision);
      const sparse = (hashes: readonly Hash[]): Registers => keptOf(hashes, precision);
      const full = (hashes: readonly Hash[]): Registers => registersOf(hashes, precision);
      for (const [a, b, expected] of [
        [sparse(one), sparse(other), both],
        [sparse(one), full(other), dense],
        [full(one), sparse(other), dense],
        [full(one), full(other), dense],
      ] as const) {
        const before = [copied(a), copied(b)];
        expect(merged(a, b, precision)).toEqual(expected);
        expect([a, b]).toEqual(before);
        expect(absorbed(a, b, precision)).toEqual(expected);
        expect(b).toEqual(before[1]);
      }
    },
  );

  test("take in a few hashes where they are, without a copy of them all", () => {
    const registers = new Uint8Array(16);
    expect(absorbed(registers, new Map([[0xf000_0000, 3]]), 4)).toBe(registers);
    expect(registers[15]).toBe(28 + 3);
  });

  test("change places with the hashes once those are more than a sixteenth of them", () => {
    const hashes = Array.from({ length: 9 }, (_, i): Hash => [i, 1]);
    const eight = merged(new Map(), sparseOf(hashes.slice(0, 8)), 7);
    expect(eight).toEqual(sparseOf(hashes.slice(0, 8)));
    expect(merged(eight, sparseOf(hashes.slice(8)), 7)).toEqual(registersOf(hashes, 7));
  });
});

describe("the estimate of a HyperLogLog", () => {
  /** Ertl's formulas as they stand: sums of so many terms that more change nothing. */
  function estimatedByDefinition(registers: Uint8Array, precision: number): number {
    const m = 2 ** precision;
    const q = 64 - precision;
    const share = (rank: number): number => registers.filter((one) => one === rank).length / m;
    const terms = Array.from({ length: 60 }, (_, i) => i + 1);
    const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    const none = share(0);
    const sigma = none + total(terms.map((k) => none ** (2 ** k) * 2 ** (k - 1)));
    const rest = 1 - share(q + 1);
    const tau = (1 - rest - total(terms.map((k) => (1 - rest ** (2 ** -k)) ** 2 * 2 ** -k))) / 3;
    const ranks = Array.from({ length: q }, (_, i) => i + 1);
    const sum = sigma + total(ranks.map((rank) => share(rank) * 2 ** -rank)) + tau * 2 ** -q;
    return m / (2 * Math.LN2 * sum);
  }

  const anyRegisters = fc.integer({ min: 4, max: 6 }).chain((precision) =>
    fc.tuple(
      fc.constant(precision),
      fc
        .array(
          fc.oneof(
            fc.integer({ min: 0, max: 65 - precision }),
            fc.constantFrom(0, 1, 2, 64 - precision, 65 - precision),
          ),
          { minLength: 2 ** precision, maxLength: 2 ** precision },
        )
        .map((ranks) => Uint8Array.from(ranks)),
    ),
  );

  test.prop([anyRegisters])("is that of Ertl's formula", ([precision, registers]) => {
    const expected = estimatedByDefinition(registers, precision);
    expect(estimated(registers, precision) / expected).toBeCloseTo(1, 9);
  });

  test("is none where no register was raised", () => {
    expect(estimated(new Uint8Array(16), 4)).toBe(0);
  });

  test("is that of Ertl's formula where all registers, or all but one, are full", () => {
    const full = new Uint8Array(16).fill(61);
    expect(estimated(full, 4)).toBe(Number.POSITIVE_INFINITY);
    const nearly = full.with(3, 60);
    expect(estimated(nearly, 4) / estimatedByDefinition(nearly, 4)).toBeCloseTo(1, 9);
  });

  test("is the number of hashes while those are kept", () => {
    expect(
      estimated(
        sparseOf([
          [1, 1],
          [2, 1],
          [1, 5],
        ]),
        14,
      ),
    ).toBe(2);
  });

  // 1.04 / √(2^precision): 26 % for 16 registers, and half of it for four times as many
  test.each([
    [0.26, 4],
    [0.259, 5],
    [0.13, 6],
    [0.065, 8],
    [0.9, 4],
    [0.00813, 14],
  ])("keeps a standard error of %d by %d bits", (standardError, precision) => {
    expect(precisionFor(standardError)).toBe(precision);
    expect(standardErrorOf(precision)).toBeLessThanOrEqual(Math.max(standardError, 0));
  });
});
