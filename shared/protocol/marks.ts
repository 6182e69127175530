import { rowsIn } from "../frames/rows-bytes.ts";
import type { TimeState } from "../operators/time-state.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Channel, EntryFrame } from "./channel.ts";

/** A time in plain JSON, which has no infinity: so that entries need no other encoding. */
type Mark = number | "begin" | "end";

const mark = (time: EpochMs): Mark =>
  time === BEGINNING_OF_TIME ? "begin" : time === END_OF_TIME ? "end" : time;

const unmark = (mark: Mark): EpochMs =>
  mark === "begin" ? BEGINNING_OF_TIME : mark === "end" ? END_OF_TIME : (mark as EpochMs);

export const packTime = (time: TimeState): unknown[] => [
  mark(time.watermark),
  mark(time.streamTime),
  mark(time.processingTime),
  mark(time.lastEventAt),
  mark(time.firstTickAt),
  mark(time.lastStepAt),
  time.channels.map(([channel, watermark]) => [channel, mark(watermark)]),
];

export function unpackTime(packed: readonly unknown[]): TimeState {
  const [watermark, streamTime, processingTime, lastEventAt, firstTickAt, lastStepAt, channels] = packed;
  return {
    watermark: unmark(watermark as Mark),
    streamTime: unmark(streamTime as Mark),
    processingTime: unmark(processingTime as Mark),
    lastEventAt: unmark(lastEventAt as Mark),
    firstTickAt: unmark(firstTickAt as Mark),
    lastStepAt: unmark(lastStepAt as Mark),
    channels: (channels as [string, Mark][]).map(([channel, at]) => [channel, unmark(at)]),
  };
}

export const packChannels = (channels: readonly Channel[]): unknown[] =>
  channels.map(([stage, to, counter, watermark, sentAt]) => [
    stage,
    to,
    counter,
    mark(watermark),
    mark(sentAt),
  ]);

export const unpackChannels = (packed: readonly unknown[]): Channel[] =>
  (packed as [string, number, number, Mark, Mark][]).map(([stage, to, counter, watermark, sentAt]) => [
    stage,
    to,
    counter,
    unmark(watermark),
    unmark(sentAt),
  ]);

/** All of a frame but its rows, whose text is there already. */
export const packFrame = ([stage, to, counter, watermark]: EntryFrame): unknown[] => [
  stage,
  to,
  counter,
  mark(watermark),
];

export const unpackFrames = (packed: readonly unknown[]): EntryFrame[] =>
  (packed as [string, number, number, Mark, unknown][]).map(([stage, to, counter, watermark, rows]) => [
    stage,
    to,
    counter,
    unmark(watermark),
    rowsIn(rows) as EntryFrame[4],
  ]);
