import type { Clock } from "../../shared/time/clock.ts";
import { ServiceError } from "../models/service-error.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Invocations a second for each concurrent execution of a limit. */
const RATE_PER_EXECUTION = 10;

/** Functions that are counted together: one with reserved concurrency, or all the others. */
type Share = { limit: number; rate: TokenBucket; running: number };

/**
 * Counts the concurrent executions of an account. A function with reserved concurrency has so many for itself, the
 * others share what is left; nothing waits for a place
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html).
 */
export class Concurrency {
  readonly #account: number;
  readonly #clock: Clock;
  readonly #reserved = new Map<string, Share>();
  readonly #unreserved: Share;

  /** @param account - concurrent executions of all functions together */
  constructor(account: number, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
    this.#unreserved = this.#share(account);
  }

  /** Sets a function's reserved concurrency, or takes it away. What runs stays where it is counted. */
  reserve(functionName: string, limit: number | undefined): void {
    const share = this.#reserved.get(functionName);
    if (share?.limit === limit) return;
    if (limit === undefined) this.#reserved.delete(functionName);
    else if (share === undefined) this.#reserved.set(functionName, this.#share(limit));
    else this.#resize(share, limit);
    const reserved = [...this.#reserved.values()].reduce((sum, { limit: each }) => sum + each, 0);
    this.#resize(this.#unreserved, this.#account - reserved);
  }

  /** Whether a reserved concurrency of 0 switches the function off. */
  isOff(functionName: string): boolean {
    return this.#reserved.get(functionName)?.limit === 0;
  }

  /**
   * Begins an execution; what it returns ends it.
   * @throws ServiceError TooManyRequestsException, with AWS's `Reason`
   */
  enter(functionName: string): () => void {
    const reserved = this.#reserved.get(functionName);
    const share = reserved ?? this.#unreserved;
    const prefix = reserved === undefined ? "" : "ReservedFunction";
    if (share.running >= share.limit) throw throttled(`${prefix}ConcurrentInvocationLimitExceeded`);
    if (!share.rate.take(this.#clock.now()))
      throw throttled(`${prefix || "Function"}InvocationRateLimitExceeded`);
    share.running += 1;
    return () => {
      share.running -= 1;
    };
  }

  #share(limit: number): Share {
    return { limit, rate: this.#rateOf(limit), running: 0 };
  }

  #resize(share: Share, limit: number): void {
    share.limit = limit;
    share.rate = this.#rateOf(limit);
  }

  #rateOf(limit: number): TokenBucket {
    const rate = Math.max(0, limit) * RATE_PER_EXECUTION;
    return new TokenBucket(rate, rate, this.#clock.now());
  }
}

const throttled = (Reason: string): ServiceError =>
  new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429, { Reason });
