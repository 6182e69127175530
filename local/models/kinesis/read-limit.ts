import type { EpochMs } from "../../../shared/time/time.ts";
import { Allowance } from "./allowance.ts";

const BYTES_PER_SECOND = 2 * 1_048_576;
const CALLS_PER_SECOND = 5;

/**
 * What one shard gives in each second of the clock, to all its readers together: 5 GetRecords and 2 MiB, and beside
 * them 5 GetShardIterator. A call may take more bytes; those that follow are refused until the mean is 2 MiB a second
 * again, which is 5 seconds after 10 MiB (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html).
 */
export class ReadLimit {
  readonly #bytes = new Allowance(BYTES_PER_SECOND);
  readonly #reads = new Allowance(CALLS_PER_SECOND);
  readonly #iterators = new Allowance(CALLS_PER_SECOND);

  /** Counts a GetRecords; false, and nothing counted, where it comes too soon. */
  takeRead(now: EpochMs): boolean {
    if (this.#reads.left(now) < 1 || this.#bytes.left(now) === 0) return false;
    this.#reads.take(1, now);
    return true;
  }

  /** Counts what a GetRecords gave. */
  given(bytes: number, now: EpochMs): void {
    this.#bytes.take(bytes, now);
  }

  /** Counts a GetShardIterator; false, and nothing counted, where it comes too soon. */
  takeIterator(now: EpochMs): boolean {
    if (this.#iterators.left(now) < 1) return false;
    this.#iterators.take(1, now);
    return true;
  }
}
