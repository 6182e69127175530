import type { Key } from "../../events/event.ts";
import { type Hash64, hash64 } from "./hash64.ts";

/**
 * Registers of a HyperLogLog: the few that were hit while they are few (register to rank), else all of them, a byte
 * each. Plain data: it travels through the commit log.
 */
export type Registers = Map<number, number> | Uint8Array;

const LOWEST_PRECISION = 4;
export const HIGHEST_PRECISION = 18;

/** Registers per hit one beyond which a byte for each is smaller: a hit one takes some eight characters of a log. */
const SPARSE_SHARE = 8;

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
  const index = hash.high >>> (32 - precision);
  return raise(registers, index, rankOf(hash, precision), precision);
}

/** The place of the first one among the bits behind the index, counted from 1. */
function rankOf({ high, low }: Hash64, precision: number): number {
  const rest = (high << precision) >>> 0;
  return rest !== 0 ? Math.clz32(rest) + 1 : 32 - precision + Math.clz32(low) + 1;
}

function raise(registers: Registers, index: number, rank: number, precision: number): Registers {
  if (registers instanceof Uint8Array) {
    if (rank > (registers[index] ?? 0)) registers[index] = rank;
    return registers;
  }
  if (rank <= (registers.get(index) ?? 0)) return registers;
  registers.set(index, rank);
  return registers.size * SPARSE_SHARE > 2 ** precision ? dense(registers, precision) : registers;
}

function dense(registers: ReadonlyMap<number, number>, precision: number): Uint8Array {
  const all = new Uint8Array(2 ** precision);
  for (const [index, rank] of registers) all[index] = rank;
  return all;
}

/** The registers of all values of both, as if one had seen them; neither is changed. */
export function merged(a: Registers, b: Registers, precision: number): Registers {
  const [into, from] = a instanceof Uint8Array ? [a, b] : [b, a];
  let union = copied(into);
  for (const [index, rank] of from.entries()) if (rank > 0) union = raise(union, index, rank, precision);
  return union;
}

export const copied = (registers: Registers): Registers =>
  registers instanceof Uint8Array ? registers.slice() : new Map(registers);

/**
 * How many different values were added: the improved raw estimator, which needs no tables and no second estimator for
 * few values (Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6).
 */
export function estimated(registers: Registers, precision: number): number {
  const m = 2 ** precision;
  const most = 64 - precision;
  const histogram = new Float64Array(most + 2);
  for (const rank of registers.values()) histogram[rank] = (histogram[rank] ?? 0) + 1;
  if (!(registers instanceof Uint8Array)) histogram[0] = m - registers.size;
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
