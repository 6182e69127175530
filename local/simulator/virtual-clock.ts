import type { Clock } from "../../shared/time/clock.ts";
import { type DurationMs, type EpochMs, plus } from "../../shared/time/time.ts";

/** Time that passes when it is told to. */
export class VirtualClock implements Clock {
  #now: EpochMs;

  constructor(start: EpochMs) {
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now;
  }

  advance(by: DurationMs): void {
    this.#now = plus(this.#now, by);
  }
}
