import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writevSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";

/**
 * A file of values, one behind the other: 4 bytes length, 4 bytes CRC-32 of what follows, then the value as V8 writes
 * it (https://nodejs.org/api/v8.html#serialization-api), which later versions of Node read, too. The first value says
 * which format the others have.
 */
const HEADER_BYTES = 8;
const CHUNK_BYTES = 1_048_576;

export type Format = { readonly format: string; readonly version: number };

/** A value as it stands in a file. */
export function frameOf(value: unknown): readonly [header: Buffer, body: Buffer] {
  const body = serialize(value);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(body.byteLength, 0);
  header.writeUInt32LE(crc32(body), 4);
  return [header, body];
}

/** A file to which values are appended. What `append` has returned from survives the end of the process. */
export class FrameFile {
  readonly #fd: number;
  #bytes: number;

  /**
   * Opens a file that is written on, or makes it.
   * @param bytes - where its last whole value ends, as `readFrames` tells; what follows is cut off
   */
  constructor(path: string, format: Format, bytes: number) {
    this.#fd = openSync(path, "a+");
    ftruncateSync(this.#fd, bytes);
    this.#bytes = bytes;
    if (bytes === 0) this.append(format);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws the system's error where the file cannot take it; the file is then what it was before. */
  append(value: unknown): void {
    const [header, body] = frameOf(value);
    const length = header.byteLength + body.byteLength;
    try {
      let written = writevSync(this.#fd, [header, body]);
      if (written < length) {
        const rest = Buffer.concat([header, body]);
        while (written < length) written += writevSync(this.#fd, [rest.subarray(written)]);
      }
    } catch (error) {
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#bytes += length;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Hands each value of a file to `each`, in order; the first, its format, is checked.
 * @returns where the last whole value ends: a process that was killed may have left a part of one behind it
 * @throws MillraceError PERSIST_DAMAGED where a value is damaged that others follow, or the format is another
 */
export function readFrames(path: string, format: Format, each: (value: unknown) => void): number {
  const fd = openSync(path, "r");
  try {
    const size = fstatSync(fd).size;
    const reader = new ChunkReader(fd);
    let at = 0;
    while (at < size) {
      const body = wholeFrame(reader, size - at);
      if (body === undefined) return at;
      const value = readValue(body, path);
      if (at > 0) each(value);
      else checkFormat(value, format, path);
      at += HEADER_BYTES + body.byteLength;
    }
    return at;
  } finally {
    closeSync(fd);
  }

  /** The next value's bytes; undefined where only a part of one is left. */
  function wholeFrame(reader: ChunkReader, left: number): Buffer | undefined {
    if (left < HEADER_BYTES) return undefined;
    const header = reader.take(HEADER_BYTES);
    const length = header.readUInt32LE(0);
    // a machine that lost its power may leave zeros
    if (length === 0 || HEADER_BYTES + length > left) return undefined;
    // a copy: what is read out of it would else hold the whole chunk
    const body = Buffer.from(reader.take(length));
    if (crc32(body) === header.readUInt32LE(4)) return body;
    if (HEADER_BYTES + length === left) return undefined;
    throw damaged(path, "a value in it differs from its checksum");
  }
}

/** Reads a file in large pieces and gives it out in small ones. */
class ChunkReader {
  readonly #fd: number;
  #chunk = Buffer.alloc(0);

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The next bytes, which the caller has seen to be there; valid until the next call. */
  take(length: number): Buffer {
    if (this.#chunk.byteLength < length) this.#refill(length);
    const taken = this.#chunk.subarray(0, length);
    this.#chunk = this.#chunk.subarray(length);
    return taken;
  }

  #refill(length: number): void {
    const next = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, length));
    let filled = this.#chunk.copy(next);
    while (filled < length) filled += readSync(this.#fd, next, filled, next.byteLength - filled, null);
    this.#chunk = next.subarray(0, filled);
  }
}

function readValue(body: Buffer, path: string): unknown {
  try {
    return deserialize(body);
  } catch (cause) {
    throw damaged(path, messageOf(cause), cause);
  }
}

function checkFormat(value: unknown, { format, version }: Format, path: string): void {
  const found = Object(value) as Partial<Format>;
  if (found.format !== format) throw damaged(path, `it is no ${format}`);
  if (found.version !== version)
    throw damaged(path, `it is of version ${found.version}, and this Millrace reads ${version}`);
}

/** What is wrong with a file of kept data. */
export const damaged = (path: string, what: string, cause?: unknown): MillraceError =>
  new MillraceError("PERSIST_DAMAGED", `"${path}": ${what}`, {
    next: "refused",
    ...(cause === undefined ? {} : { cause }),
  });
