import type { Compression } from "../../frames/compression.ts";
import { decodeValue, encodeValue } from "../../state/codec.ts";
import { decodeEntry, encodeEntry, quietEntry } from "../entry.ts";
import type { LogItem } from "../ports.ts";

/** A log as a savepoint keeps it. */
export type SavedLog = {
  /** Entries behind the snapshot, without what they gave: all of it was acknowledged, or stands in a closing entry. */
  readonly items: readonly LogItem[];
  /** The entry behind the last: it changes nothing, and gives again what was sent and not taken. */
  readonly closing: LogItem;
};

const MAX_BYTES = 1024 * 1024 * 1024;

export const encodeLog = (log: SavedLog, compression: Compression): Uint8Array =>
  compression.compress(new TextEncoder().encode(encodeValue(log)));

export const decodeLog = (bytes: Uint8Array, compression: Compression): SavedLog =>
  decodeValue(new TextDecoder().decode(compression.decompress(bytes, MAX_BYTES))) as SavedLog;

/** An entry without what it gave. */
export function silenced(item: LogItem, compression: Compression): LogItem {
  const entry = decodeEntry(item.body, compression);
  const body = encodeEntry({ ...quietEntry(entry), changes: entry.changes }, compression);
  return { ...item, outputs: false, body };
}
