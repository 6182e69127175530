import { BEGINNING_OF_TIME, type EpochMs } from "../time/time.ts";

/** What a partition knows of time; part of its saved state. */
export type TimeState = {
  readonly watermark: EpochMs;
  /** The highest event time seen. */
  readonly streamTime: EpochMs;
  /** The highest time stamped on an input by producers, upstream stages or ticks. */
  readonly processingTime: EpochMs;
  /** Processing time of the last input that held events. */
  readonly lastEventAt: EpochMs;
  /** Ticks seen by an idle partition: the first, and the one that last moved the watermark. */
  readonly firstTickAt: EpochMs;
  readonly lastStepAt: EpochMs;
  /** The watermark of each upstream partition, by `<stage>/<partition>`. */
  readonly channels: readonly (readonly [channel: string, watermark: EpochMs])[];
};

export const START_OF_TIME: TimeState = {
  watermark: BEGINNING_OF_TIME,
  streamTime: BEGINNING_OF_TIME,
  processingTime: BEGINNING_OF_TIME,
  lastEventAt: BEGINNING_OF_TIME,
  firstTickAt: BEGINNING_OF_TIME,
  lastStepAt: BEGINNING_OF_TIME,
  channels: [],
};
