import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { PADDING, type TextOf } from "../../shared/json/line-reader.ts";

const BLOCK_BYTES = 1 << 18;
const CHUNK_BYTES = 1 << 16;
const NEWLINE = 10;

/** Whole lines at the beginning of a buffer, which ends in zeros. */
export type Block = { readonly bytes: Buffer; readonly length: number };

/** Text in UTF-8, what is no UTF-8 replaced. */
export const textOf: TextOf = (bytes, from, to) => (bytes as Buffer).toString("utf8", from, to);

/** Text of bytes below 0x80: a byte a character, without a look at what they are. */
export const asciiOf: TextOf = (bytes, from, to) => (bytes as Latin1).latin1Slice(from, to);

/** Node's own, which `toString("latin1")` ends in: not to go there by the name of an encoding is a seventh of q0. */
type Latin1 = Buffer & { latin1Slice(from: number, to: number): string };

/**
 * Reads a text file, gzipped where its name ends in `.gz`, in blocks of whole lines. A block is good until the
 * next one is asked for: memory does not grow with the file.
 */
export async function* readBlocks(path: string): AsyncGenerator<Block> {
  let bytes = blockOf(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of path.endsWith(".gz") ? unzipped(path) : plain(path)) {
    const room = bytes.length - PADDING;
    if (filled + chunk.length > room) {
      const length = bytes.lastIndexOf(NEWLINE, filled - 1) + 1;
      if (length > 0) yield { bytes, length };
      bytes.copyWithin(0, length, filled);
      filled -= length;
    }
    if (filled + chunk.length > room) {
      const larger = blockOf(2 * room);
      bytes.copy(larger, 0, 0, filled);
      bytes = larger;
    }
    filled += chunk.copy(bytes, filled);
  }
  if (filled > 0) yield { bytes, length: filled };
}

function blockOf(room: number): Buffer {
  const bytes = Buffer.allocUnsafe(room + PADDING);
  return bytes.fill(0, room);
}

/** Each chunk is good until the next one is asked for: a stream would take new memory for each. */
function* plain(path: string): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = openSync(path, "r");
  try {
    for (;;) {
      const bytes = readSync(file, buffer);
      if (bytes === 0) return;
      yield buffer.subarray(0, bytes);
    }
  } finally {
    closeSync(file);
  }
}

const unzipped = (path: string): AsyncIterable<Buffer> =>
  createReadStream(path).compose(createGunzip({ chunkSize: CHUNK_BYTES }));
