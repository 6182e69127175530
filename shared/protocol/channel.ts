import type { WireRow } from "../frames/frame.ts";
import type { EpochMs } from "../time/time.ts";

/** A channel to one downstream partition: the last counter given out, and what was told with it, when. */
export type Channel = readonly [
  stage: string,
  to: number,
  counter: number,
  watermark: EpochMs,
  sentAt: EpochMs,
];

/** A frame that an entry gives on a channel, already cut to the size of a record. */
export type EntryFrame = readonly [
  stage: string,
  to: number,
  counter: number,
  watermark: EpochMs,
  rows: readonly WireRow[],
];
