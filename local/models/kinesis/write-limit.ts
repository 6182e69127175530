import type { EpochMs } from "../../../shared/time/time.ts";
import { Allowance } from "./allowance.ts";

const BYTES_PER_SECOND = 1_048_576;
const RECORDS_PER_SECOND = 1_000;
const HOT_BYTES = 500_000;
const HOT_RECORDS = RECORDS_PER_SECOND / 2;

/**
 * What one shard takes in each second of the clock: 1 MiB and 1,000 records. A record that is larger than a second's
 * bytes passes where nothing was taken in its second yet, and the seconds after it pay for it
 * (https://docs.aws.amazon.com/streams/latest/dev/large-records.html).
 */
export class WriteLimit {
  readonly #bytes = new Allowance(BYTES_PER_SECOND);
  readonly #records = new Allowance(RECORDS_PER_SECOND);

  /** Takes a record's bytes from this second's allowance; false, and nothing taken, where they do not fit. */
  take(bytes: number, now: EpochMs): boolean {
    const fits = bytes <= this.#bytes.left(now) || this.#bytes.used(now) === 0;
    if (!fits || this.#records.left(now) < 1) return false;
    this.#bytes.take(bytes, now);
    this.#records.take(1, now);
    return true;
  }

  /** Whether this second took what makes AWS split a shard of an on-demand stream: 500 KB, or half the records. */
  isHot(now: EpochMs): boolean {
    return this.#bytes.used(now) >= HOT_BYTES || this.#records.used(now) >= HOT_RECORDS;
  }
}
