import type { Hash64 } from "../sketches/hash64.ts";
import { BloomFilter } from "./filter.ts";
import type { PartSize } from "./size.ts";

/** Bytes of a hash in a log entry. */
const HASH_BYTES = 8;

type Part = { readonly filter: BloomFilter; ids: number };

/** The ids that are forgotten together, in filters of which each but the last is full; and what a batch added to them. */
export class Generation {
  readonly #size: PartSize;
  readonly #parts: Part[] = [];
  /** The batch that touched it last. */
  batch = 0;
  /** Bits that the batch set in the part that was the last one before it. */
  #set: number[] = [];
  #partsBefore = 0;
  /** Hashes that the batch added, a word after another. */
  #added: number[] = [];

  constructor(size: PartSize) {
    this.#size = size;
  }

  get ids(): number {
    return this.#parts.reduce((sum, { ids }) => sum + ids, 0);
  }

  has(hash: Hash64): boolean {
    return this.#parts.some(({ filter }) => filter.has(hash));
  }

  add(hash: Hash64): void {
    this.#put(hash);
    this.#added.push(hash.high, hash.low);
  }

  #put(hash: Hash64): void {
    let last = this.#parts.at(-1);
    if (last === undefined || last.ids >= this.#size.capacity) {
      last = { filter: new BloomFilter(this.#size), ids: 0 };
      this.#parts.push(last);
    }
    last.filter.add(hash, this.#parts.length === this.#partsBefore ? this.#set : []);
    last.ids += 1;
  }

  /** A batch begins to add to it; gives what takes that back. */
  touch(batch: number): () => void {
    this.batch = batch;
    this.#set = [];
    this.#partsBefore = this.#parts.length;
    const last = this.#parts.at(-1);
    const ids = last?.ids ?? 0;
    const { length } = this.#parts;
    return () => {
      this.#parts.length = length;
      if (last !== undefined) {
        for (const bit of this.#set) last.filter.clear(bit);
        last.ids = ids;
      }
      this.clean();
    };
  }

  /** Forgets what the batch did: it is kept. */
  clean(): void {
    this.#set = [];
    this.#added = [];
  }

  /** What the batch added, for its log entry: 8 bytes an id. */
  takeAdded(): Uint8Array | undefined {
    if (this.#added.length === 0) return undefined;
    const bytes = new Uint8Array(this.#added.length * 4);
    const view = new DataView(bytes.buffer);
    for (const [i, word] of this.#added.entries()) view.setUint32(i * 4, word);
    this.#added = [];
    return bytes;
  }

  /** Adds what an entry has. */
  addLogged(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const hash: Hash64 = { high: 0, low: 0 };
    for (let at = 0; at < bytes.byteLength; at += HASH_BYTES) {
      hash.high = view.getUint32(at);
      hash.low = view.getUint32(at + 4);
      this.#put(hash);
    }
    this.clean();
  }

  /** Of each part how many ids it has, and copies of the blocks that have a bit set. */
  *content(): Iterable<
    readonly [part: number, ids: number, blocks: Iterable<readonly [number, Uint8Array]>]
  > {
    for (const [part, { filter, ids }] of this.#parts.entries()) yield [part, ids, filter.blocks()];
  }

  /** Takes up a part; its blocks follow. */
  begin(part: number, ids: number): void {
    this.#parts[part] = { filter: new BloomFilter(this.#size), ids };
  }

  load(part: number, block: number, bytes: Uint8Array): void {
    this.#parts[part]?.filter.load(block, bytes);
  }
}
