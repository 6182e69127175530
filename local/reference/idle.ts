import type { Stage } from "./stage.ts";

/** What a partition knows of time. */
export type Times = {
  watermark: number;
  /** The highest event time seen. */
  streamTime: number;
  /** The highest time stamped on an input. */
  processingTime: number;
  /** Processing time of the last input with events; of the first tick; of the last tick that moved the watermark. */
  lastEventAt: number;
  firstTickAt: number;
  lastStepAt: number;
};

export const noTime = (): Times => ({
  watermark: Number.NEGATIVE_INFINITY,
  streamTime: Number.NEGATIVE_INFINITY,
  processingTime: Number.NEGATIVE_INFINITY,
  lastEventAt: Number.NEGATIVE_INFINITY,
  firstTickAt: Number.NEGATIVE_INFINITY,
  lastStepAt: Number.NEGATIVE_INFINITY,
});

type Source = Extract<Stage["input"], { readonly kind: "source" }>;

/** Where a tick takes the watermark of a partition without input, after Numaflow's idle sources. */
export function watermarkAtTick({ idle, outOfOrder }: Source, times: Times, tick: number): number {
  if (idle === undefined) return times.watermark;
  const {
    threshold,
    stepInterval = threshold,
    incrementBy,
    initSourceDelay = Number.POSITIVE_INFINITY,
  } = idle;
  const hadEvents = times.streamTime > Number.NEGATIVE_INFINITY;
  const hasWatermark = times.watermark > Number.NEGATIVE_INFINITY;
  if (!hadEvents && !hasWatermark)
    return tick - times.firstTickAt >= initSourceDelay
      ? tick - initSourceDelay - outOfOrder
      : times.watermark;
  const isIdle = !hadEvents || tick - times.lastEventAt >= threshold;
  const mayStep = tick - times.lastStepAt >= stepInterval;
  return isIdle && mayStep
    ? Math.max(times.watermark, Math.min(times.watermark + incrementBy, tick - outOfOrder))
    : times.watermark;
}
