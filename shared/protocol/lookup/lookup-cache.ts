import type { Key } from "../../events/event.ts";
import type { Answer } from "../../operators/lookup/answer.ts";
import type { EpochMs } from "../../time/time.ts";
import type { LookupWant } from "../ports.ts";

/** What an environment has in memory of one table. */
export type LookupCache = {
  /** What it says of a key, where that is known and fresh. */
  peek(key: Key, now: EpochMs): Answer | undefined;
  /** Reads what is wanted, in that order. */
  fetch(wants: readonly LookupWant[], now: EpochMs): Promise<readonly Answer[]>;
};
