import type { WireEvent } from "../events/event.ts";
import { encodeValue } from "../state/codec.ts";
import { columnsOf, tuplesOf } from "./columns.ts";
import type { WireRow } from "./frame.ts";

const ROW_PARTS = 4;
const EVENT_PARTS = 3;

const texts = new WeakMap<readonly WireRow[], string>();

/**
 * The text of a frame's rows, by columns where they are alike. Made once: the record and the log entry hold the same
 * rows, and to write them costs a stage more than to fold them. Rows are not changed once they are in a frame.
 * @throws MillraceError `VALUE_UNSUPPORTED`
 */
export function textOfRows(rows: readonly WireRow[]): string {
  let text = texts.get(rows);
  if (text === undefined) {
    text = encodeValue(columnsOf(rows, ROW_PARTS) ?? rows);
    texts.set(rows, text);
  }
  return text;
}

/** The text of a frame's events, by columns where they are alike. */
export const textOfEvents = (events: readonly WireEvent[]): string =>
  encodeValue(columnsOf(events, EVENT_PARTS) ?? events);

/** Whether a text of rows or events has them by columns: readers of the first version know only lists. */
export const isByColumns = (text: string): boolean => text.startsWith("{");

/** Rows as they were written, by columns or one by one; undefined where they are neither. */
export const rowsIn = (read: unknown): readonly unknown[] | undefined =>
  Array.isArray(read) ? read : tuplesOf(read, ROW_PARTS);

/** Events, likewise. */
export const eventsIn = (read: unknown): readonly unknown[] | undefined =>
  Array.isArray(read) ? read : tuplesOf(read, EVENT_PARTS);
