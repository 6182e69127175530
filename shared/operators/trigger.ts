import type { EventInfo } from "../events/event.ts";
import type { DurationMs } from "../time/time.ts";

/**
 * When a window gives results besides the one at the watermark. Every event that comes later than that,
 * within the allowed lateness, gives a pane of its own.
 */
export type Trigger<T = unknown> = {
  /**
   * Results ahead of the watermark: every so much of stream time (the highest event time that the partition
   * has seen) or of processing time (the highest time at which an input was sent: the clock, as the log has it), every
   * so many events of a key's window, or with each event for which `when` is true, in all its windows.
   * Only windows with new events fire.
   * @default none
   */
  readonly early?:
    | DurationMs
    | { readonly processingTime: DurationMs }
    | { readonly events: number }
    | { readonly when: (value: T, info: EventInfo) => boolean };
  /**
   * Whether a pane holds all events of its window so far, or only those since the pane before.
   * @default "accumulating"
   */
  readonly accumulation?: "accumulating" | "discarding";
};

/** How often a window shows what it has, by which of the two clocks; undefined where it goes by none. */
export const earlyEvery = ({
  early,
}: Trigger<never>): { readonly clock: "stream" | "processing"; readonly every: DurationMs } | undefined => {
  if (typeof early === "number") return { clock: "stream", every: early };
  if (typeof early === "object" && "processingTime" in early)
    return { clock: "processing", every: early.processingTime };
  return undefined;
};

/** Where a result stands among those of its window. */
export type Pane = {
  /** 0 for the first result of the window. */
  readonly index: number;
  /** `retracted`: a session that was already emitted became part of a larger one; views delete its row. */
  readonly timing: "early" | "on-time" | "late" | "retracted";
};
