import type { Clock } from "../../shared/time/clock.ts";
import { TokenBucket } from "../lambda/token-bucket.ts";

/** Requests a second, and how many at once. */
export type Throttle = { readonly rate: number; readonly burst: number };

/** Of all APIs of an account together. */
export const ACCOUNT_THROTTLE: Throttle = { rate: 10_000, burst: 5_000 };

/** Rate limits by what they are for; one that is given another limit begins with a full bucket. */
export class Throttles {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { readonly throttle: Throttle; readonly bucket: TokenBucket }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether another request may pass; it is counted where it may. Without a throttle it may. */
  take(key: string, throttle: Throttle | undefined): boolean {
    if (throttle === undefined) return true;
    const now = this.#clock.now();
    const { rate, burst } = throttle;
    const known = this.#buckets.get(key);
    if (known?.throttle.rate === rate && known.throttle.burst === burst) return known.bucket.take(now);
    const bucket = new TokenBucket(rate, burst, now);
    this.#buckets.set(key, { throttle, bucket });
    return bucket.take(now);
  }
}
