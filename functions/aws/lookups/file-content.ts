import { gunzipSync } from "node:zlib";
import type { FileContent } from "../../../shared/operators/lookup/file-format.ts";
import type { TableSpec } from "../../../shared/operators/lookup/spec.ts";

/** A file is kept as a whole, at up to six times its size. */
export const MAX_FILE_BYTES: number = 64 * 1024 * 1024;

/**
 * What a file says, gzipped or not.
 * @throws RangeError where it has too many bytes, packed or unpacked
 * @throws Error where it begins like gzip and is none
 */
export function fileContent(table: TableSpec, bytes: Uint8Array, mostBytes?: number): FileContent {
  if (table.format === undefined) throw new TypeError(`"${table.name}" is no file`);
  const plain = plainBytes(bytes, mostBytes);
  return isUtf16(plain)
    ? { lines: [], problem: "it is UTF-16, where a file is UTF-8" }
    : table.format.read(plain, table);
}

/**
 * A file's bytes, unpacked where they are gzip.
 * @throws as `fileContent`
 */
export function plainBytes(bytes: Uint8Array, mostBytes: number = MAX_FILE_BYTES): Uint8Array {
  const plain = isGzip(bytes) ? unpacked(bytes, mostBytes) : bytes;
  if (plain.length > mostBytes) throw tooLarge(`it has ${plain.length} bytes`, mostBytes);
  return plain;
}

export const tooLarge = (sentence: string, mostBytes: number): RangeError =>
  new RangeError(`${sentence}, and ${mostBytes} is the most`);

/** No text begins like this (RFC 1952, 2.3.1), whatever the object's name or its Content-Encoding say. */
const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

/** As spreadsheets write it, with a byte order mark, in which no UTF-8 begins. */
const isUtf16 = ([first = 0, second = 0]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

function unpacked(bytes: Uint8Array, mostBytes: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (cause) {
    if ((cause as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge("it unpacks to more bytes", mostBytes);
    throw new Error("it begins like gzip and cannot be unpacked", { cause });
  }
}
