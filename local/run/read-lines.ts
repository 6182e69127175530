import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";
import type { TextOf, Texts } from "../../shared/json/line-reader.ts";

const BLOCK_BYTES = 1 << 18;
const CHUNK_BYTES = 1 << 16;
const NEWLINE = 10;

/** Whole lines at the beginning of a buffer. */
export type Block = { readonly bytes: Buffer; readonly length: number };

const utf8: TextOf = (bytes, from, to) => (bytes as Buffer).toString("utf8", from, to);

/** Of each byte its character, without a look at what it is. */
const latin1: TextOf = (bytes, from, to) => (bytes as Latin1).latin1Slice(from, to);

/** Texts of blocks. */
export const BLOCK_TEXTS: Omit<Texts, "shared"> = { utf8, ascii: latin1, bytewise: latin1 };

/** Node's own, which `toString("latin1")` ends in: not to go there by the name of an encoding is a seventh of q0. */
type Latin1 = Buffer & { latin1Slice(from: number, to: number): string };

/**
 * Reads a text file, gzipped where its name ends in `.gz`, in blocks of whole lines. A block is good until the
 * next one is asked for: memory does not grow with the file.
 */
export async function* readBlocks(path: string): AsyncGenerator<Block> {
  let bytes = Buffer.allocUnsafe(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of path.endsWith(".gz") ? unzipped(path) : plain(path)) {
    const room = bytes.length;
    if (filled + chunk.length > room) {
      const length = bytes.lastIndexOf(NEWLINE, filled - 1) + 1;
      if (length > 0) yield { bytes, length };
      bytes.copyWithin(0, length, filled);
      filled -= length;
    }
    if (filled + chunk.length > room) {
      const larger = Buffer.allocUnsafe(2 * room);
      bytes.copy(larger, 0, 0, filled);
      bytes = larger;
    }
    filled += chunk.copy(bytes, filled);
  }
  if (filled > 0) yield { bytes, length: filled };
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
