import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { WireEvent } from "../../shared/events/event.ts";
import type { Compression } from "../../shared/frames/compression.ts";
import { encodeFrames } from "../../shared/frames/split.ts";
import type { OutRecord } from "../../shared/protocol/ports.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import type { Lane } from "./event-sorter.ts";
import { type Rejection, rejection } from "./verdict.ts";

/** A record on its way, and which events of the request are in it. */
export type Parcel = OutRecord & { readonly indexes: readonly number[] };

export type PackOptions = {
  readonly stream: string;
  readonly partitions: number;
  readonly sentAt: EpochMs;
  readonly compression: Compression;
};

export type Packed = { readonly parcels: readonly Parcel[]; readonly rejected: readonly Rejection[] };

/** Packs a partition's events into as few records as hold them, in order, and refuses those that no record holds. */
export function pack(lane: Lane, options: PackOptions): Packed {
  try {
    return { parcels: parcelsOf(lane, options), rejected: [] };
  } catch (error) {
    if (!isOfOneEvent(error)) throw error;
    return packFitting(lane, options);
  }
}

/** Finds out which events are to blame, by packing each alone, and packs the others. */
function packFitting(lane: Lane, options: PackOptions): Packed {
  const fitting: Lane = { partition: lane.partition, events: [], indexes: [] };
  const rejected: Rejection[] = [];
  for (const [at, event] of lane.events.entries()) {
    const index = lane.indexes[at] ?? 0;
    try {
      parcelsOf({ partition: lane.partition, events: [event], indexes: [index] }, options);
      fitting.events.push(event);
      fitting.indexes.push(index);
    } catch (error) {
      if (!isOfOneEvent(error)) throw error;
      const code = error.code === "FRAME_TOO_LARGE" ? "EVENT_TOO_LARGE" : "EVENT_UNSUPPORTED";
      rejected.push(rejection(index, code, error.message));
    }
  }
  return { parcels: fitting.events.length === 0 ? [] : parcelsOf(fitting, options), rejected };
}

function parcelsOf({ partition, events, indexes }: Lane, options: PackOptions): Parcel[] {
  const { stream, partitions, sentAt, compression } = options;
  // a frame that proves too large is asked for again in parts, under the same number: the last size counts
  const sizes: number[] = [];
  const frameOf = (part: readonly WireEvent[], index: number) => {
    sizes[index] = part.length;
    return { kind: "events", stream, partition, sentAt, events: part } as const;
  };
  let from = 0;
  return encodeFrames(events, frameOf, compression).map((data, i) => {
    const to = from + (sizes[i] ?? 0);
    const parcel = { partition, partitions, data, indexes: indexes.slice(from, to) };
    from = to;
    return parcel;
  });
}

const isOfOneEvent = (error: unknown): error is MillraceError =>
  error instanceof MillraceError && (error.code === "FRAME_TOO_LARGE" || error.code === "VALUE_UNSUPPORTED");
