import { setTimeout as delay } from "node:timers/promises";
import type { DurationMs } from "../../shared/time/time.ts";

/** Lets time pass; returns early when aborted, and never fails. Tests and the simulator bring their own. */
export type Wait = (duration: DurationMs, abort: AbortSignal) => Promise<void>;

/** Waits on the machine's timers. */
export const machineWait: Wait = async (duration, signal) => {
  try {
    await delay(duration, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};
