import type { EpochMs } from "../../../shared/time/time.ts";

const SHARD_BITS = 24n;
const COUNTER_BITS = 84n;
const TIME_BITS = 44n;
const COUNTER: bigint = ((1n << COUNTER_BITS) - 1n) << SHARD_BITS;

/**
 * The sequence numbers of one shard: 186 bits, so 56 decimal digits like the real ones, and too many for a
 * double or a long. From the top: `10`, the generation of resharding, the stream's creation time, a counter,
 * the shard's index. They grow within a shard, and a child's are above its parents'; between shards that are open
 * together they say nothing about time, as in Kinesis.
 */
export class SequenceNumbers {
  readonly generation: number;
  readonly shardIndex: number;
  readonly #base: bigint;

  constructor(createdAt: EpochMs, generation: number, shardIndex: number) {
    this.generation = generation;
    this.shardIndex = shardIndex;
    const top = ((1n << (185n - TIME_BITS - COUNTER_BITS - SHARD_BITS)) | BigInt(generation)) << TIME_BITS;
    const time = BigInt.asUintN(Number(TIME_BITS), BigInt(createdAt));
    this.#base = ((top | time) << (COUNTER_BITS + SHARD_BITS)) | BigInt(shardIndex);
  }

  /** The number of the shard's nth record, from 1; 0 stands for the shard's start. */
  at(counter: number): string {
    return (this.#base + (BigInt(counter) << SHARD_BITS)).toString();
  }

  /** The counter in a number of this shard; undefined for any other number. */
  counterOf(sequenceNumber: string): number | undefined {
    const counter = BigInt(sequenceNumber) ^ this.#base;
    return (counter & ~COUNTER) === 0n ? Number(counter >> SHARD_BITS) : undefined;
  }

  /** The counter of the first record whose number is > the given one, at least 1. */
  firstAfter(sequenceNumber: string): number {
    const past = BigInt(sequenceNumber) - this.#base;
    return past < 0n ? 1 : Number(past >> SHARD_BITS) + 1;
  }
}
