import type { Key } from "../../events/event.ts";

/** 64 bits of a hash, as two unsigned words. */
export type Hash64 = { high: number; low: number };

const SEED_HIGH = 0x9747b28c;
const SEED_LOW = 0x3c6ef372;
/** A number and the text that shows it are different values: each kind of value starts from a word of its own. */
const NUMBER = 0x85ebca6b;

const double = new DataView(new ArrayBuffer(8));

/**
 * Hashes a value to 64 well-mixed bits: two runs of MurmurHash3's 32-bit rounds (Appleby, public domain) from
 * different seeds, over the UTF-16 units of a text or the bits of a number. The same on every machine and in every
 * version, since sketches in a log are compared with later ones. No defence against chosen values.
 */
export function hash64(value: Key, into: Hash64): void {
  if (typeof value === "number") {
    double.setFloat64(0, value === 0 ? 0 : value); // -0 is 0
    const [a, b] = [double.getUint32(0), double.getUint32(4)];
    into.high = finished(round(round(SEED_HIGH ^ NUMBER, a), b), 8);
    into.low = finished(round(round(SEED_LOW ^ NUMBER, b), a), 8);
    return;
  }
  let [high, low] = [SEED_HIGH, SEED_LOW];
  const { length } = value;
  for (let i = 0; i < length; i += 2) {
    // behind the end charCodeAt is NaN, which counts as 0: the length, mixed in last, tells "a" from "a\0"
    const word = value.charCodeAt(i) | (value.charCodeAt(i + 1) << 16);
    high = round(high, word);
    low = round(low, ~word);
  }
  into.high = finished(high, length * 2);
  into.low = finished(low, length * 2);
}

function round(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(hash: number, bytes: number): number {
  let h = hash ^ bytes;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
