import type { Hash64 } from "../sketches/hash64.ts";
import type { BloomSize } from "./size.ts";

/** Memory comes in blocks of this many bits, those with no bit set excepted. */
const BLOCK_SHIFT = 15;
const BLOCK_BYTES = 1 << (BLOCK_SHIFT - 3);
const BLOCK_MASK = (1 << BLOCK_SHIFT) - 1;

/**
 * A set of hashes that may take one for another, and forgets none.
 *
 * The bits of a hash are a + ib + (i³ − i)/6 of its two halves: double hashing makes no more errors than as many hashes
 * of their own would, as the filter grows (Kirsch and Mitzenmacher, Less hashing, same performance, ESA 2006), and the
 * third term takes out what small filters suffer from (Dillinger and Manolios, Bloom filters in probabilistic
 * verification, FMCAD 2004).
 */
export class BloomFilter {
  readonly #size: BloomSize;
  readonly #blocks: (Uint8Array | undefined)[] = [];

  constructor(size: BloomSize) {
    this.#size = size;
  }

  has({ high, low }: Hash64): boolean {
    const { bits, hashes } = this.#size;
    let a = high % bits;
    let b = low % bits;
    for (let i = 1; ; i += 1) {
      if (!this.#isSet(a)) return false;
      if (i >= hashes) return true;
      a = (a + b) % bits;
      b = (b + i) % bits;
    }
  }

  /** @param into - is told of each bit that was not set before */
  add({ high, low }: Hash64, into: number[]): void {
    const { bits, hashes } = this.#size;
    let a = high % bits;
    let b = low % bits;
    for (let i = 1; i <= hashes; i += 1) {
      if (!this.#isSet(a)) {
        this.#set(a);
        into.push(a);
      }
      a = (a + b) % bits;
      b = (b + i) % bits;
    }
  }

  clear(bit: number): void {
    const block = this.#blocks[bit >>> BLOCK_SHIFT];
    if (block !== undefined) block[(bit & BLOCK_MASK) >>> 3] = byteOf(block, bit) & ~(1 << (bit & 7));
  }

  #isSet(bit: number): boolean {
    const block = this.#blocks[bit >>> BLOCK_SHIFT];
    return block !== undefined && (byteOf(block, bit) & (1 << (bit & 7))) !== 0;
  }

  #set(bit: number): void {
    let block = this.#blocks[bit >>> BLOCK_SHIFT];
    if (block === undefined) {
      // the last one is as long as it must be, and so is a small filter
      const left = Math.ceil((this.#size.bits - (bit & ~BLOCK_MASK)) / 8);
      block = new Uint8Array(Math.min(BLOCK_BYTES, left));
      this.#blocks[bit >>> BLOCK_SHIFT] = block;
    }
    block[(bit & BLOCK_MASK) >>> 3] = byteOf(block, bit) | (1 << (bit & 7));
  }

  /** Copies of the blocks that have a bit set, or had one. */
  *blocks(): Iterable<readonly [index: number, bytes: Uint8Array]> {
    for (const [index, bytes] of this.#blocks.entries())
      if (bytes !== undefined) yield [index, bytes.slice()];
  }

  load(index: number, bytes: Uint8Array): void {
    this.#blocks[index] = bytes.slice();
  }
}

const byteOf = (block: Uint8Array, bit: number): number => block[(bit & BLOCK_MASK) >>> 3] as number;
