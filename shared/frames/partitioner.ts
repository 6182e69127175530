import type { Key } from "../events/event.ts";
import { md5Words } from "./md5.ts";

const WORD = 2 ** 32;
const HASH_SPACE = 2n ** 128n;
/** Of the key that is being hashed. */
const words = new Uint32Array(4);

/**
 * The partition that owns a key: `floor(MD5(key) × partitions / 2^128)`, as Kinesis maps partition keys to
 * its hash space. A number is hashed as `String(n)`, so that 1 and "1" share a partition (never a key).
 * @param partitions - 1 to 2^20: products of a hash word and it stay exact in a double
 */
export function partitionOf(key: Key, partitions: number): number {
  md5Words(String(key), words);
  // long multiplication from the lowest word up; what carries out of the top is the floor
  let carry = 0;
  for (let i = 3; i >= 0; i -= 1) carry = Math.floor(((words[i] ?? 0) * partitions + carry) / WORD);
  return carry;
}

/** Keys of a generation: what is remembered is a few MB at most, whatever the keys. */
const REMEMBERED = 20_000;

/**
 * `partitionOf` for a number of partitions, remembering what it has hashed: hashing costs 0.25 µs, a look-up a tenth.
 * The last 20,000 keys are known, and up to 40,000: a new generation takes over those of the old one that come again, so
 * that no key that is often met is ever forgotten.
 *
 * All that ask for one number of partitions share what is remembered.
 */
export function createPartitioner(partitions: number): (key: Key) => number {
  if (partitions === 1) return () => 0;
  let partitioner = partitioners.get(partitions);
  if (partitioner === undefined) {
    partitioner = rememberingPartitioner(partitions);
    partitioners.set(partitions, partitioner);
  }
  return partitioner;
}

const partitioners = new Map<number, (key: Key) => number>();

function rememberingPartitioner(partitions: number): (key: Key) => number {
  let known = new Map<Key, number>();
  let before = new Map<Key, number>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const partition = before.get(key) ?? partitionOf(key, partitions);
    if (known.size === REMEMBERED) {
      before = known;
      known = new Map();
    }
    known.set(key, partition);
    return partition;
  };
}

/**
 * The explicit hash key that leads a record to the shard of a partition: the start of the partition's range,
 * rounded up, since a range need not start at a whole number.
 */
export const hashKeyOf = (partition: number, partitions: number): string =>
  ((BigInt(partition) * HASH_SPACE + BigInt(partitions) - 1n) / BigInt(partitions)).toString();
