import type { Key, WireEvent } from "../events/event.ts";
import type { EpochMs } from "../time/time.ts";

/** Events of one source partition, packed by a producer into one record. */
type EventsFrame = {
  readonly kind: "events";
  readonly stream: string;
  readonly partition: number;
  /** When the producer packed it: processing time downstream. */
  readonly sentAt: EpochMs;
  readonly events: readonly WireEvent[];
};

/** A row between stages: `[input, key, time, value]`, where `input` is the index of the edge it travels on. */
export type WireRow = readonly [input: number, key: Key, time: EpochMs, value: unknown];

/** All rows (or a part, where they exceed a record) of one commit for one downstream partition. */
export type RowsFrame = {
  readonly kind: "rows";
  readonly stage: string;
  readonly from: number;
  readonly to: number;
  /** The sender's epoch: a receiver of another one drops the frame. Absent: 0. */
  readonly epoch?: number;
  /** Dense per channel (`stage`, `from` → `to`), from 1: a receiver that misses one stops. */
  readonly counter: number;
  /** The sender's watermark once these rows are in: a lower bound for all that follow on this channel. */
  readonly watermark: EpochMs;
  /** The sender's processing time: the highest time stamped on its inputs. */
  readonly sentAt: EpochMs;
  readonly rows: readonly WireRow[];
};

/** A control record: a tick of processing time, or the end of a bounded input. */
type ControlFrame = {
  readonly kind: "tick" | "end";
  readonly stream: string;
  readonly partition: number;
  readonly sentAt: EpochMs;
};

export type Frame = EventsFrame | RowsFrame | ControlFrame;
