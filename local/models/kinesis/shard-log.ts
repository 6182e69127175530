import type { EpochMs } from "../../../shared/time/time.ts";
import type { HashRange } from "./hash-space.ts";
import type { Shard, StoredRecord } from "./kinesis-api.ts";
import { ReadLimit } from "./read-limit.ts";
import { sizeOf } from "./record-checks.ts";
import type { RecordMemory } from "./record-memory.ts";
import { SequenceNumbers } from "./sequence-numbers.ts";
import { WriteLimit } from "./write-limit.ts";

/** Dropped places leave the array once there are this many and they are half of it: trimming stays O(1) a record. */
const COMPACT_FROM = 1_024;

export type ShardOrigin = {
  readonly id: string;
  readonly range: HashRange;
  /** None for a first shard, one after a split, two after a merge. */
  readonly parents: readonly string[];
  readonly numbers: SequenceNumbers;
  readonly openedAt: EpochMs;
};

/** A shard without its records, as it is kept. */
export type SavedShard = Omit<ShardOrigin, "numbers"> & {
  readonly generation: number;
  readonly shardIndex: number;
  readonly horizon: number;
  readonly closedAt: EpochMs | undefined;
};

/**
 * One shard: its records in an array. A record's position is its counter, from 1; the sequence number contains it,
 * so that finding a record costs no search.
 */
export class ShardLog {
  readonly origin: ShardOrigin;
  readonly writeLimit: WriteLimit = new WriteLimit();
  readonly readLimit: ReadLimit = new ReadLimit();
  readonly #memory: RecordMemory;
  #records: (StoredRecord | undefined)[] = [];
  /** Index in the array of the oldest record that is still kept; the places before it are empty. */
  #head = 0;
  /** How many places have left the array. */
  #dropped = 0;
  #closedAt: EpochMs | undefined;

  constructor(origin: ShardOrigin, memory: RecordMemory) {
    this.origin = origin;
    this.#memory = memory;
  }

  /** The shard as it was saved, its records still to be put in, by `append`. */
  static restore(saved: SavedShard, streamCreatedAt: EpochMs, memory: RecordMemory): ShardLog {
    const { generation, shardIndex, horizon, closedAt, ...origin } = saved;
    const numbers = new SequenceNumbers(streamCreatedAt, generation, shardIndex);
    const shard = new ShardLog({ ...origin, numbers }, memory);
    shard.#dropped = horizon - 1;
    shard.#closedAt = closedAt;
    return shard;
  }

  /** What to make the same one of, but for its records. */
  save(): SavedShard {
    const { numbers, ...origin } = this.origin;
    const { generation, shardIndex } = numbers;
    return { ...origin, generation, shardIndex, horizon: this.horizon, closedAt: this.#closedAt };
  }

  /** The records that are kept, oldest first. */
  kept(): readonly StoredRecord[] {
    return this.#records.slice(this.#head).filter((record) => record !== undefined);
  }

  get closedAt(): EpochMs | undefined {
    return this.#closedAt;
  }

  /** The position behind the newest record. */
  get end(): number {
    return this.#dropped + this.#records.length + 1;
  }

  /** The position of the oldest record that is kept. */
  get horizon(): number {
    return this.#dropped + this.#head + 1;
  }

  /** The sequence number that the next record gets. */
  get nextSequenceNumber(): string {
    return this.origin.numbers.at(this.end);
  }

  append(data: Uint8Array, partitionKey: string, now: EpochMs): string {
    const newest = this.#records.at(-1)?.ApproximateArrivalTimestamp ?? now;
    const record = {
      SequenceNumber: this.nextSequenceNumber,
      // Arrival times never run backwards within a shard: AT_TIMESTAMP searches them.
      ApproximateArrivalTimestamp: now < newest ? newest : now,
      Data: data,
      PartitionKey: partitionKey,
    };
    this.#records.push(record);
    this.#memory.add(sizeOf(record));
    return record.SequenceNumber;
  }

  close(now: EpochMs): void {
    this.#closedAt = now;
  }

  /** Drops what arrived before `oldest`. */
  trim(oldest: EpochMs): void {
    for (let record = this.#records[this.#head]; record !== undefined; record = this.#records[this.#head]) {
      if (record.ApproximateArrivalTimestamp >= oldest) break;
      this.#records[this.#head] = undefined;
      this.#head += 1;
      this.#memory.release(sizeOf(record));
    }
    const rest = this.#records.length - this.#head;
    if (this.#head === 0 || (rest > 0 && (this.#head < COMPACT_FROM || this.#head < rest))) return;
    this.#records = this.#records.slice(this.#head);
    this.#dropped += this.#head;
    this.#head = 0;
  }

  /** Drops everything. */
  clear(): void {
    this.trim(Number.POSITIVE_INFINITY as EpochMs);
  }

  /** The position of the first kept record that arrived at `at` or later. */
  positionAt(at: EpochMs): number {
    let low = this.#head;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#records[middle]?.ApproximateArrivalTimestamp ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return this.#dropped + low + 1;
  }

  /**
   * Reads from a position on: at most `maxRecords`, and at most `maxBytes` unless the first record alone is larger.
   * A position before the horizon starts at the horizon.
   */
  read(position: number, maxRecords: number, maxBytes: number): ShardPage {
    const from = Math.max(position, this.horizon) - this.#dropped - 1;
    const most = Math.min(this.#records.length, from + maxRecords);
    const records: StoredRecord[] = [];
    let bytes = 0;
    for (let index = from; index < most; index += 1) {
      const record = this.#records[index];
      if (record === undefined) break;
      const size = sizeOf(record);
      if (bytes + size > maxBytes && records.length > 0) break;
      bytes += size;
      records.push(record);
    }
    return { records, bytes, next: Math.max(position, this.#dropped + from + records.length + 1) };
  }

  describe(): Shard {
    const { id, range, parents, numbers } = this.origin;
    const [parent, adjacent] = parents;
    return {
      ShardId: id,
      ...(parent !== undefined && { ParentShardId: parent }),
      ...(adjacent !== undefined && { AdjacentParentShardId: adjacent }),
      HashKeyRange: { StartingHashKey: range.start.toString(), EndingHashKey: range.end.toString() },
      SequenceNumberRange: {
        StartingSequenceNumber: numbers.at(0),
        ...(this.#closedAt !== undefined && { EndingSequenceNumber: this.nextSequenceNumber }),
      },
    };
  }
}

/** Records of a shard in order, with their size, and the position behind them. */
export type ShardPage = {
  readonly records: readonly StoredRecord[];
  readonly bytes: number;
  readonly next: number;
};
