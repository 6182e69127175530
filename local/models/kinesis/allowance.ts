import type { EpochMs } from "../../../shared/time/time.ts";

/**
 * So much a second of the clock. What is taken beyond it is borrowed: the seconds that follow pay it back before
 * they give anything, so that the mean over time is kept.
 */
export class Allowance {
  readonly perSecond: number;
  #second = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  /** What this second has given, and what it owes for those before it. */
  used(now: EpochMs): number {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      // A clock that was set back repays nothing.
      const passed = Math.max(0, second - this.#second);
      this.#used = Math.max(0, this.#used - this.perSecond * passed);
      this.#second = second;
    }
    return this.#used;
  }

  left(now: EpochMs): number {
    return Math.max(0, this.perSecond - this.used(now));
  }

  take(amount: number, now: EpochMs): void {
    this.#used = this.used(now) + amount;
  }
}
