import type { Key } from "../../shared/events/event.ts";

/** The bits of ids, and whether those of one are all among those of others. */
export type Bloom = {
  readonly bitsOf: (id: Key) => readonly number[];
  /** @param others - the bits of ids that are forgotten together, in their order */
  readonly has: (others: readonly (readonly number[])[], bits: readonly number[]) => boolean;
};

/** By the formulas of docs/operators/dedupe.md. */
export function bloom({ errorRate, capacity }: { errorRate: number; capacity: number }): Bloom {
  // filters of a quarter of the ids, and of the errors
  const n = Math.ceil(capacity / 4);
  const k = Math.ceil(Math.log2(4 / errorRate));
  const m = Math.ceil((-k * n) / Math.log(1 - (errorRate / 4) ** (1 / k)));
  return {
    has: (others, bits) =>
      others.some((_, i) => {
        const set = new Set(i % n === 0 ? others.slice(i, i + n).flat() : []);
        return bits.every((bit) => set.has(bit));
      }),
    bitsOf: (id) => {
      const [a, b] = hashOf(id);
      return Array.from({ length: k }, (_, nth) => {
        const i = BigInt(nth);
        return Number((a + i * b + (i ** 3n - i) / 6n) % BigInt(m));
      });
    },
  };
}

const WORD = 2n ** 32n;
const SEEDS = [0x9747b28cn, 0x3c6ef372n] as const;
const NUMBER = 0x85ebca6bn;

/** MurmurHash3's 32-bit rounds, twice: over the words of the id and from its own seed, each. */
function hashOf(id: Key): readonly [bigint, bigint] {
  if (typeof id === "number") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(id === 0 ? 0 : id);
    const words = [BigInt(bytes.readUInt32BE(0)), BigInt(bytes.readUInt32BE(4))];
    return [murmur(SEEDS[0] ^ NUMBER, words, 8n), murmur(SEEDS[1] ^ NUMBER, words.toReversed(), 8n)];
  }
  const bytes = Buffer.from(id, "utf16le");
  const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 4)]);
  const words = Array.from({ length: padded.length / 4 }, (_, i) => BigInt(padded.readUInt32LE(4 * i)));
  const length = BigInt(bytes.length);
  const inverted = words.map((word) => WORD - 1n - word);
  return [murmur(SEEDS[0], words, length), murmur(SEEDS[1], inverted, length)];
}

const turned = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (32n - by))) % WORD;

function murmur(seed: bigint, words: readonly bigint[], length: bigint): bigint {
  let hash = seed;
  for (const word of words) {
    const mixed = (turned((word * 0xcc9e2d51n) % WORD, 15n) * 0x1b873593n) % WORD;
    hash = (turned(hash ^ mixed, 13n) * 5n + 0xe6546b64n) % WORD;
  }
  hash ^= length;
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) % WORD;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) % WORD;
  return hash ^ (hash >> 16n);
}
