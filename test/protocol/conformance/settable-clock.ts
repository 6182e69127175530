import type { Clock } from "../../../shared/time/clock.ts";
import { type EpochMs, epochMs } from "../../../shared/time/time.ts";

/** A clock that stands still until it is set. */
export type SettableClock = Clock & { set(at: number): void };

export function settableClock(start = 1_700_000_000_000): SettableClock {
  let at: EpochMs = epochMs(start);
  return {
    now: () => at,
    set: (to) => {
      at = epochMs(to);
    },
  };
}
