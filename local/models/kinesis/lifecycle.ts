import type { EpochMs } from "../../../shared/time/time.ts";

type Passing = "CREATING" | "UPDATING" | "DELETING";
export type Status = Passing | "ACTIVE";

/** The states of a stream or a consumer: one that passes until a time, then ACTIVE, or gone after DELETING. */
export class Lifecycle {
  #passing: Passing;
  #until: EpochMs;

  constructor(passing: Passing, until: EpochMs) {
    this.#passing = passing;
    this.#until = until;
  }

  enter(passing: Passing, until: EpochMs): void {
    this.#passing = passing;
    this.#until = until;
  }

  /** What to make the same one of. */
  save(): readonly [passing: Passing, until: EpochMs] {
    return [this.#passing, this.#until];
  }

  /** Undefined once it is gone. */
  at(now: EpochMs): Status | undefined {
    if (now < this.#until) return this.#passing;
    return this.#passing === "DELETING" ? undefined : "ACTIVE";
  }
}
