import type { Clock } from "../../../shared/time/clock.ts";
import { type DurationMs, type EpochMs, epochMs, plus } from "../../../shared/time/time.ts";

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: EpochMs = epochMs(1_356_998_400_000);

  now(): EpochMs {
    return this.#now;
  }

  advance(by: DurationMs): void {
    this.#now = plus(this.#now, by);
  }
}
