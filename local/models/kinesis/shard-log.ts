import type { EpochMs } from "../../../shared/time/time.ts";
import type { HashRange } from "./hash-space.ts";
import type { Shard, StoredRecord } from "./kinesis-api.ts";
import type { SequenceNumbers } from "./sequence-numbers.ts";
import { WriteLimit } from "./write-limit.ts";

/** Dropped records leave the array once there are this many and they are half of it: trimming stays O(1) a record. */
const COMPACT_FROM = 1_024;

export type ShardOrigin = {
  readonly id: string;
  readonly range: HashRange;
  /** None for a first shard, one after a split, two after a merge. */
  readonly parents: readonly string[];
  readonly numbers: SequenceNumbers;
};

/**
 * One shard: its records in an array. A record's position is its counter, from 1; the sequence number contains it,
 * so that finding a record costs no search.
 */
export class ShardLog {
  readonly origin: ShardOrigin;
  readonly writeLimit: WriteLimit = new WriteLimit();
  #records: StoredRecord[] = [];
  /** Index in the array of the oldest record that is still kept. */
  #head = 0;
  /** How many records have left the array. */
  #dropped = 0;
  #closedAt: EpochMs | undefined;

  constructor(origin: ShardOrigin) {
    this.origin = origin;
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

  append(data: Uint8Array, partitionKey: string, now: EpochMs): string {
    const newest = this.#records.at(-1)?.ApproximateArrivalTimestamp ?? now;
    const sequenceNumber = this.origin.numbers.at(this.end);
    this.#records.push({
      SequenceNumber: sequenceNumber,
      // Arrival times never run backwards within a shard: AT_TIMESTAMP searches them.
      ApproximateArrivalTimestamp: now < newest ? newest : now,
      Data: data,
      PartitionKey: partitionKey,
    });
    return sequenceNumber;
  }

  close(now: EpochMs): void {
    this.#closedAt = now;
  }

  /** Drops what arrived before `oldest`. */
  trim(oldest: EpochMs): void {
    while (this.#head < this.#records.length && this.#arrivedAt(this.#head) < oldest) this.#head += 1;
    const rest = this.#records.length - this.#head;
    if (this.#head === 0 || (rest > 0 && (this.#head < COMPACT_FROM || this.#head < rest))) return;
    this.#records = this.#records.slice(this.#head);
    this.#dropped += this.#head;
    this.#head = 0;
  }

  /** The position of the first kept record that arrived at `at` or later. */
  positionAt(at: EpochMs): number {
    let low = this.#head;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#arrivedAt(middle) < at) low = middle + 1;
      else high = middle;
    }
    return this.#dropped + low + 1;
  }

  /**
   * Reads from a position on: at most `maxRecords`, and at most `maxBytes` unless the first record alone is larger.
   * A position before the horizon starts at the horizon.
   */
  read(position: number, maxRecords: number, maxBytes: number): { records: StoredRecord[]; next: number } {
    const from = Math.max(position, this.horizon) - this.#dropped - 1;
    const most = Math.min(this.#records.length, from + maxRecords);
    let to = from;
    for (let bytes = 0; to < most; to += 1) {
      const record = this.#records[to];
      if (record === undefined) break;
      bytes += record.Data.byteLength + record.PartitionKey.length;
      if (bytes > maxBytes && to > from) break;
    }
    return { records: this.#records.slice(from, to), next: Math.max(position, this.#dropped + to + 1) };
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
        ...(this.#closedAt !== undefined && { EndingSequenceNumber: numbers.at(this.end) }),
      },
    };
  }

  #arrivedAt(index: number): number {
    return this.#records[index]?.ApproximateArrivalTimestamp ?? Number.POSITIVE_INFINITY;
  }
}
