import type { EpochMs } from "../../../shared/time/time.ts";

const DAY_MS = 86_400_000;

/** So many times in any 24 hours. */
export class DailyQuota {
  readonly #most: number;
  /** When the last of them were taken, oldest first. */
  #taken: readonly EpochMs[];

  constructor(most: number, taken: readonly EpochMs[] = []) {
    this.#most = most;
    this.#taken = taken;
  }

  get taken(): readonly EpochMs[] {
    return this.#taken;
  }

  isFree(now: EpochMs): boolean {
    return this.#taken.filter((at) => at > now - DAY_MS).length < this.#most;
  }

  take(now: EpochMs): void {
    this.#taken = [...this.#taken, now].slice(-this.#most);
  }
}
