import type { Key } from "../../events/event.ts";
import { type Hash64, hash64 } from "./hash64.ts";

/**
 * What a HyperLogLog keeps: of few values their hashes (the high word, to the rank of the low one), as HyperLogLog++
 * does (Heule, Nunkesser, Hall, EDBT 2013), so that few are counted exactly; of many the registers, a byte each. Plain
 * data: it travels through the commit log.
 */
export type Registers = Map<number, number> | Uint8Array;

const LOWEST_PRECISION = 4;
export const HIGHEST_PRECISION = 18;

/** Registers per kept hash beyond which registers are smaller: a hash takes some sixteen characters of a log. */
const SPARSE_SHARE = 16;

/**
 * The number of register bits that keep the standard error within a bound: `1.04 / √(2^precision)` (Flajolet et al.,
 * "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", AOFA 2007).
 */
export const precisionFor = (standardError: number): number =>
  Math.max(LOWEST_PRECISION, Math.ceil(2 * Math.log2(1.04 / standardError)));

export const standardErrorOf = (precision: number): number => 1.04 / Math.sqrt(2 ** precision);

const hash: Hash64 = { high: 0, low: 0 };

/** Adds a value. Returns the registers to keep, which may be others than it got. */
export function addTo(registers: Registers, value: Key, precision: number): Registers {
  hash64(value, hash);
  return raise(registers, hash.high, Math.clz32(hash.low) + 1, precision);
}

/** Notes a hash: its high word, and the place of the first one in its low word, counted from 1. */
function raise(registers: Registers, high: number, lowRank: number, precision: number): Registers {
  if (registers instanceof Uint8Array) {
    const index = high >>> (32 - precision);
    const rest = (high << precision) >>> 0;
    const rank = rest !== 0 ? Math.clz32(rest) + 1 : 32 - precision + lowRank;
    if (rank > (registers[index] ?? 0)) registers[index] = rank;
    return registers;
  }
  if (lowRank > (registers.get(high) ?? 0)) registers.set(high, lowRank);
  return registers.size * SPARSE_SHARE > 2 ** precision ? dense(registers, precision) : registers;
}

function dense(hashes: ReadonlyMap<number, number>, precision: number): Uint8Array {
  const all = new Uint8Array(2 ** precision);
  for (const [high, lowRank] of hashes) raise(all, high, lowRank, precision);
  return all;
}

/** The registers of all values of both, as if one had seen them; neither is changed. */
export function merged(a: Registers, b: Registers, precision: number): Registers {
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.map((rank, index) => Math.max(rank, b[index] ?? 0));
  const [into, from] = a instanceof Uint8Array ? [a, b] : [b, a];
  let union = copied(into);
  for (const [high, lowRank] of from as Map<number, number>) union = raise(union, high, lowRank, precision);
  return union;
}

/** The same; the first may be changed and returned. */
export function absorbed(into: Registers, from: Registers, precision: number): Registers {
  if (from instanceof Uint8Array) return merged(into, from, precision);
  let union = into;
  for (const [high, lowRank] of from) union = raise(union, high, lowRank, precision);
  return union;
}

export const copied = (registers: Registers): Registers =>
  registers instanceof Uint8Array ? registers.slice() : new Map(registers);

/**
 * How many different values were added: of few the number of hashes; of many the improved raw estimator, which needs no tables and no second estimator for
 * few values (Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6).
 */
export function estimated(registers: Registers, precision: number): number {
  if (!(registers instanceof Uint8Array)) return registers.size;
  const m = 2 ** precision;
  const most = 64 - precision;
  const histogram = new Float64Array(most + 2);
  for (const rank of registers) histogram[rank] = (histogram[rank] ?? 0) + 1;
  let z = m * tau(1 - (histogram[most + 1] ?? 0) / m);
  for (let rank = most; rank >= 1; rank -= 1) z = 0.5 * (z + (histogram[rank] ?? 0));
  z += m * sigma((histogram[0] ?? 0) / m);
  return m ** 2 / (2 * Math.LN2 * z);
}

/** x + Σ x^(2^k) 2^(k-1), Ertl's σ. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let [x, y, z] = [share, 1, share];
  for (let before = Number.NaN; z !== before; y += y) {
    x *= x;
    before = z;
    z += x * y;
  }
  return z;
}

/** (1 - x - Σ (1 - x^(2^-k))^2 2^-k) / 3, Ertl's τ. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z] = [share, 1, 1 - share];
  for (let before = Number.NaN; z !== before; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
