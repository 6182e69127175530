import { hash } from "node:crypto";

/** One more than the largest hash key: partition keys are hashed by MD5 to 128 bits. */
const HASH_SPACE: bigint = 1n << 128n;

/** A range of hash keys, both ends included, as Kinesis has it. */
export type HashRange = { readonly start: bigint; readonly end: bigint };

/** Where a partition key lies in the hash space. */
export const hashKeyOf = (partitionKey: string): bigint => BigInt(`0x${hash("md5", partitionKey, "hex")}`);

/** Reads an explicit hash key; undefined where it is no decimal below 2^128. */
export function parseHashKey(text: string): bigint | undefined {
  if (!/^(0|[1-9]\d{0,38})$/.test(text)) return undefined;
  const key = BigInt(text);
  return key < HASH_SPACE ? key : undefined;
}

/** The whole hash space in `count` ranges of the same size (the last one takes the rest), in order. */
export function uniformRanges(count: number): HashRange[] {
  const size = HASH_SPACE / BigInt(count);
  return Array.from({ length: count }, (_, i) => ({
    start: size * BigInt(i),
    end: i === count - 1 ? HASH_SPACE - 1n : size * BigInt(i + 1) - 1n,
  }));
}
