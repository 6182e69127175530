import type { EpochMs } from "../../shared/time/time.ts";

/**
 * A rate limit as AWS states them: `rate` tokens a second flow into a bucket that holds `burst` of them
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html).
 */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: EpochMs;

  /** It is full at first. */
  constructor(rate: number, burst: number, now: EpochMs) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes a token; false where there is none. */
  take(now: EpochMs): boolean {
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + (passed * this.#rate) / 1_000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
