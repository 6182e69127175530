import { md5 } from "@noble/hashes/legacy.js";
import type { Key } from "../events/event.ts";

const WORD = 2 ** 32;
const HASH_SPACE = 2n ** 128n;
const utf8 = new TextEncoder();

/**
 * The partition that owns a key: `floor(MD5(key) × partitions / 2^128)`, as Kinesis maps partition keys to
 * its hash space. A number is hashed as `String(n)`, so that 1 and "1" share a partition (never a key).
 * @param partitions - 1 to 2^20: products of a hash word and it stay exact in a double
 */
export function partitionOf(key: Key, partitions: number): number {
  const hash = md5(utf8.encode(String(key)));
  const words = new DataView(hash.buffer, hash.byteOffset, 16);
  // long multiplication from the lowest word up; what carries out of the top is the floor
  let carry = 0;
  for (let at = 12; at >= 0; at -= 4) carry = Math.floor((words.getUint32(at) * partitions + carry) / WORD);
  return carry;
}

/** Keys that a partitioner remembers before it starts over: a few MB at most, whatever the keys. */
const REMEMBERED = 20_000;

/** `partitionOf` for one stream, remembering what it has hashed: hashing costs 1.5 µs, a look-up a tenth. */
export function createPartitioner(partitions: number): (key: Key) => number {
  if (partitions === 1) return () => 0;
  const known = new Map<Key, number>();
  return (key) => {
    let partition = known.get(key);
    if (partition === undefined) {
      partition = partitionOf(key, partitions);
      if (known.size === REMEMBERED) known.clear();
      known.set(key, partition);
    }
    return partition;
  };
}

/**
 * The explicit hash key that leads a record to the shard of a partition: the start of the partition's range,
 * rounded up, since a range need not start at a whole number.
 */
export const hashKeyOf = (partition: number, partitions: number): string =>
  ((BigInt(partition) * HASH_SPACE + BigInt(partitions) - 1n) / BigInt(partitions)).toString();
