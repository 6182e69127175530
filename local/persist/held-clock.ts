import type { Clock } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";

/** A clock that can be held: while an operation runs it has one time, so that running it again does the same. */
export class HeldClock implements Clock {
  readonly #clock: Clock;
  #heldAt: EpochMs | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): EpochMs {
    return this.#heldAt ?? this.#clock.now();
  }

  /** Runs something at a time of its own. */
  at<T>(time: EpochMs, run: () => T): T {
    const before = this.#heldAt;
    this.#heldAt = time;
    try {
      return run();
    } finally {
      this.#heldAt = before;
    }
  }
}
