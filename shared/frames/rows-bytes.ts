import type { WireEvent } from "../events/event.ts";
import { encodeValue } from "../state/codec.ts";
import { columnsOf, tuplesOf } from "./columns.ts";
import { bytesOfColumns } from "./columns-bytes.ts";
import type { WireRow } from "./frame.ts";

const utf8 = new TextEncoder();
const OPEN_OBJECT = 0x7b;
const ROW_PARTS = 4;
const EVENT_PARTS = 3;

const written = new WeakMap<readonly WireRow[], Uint8Array>();

/**
 * A frame's rows in JSON, by columns where they are alike. Made once: the record and the log entry hold the same rows, and
 * to write them costs a stage more than to fold them. Rows are not changed once they are in a frame.
 * @throws MillraceError `VALUE_UNSUPPORTED`
 */
export function bytesOfRows(rows: readonly WireRow[]): Uint8Array {
  let bytes = written.get(rows);
  if (bytes === undefined) {
    bytes = bytesOf(rows, ROW_PARTS);
    written.set(rows, bytes);
  }
  return bytes;
}

/** A frame's events in JSON, by columns where they are alike. */
export const bytesOfEvents = (events: readonly WireEvent[]): Uint8Array => bytesOf(events, EVENT_PARTS);

function bytesOf(tuples: readonly (readonly unknown[])[], parts: number): Uint8Array {
  const columns = columnsOf(tuples, parts);
  return columns === undefined ? utf8.encode(encodeValue(tuples)) : bytesOfColumns(columns);
}

/** Whether rows or events were written by columns: readers of the first version know only lists. */
export const isByColumns = (bytes: Uint8Array): boolean => bytes[0] === OPEN_OBJECT;

/** Rows as they were written, by columns or one by one; undefined where they are neither. */
export const rowsIn = (read: unknown): readonly unknown[] | undefined =>
  Array.isArray(read) ? read : tuplesOf(read, ROW_PARTS);

/** Events, likewise. */
export const eventsIn = (read: unknown): readonly unknown[] | undefined =>
  Array.isArray(read) ? read : tuplesOf(read, EVENT_PARTS);
