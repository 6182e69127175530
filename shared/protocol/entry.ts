import { MillraceError } from "../errors/millrace-error.ts";
import type { FailedEvent } from "../events/event.ts";
import type { Compression } from "../frames/compression.ts";
import { concat } from "../frames/concat.ts";
import { bytesOfRows, isByColumns } from "../frames/rows-bytes.ts";
import { checkKeepable, MAX_VIEW_ROW_CHARS } from "../operators/keepable.ts";
import type { LookedUp } from "../operators/lookup/looked-up.ts";
import { type Counts, type Folders, noCounts, type ViewRow } from "../operators/outputs.ts";
import { START_OF_TIME, type TimeState } from "../operators/time-state.ts";
import type { Change } from "../state/change.ts";
import { decodeValue, encodeValue } from "../state/codec.ts";
import type { Channel, EntryFrame } from "./channel.ts";
import { packChannels, packFrame, packTime, unpackChannels, unpackFrames, unpackTime } from "./marks.ts";
import { textOfViews, textsOf } from "./view-rows.ts";

/**
 * What one commit of a partition says: how far its inputs were read, how its state changed, and what it
 * gives. Everything that is published is made from it, so that publishing it again gives the same.
 */
export type Entry = {
  readonly positions: readonly Position[];
  readonly time: TimeState;
  readonly counts: Counts;
  readonly changes: readonly Change[];
  /** All channels as they stand after this entry. */
  readonly channels: readonly Channel[];
  readonly frames: readonly EntryFrame[];
  readonly views: readonly (readonly [view: string, rows: readonly ViewRow[]])[];
  /** A file each. */
  readonly lake: readonly (readonly [sink: string, folders: Folders, rows: readonly unknown[]])[];
  readonly failed: readonly FailedEvent[];
  /** What it looked up in tables outside, where it did. Nobody needs it to go on: outputs and changes are made. */
  readonly lookedUp?: LookedUp;
};

/** The last record taken from a shard (its sequence number) or an upstream partition (its counter). */
export type Position = readonly [source: string, at: string | number];

/**
 * What was looked up is last, and left out where it is nothing: who does not know it reads what is before it.
 *
 * The version grows when the meaning of a field changes; a reader refuses what it does not know. The first version has rows one
 * by one, the second also by columns: it is written where an entry has some.
 */
const ONE_BY_ONE = 1;
const BY_COLUMNS = 2;

/** Bytes that an entry may unpack to. A batch of 6 MB gives a few times that at most. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024;

/**
 * @throws MillraceError `VALUE_UNSUPPORTED` for a value that no log keeps, `VIEW_TOO_LARGE` for a row that no view
 * takes: the batch is then folded again with care
 */
export function encodeEntry(entry: Entry, compression: Compression): Uint8Array {
  const { positions, time, counts, changes, channels, frames, views, lake, failed, lookedUp = [] } = entry;
  const version = frames.some((frame) => isByColumns(bytesOfRows(frame[4]))) ? BY_COLUMNS : ONE_BY_ONE;
  const before = encodeValue([version, positions, packTime(time), counts, changes, packChannels(channels)]);
  const after = encodeValue([lake, failed, ...(lookedUp.length > 0 ? [lookedUp] : [])]);
  const parts: Uint8Array[] = [utf8.encode(`${open(before)},[`)];
  for (const [i, frame] of frames.entries()) {
    const head = utf8.encode(`${i > 0 ? "," : ""}${open(encodeValue(packFrame(frame)))},`);
    parts.push(head, bytesOfRows(frame[4]), END_OF_ARRAY);
  }
  parts.push(utf8.encode(`],${textOfViews(views)},${after.slice(1)}`));
  const bytes = concat(parts);
  if (bytes.length > MAX_VIEW_ROW_CHARS) for (const [, rows] of views) checkSizes(rows);
  return compression.compress(bytes);
}

const utf8 = new TextEncoder();
const END_OF_ARRAY = utf8.encode("]");

function checkSizes(rows: readonly ViewRow[]): void {
  const texts = textsOf(rows);
  for (const [i, [, , row]] of rows.entries())
    if (texts === undefined || (texts[i]?.length ?? 0) > MAX_VIEW_ROW_CHARS)
      checkKeepable(row, MAX_VIEW_ROW_CHARS);
}

/** The text of an array, to be continued. */
const open = (array: string): string => array.slice(0, -1);

/** @throws MillraceError `ENTRY_UNKNOWN` for an entry of another version */
export function decodeEntry(bytes: Uint8Array, compression: Compression): Entry {
  const text = new TextDecoder().decode(compression.decompress(bytes, MAX_ENTRY_BYTES));
  const fields = decodeValue(text);
  if (!Array.isArray(fields) || (fields[0] !== ONE_BY_ONE && fields[0] !== BY_COLUMNS))
    throw new MillraceError("ENTRY_UNKNOWN", "a log entry whose version is neither 1 nor 2", {
      next: "retried",
    });
  const [, positions, time, counts, changes, channels, frames, views, lake, failed, lookedUp] =
    fields as unknown[];
  const plain = { positions, counts, changes, views, lake, failed } as Entry;
  return {
    ...plain,
    ...(lookedUp === undefined ? {} : { lookedUp: lookedUp as LookedUp }),
    time: unpackTime(time as unknown[]),
    channels: unpackChannels(channels as unknown[]),
    frames: unpackFrames(frames as unknown[]),
  };
}

/** An entry that changes and gives nothing: what a partition is goes on as it was. */
export const quietEntry = ({ positions, time, counts, channels }: Standing = beginning()): Entry => ({
  positions,
  time,
  counts,
  changes: [],
  channels,
  frames: [],
  views: [],
  lake: [],
  failed: [],
});

/** What a partition is, its state aside. */
export type Standing = Pick<Entry, "positions" | "time" | "counts" | "channels">;

/** What it is before its first entry. */
const beginning = (): Standing => ({
  positions: [],
  time: START_OF_TIME,
  counts: noCounts(),
  channels: [],
});

/** Whether anybody waits for something that the entry gives. */
export const hasOutputs = ({ frames, views, lake, failed }: Entry): boolean =>
  frames.length + views.length + lake.length + failed.length > 0;
