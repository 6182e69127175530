import type { Idleness } from "../events/stream.ts";
import type { DurationMs, EpochMs } from "../time/time.ts";
import type { TimeState } from "./time-state.ts";

/**
 * Where a tick moves the watermark of a source partition without input, as in Numaflow: once it has been
 * idle for `threshold`, by `incrementBy` each `stepInterval`, never beyond the tick's time less the
 * out-of-orderness; a partition that never had an event starts `initSourceDelay` after its first tick.
 * Undefined: the watermark stays.
 */
export function idleWatermark(
  idle: Idleness,
  outOfOrder: DurationMs,
  time: TimeState,
  tick: EpochMs,
): EpochMs | undefined {
  const never = time.streamTime === Number.NEGATIVE_INFINITY;
  const step = idle.stepInterval ?? idle.threshold;
  if (never && time.watermark === Number.NEGATIVE_INFINITY) {
    if (idle.initSourceDelay === undefined || tick - time.firstTickAt < idle.initSourceDelay)
      return undefined;
    return (tick - idle.initSourceDelay - outOfOrder) as EpochMs;
  }
  if (!never && tick - time.lastEventAt < idle.threshold) return undefined;
  if (tick - time.lastStepAt < step) return undefined;
  const next = Math.min(time.watermark + idle.incrementBy, tick - outOfOrder);
  return next > time.watermark ? (next as EpochMs) : undefined;
}
