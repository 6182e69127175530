import type { Compression } from "../../frames/compression.ts";
import { decodeValue, encodeValue } from "../../state/codec.ts";
import { decodeEntry, encodeEntry, quietEntry } from "../entry.ts";
import type { LogItem } from "../ports.ts";
import type { Savepoint } from "./manifest.ts";

/** A log as a savepoint keeps it. */
export type SavedLog = {
  /** Entries behind the snapshot, without what they gave: all of it was acknowledged, or stands in a closing entry. */
  readonly items: readonly LogItem[];
  /** The entry behind the last: it changes nothing, and gives again what was sent and not taken. */
  readonly closing: LogItem;
};

const OPENING = "savepoint-";

/** The nonce of the entry with which a log goes on behind a savepoint: the same however often it is restored. */
export const openingNonce = ({ id }: Pick<Savepoint, "id">): string => `${OPENING}${id}`;

/** Whether an entry is one with which a log went on behind some savepoint: it gives again what other entries gave. */
export const isOpening = ({ nonce }: Pick<LogItem, "nonce">): boolean => nonce.startsWith(OPENING);

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
