import type { EpochMs } from "../../../shared/time/time.ts";

const BYTES_PER_SECOND = 1_048_576;
const RECORDS_PER_SECOND = 1_000;

/** What one shard takes in each second of the clock: 1 MiB and 1,000 records. */
export class WriteLimit {
  #second = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #records = 0;

  /** Takes a record's bytes from this second's allowance; false, and nothing taken, where they do not fit. */
  take(bytes: number, now: EpochMs): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytes = 0;
      this.#records = 0;
    }
    // A record larger than a second's allowance passes alone: Kinesis takes such ones as a burst.
    const tooBig = this.#bytes > 0 && this.#bytes + bytes > BYTES_PER_SECOND;
    if (tooBig || this.#records >= RECORDS_PER_SECOND) return false;
    this.#bytes += bytes;
    this.#records += 1;
    return true;
  }
}
