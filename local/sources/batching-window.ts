import type { Clock } from "../../shared/time/clock.ts";
import { type DurationMs, type EpochMs, milliseconds } from "../../shared/time/time.ts";

/**
 * Windows in which a batch is gathered: one after the other, a new one as soon as an invocation completes
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html).
 */
export class BatchingWindow {
  readonly length: DurationMs;
  readonly #clock: Clock;
  #startedAt: EpochMs;

  constructor(length: DurationMs, clock: Clock) {
    this.length = length;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  restart(): void {
    this.#startedAt = this.#clock.now();
  }

  /** What is left of the window of now. */
  left(): DurationMs {
    if (this.length === 0) return this.length;
    return milliseconds(this.length - ((this.#clock.now() - this.#startedAt) % this.length));
  }
}
