import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { hash64 } from "../../../shared/operators/sketches/hash64.ts";

const hashed = (value: string | number): string => {
  const hash = { high: 0, low: 0 };
  hash64(value, hash);
  return [hash.high, hash.low].map((word) => word.toString(16).padStart(8, "0")).join(" ");
};

const MASK = 0xffff_ffffn;
const times = (a: bigint, b: bigint): bigint => (a * b) & MASK;
const turned = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (32n - by))) & MASK;

/** MurmurHash3's 32-bit rounds and its end, in whole numbers, over words. */
function murmur(words: readonly number[], seed: number, bytes: number): number {
  let h = BigInt(seed);
  for (const word of words) {
    const k = times(turned(times(BigInt(word >>> 0), 0xcc9e2d51n), 15n), 0x1b873593n);
    h = (times(turned(h ^ k, 13n), 5n) + 0xe6546b64n) & MASK;
  }
  h ^= BigInt(bytes);
  h = times(h ^ (h >> 16n), 0x85ebca6bn);
  h = times(h ^ (h >> 13n), 0xc2b2ae35n);
  return Number(h ^ (h >> 16n));
}

const word = (text: string, i: number): number =>
  (text.charCodeAt(i) || 0) | ((text.charCodeAt(i + 1) || 0) << 16);

describe("the hash of a value", () => {
  test.prop([fc.string({ unit: "binary", maxLength: 9 })])(
    "is that of MurmurHash3 over the words of a text, and over their complements",
    (text) => {
      const words = Array.from({ length: Math.ceil(text.length / 2) }, (_, i) => word(text, 2 * i));
      const bytes = 2 * text.length;
      const hash = { high: 0, low: 0 };
      hash64(text, hash);
      expect(hash).toEqual({
        high: murmur(words, 0x9747b28c, bytes),
        low: murmur(
          words.map((one) => ~one),
          0x3c6ef372,
          bytes,
        ),
      });
    },
  );

  test.prop([fc.double()])("is that of MurmurHash3 over the words of a number, both ways round", (number) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, number === 0 ? 0 : number);
    const words = [view.getUint32(0), view.getUint32(4)];
    const seed = (word: number): number => (word ^ 0x85ebca6b) >>> 0;
    const hash = { high: 0, low: 0 };
    hash64(number, hash);
    expect(hash).toEqual({
      high: murmur(words, seed(0x9747b28c), 8),
      low: murmur(words.toReversed(), seed(0x3c6ef372), 8),
    });
  });

  test("tells a number from the text that shows it, and not 0 from -0", () => {
    expect(hashed(1)).not.toBe(hashed("1"));
    expect(hashed(-0)).toBe(hashed(0));
  });

  test("is what logs hold from before", () => {
    expect(["", "a", "a\0", "event-1", 0, 1, -1.5, 2 ** 53].map(hashed)).toEqual([
      "ebb6c228 3cd6e3f3",
      "3234ab47 9ef7efd8",
      "a70e0325 b3265482",
      "462dca7b b48eb70f",
      "3c8122b4 04accddf",
      "b80e04e5 a3a01178",
      "7f7e24da 63514630",
      "2b1cfa0b 3a98adc0",
    ]);
  });
});
