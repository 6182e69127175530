import type { DurationMs, EpochMs } from "../time/time.ts";
import type { EventContext } from "./context.ts";

/** How long ids are remembered, and in how many steps of that they are forgotten together. */
export type Memory = { readonly within: DurationMs; readonly step: number };

export const memoryOf = (within: DurationMs, steps: number): Memory => ({
  within,
  step: Math.max(1, Math.ceil(within / steps)),
});

/** The watermark at which an id of the event at hand is forgotten: `within`, and at most a step more, beyond it. */
export function forgetAt({ within, step }: Memory, { time, streamTime }: EventContext): EpochMs {
  const seen = Math.max(time, streamTime) + within;
  return ((Math.floor(seen / step) + 1) * step) as EpochMs;
}
