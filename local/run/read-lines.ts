import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";

const BLOCK_BYTES = 1 << 18;
/** Texts up to here are made in the young generation; longer ones cost new pages each. */
const TEXT_BYTES = 1 << 16;
const NEWLINE = 10;

/**
 * Reads a text file, gzipped where its name ends in `.gz`, in blocks of whole lines. A block is good until the
 * next one is asked for: memory does not grow with the file.
 */
export async function* readBlocks(path: string): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of path.endsWith(".gz") ? unzipped(path) : plain(path)) {
    if (filled + chunk.length > block.length) {
      const lines = block.lastIndexOf(NEWLINE, filled - 1) + 1;
      if (lines > 0) yield block.subarray(0, lines);
      block.copyWithin(0, lines, filled);
      filled -= lines;
    }
    if (filled + chunk.length > block.length) block = Buffer.concat([block], 2 * block.length);
    filled += chunk.copy(block, filled);
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** Each chunk is good until the next one is asked for: a stream would take new memory for each. */
function* plain(path: string): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(TEXT_BYTES);
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
  createReadStream(path).compose(createGunzip({ chunkSize: TEXT_BYTES }));

/** Calls `take` with each line of a block, its newline left out, empty lines too. */
export function eachLine(block: Buffer, take: (line: string) => void): void {
  for (let from = 0; from < block.length; ) {
    const to = endOfText(block, from);
    const text = block.toString("utf8", from, to);
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf("\n", at);
      const end = newline < 0 ? text.length : newline;
      take(text.slice(at, end));
      at = end + 1;
    }
    from = to;
  }
}

function endOfText(block: Buffer, from: number): number {
  if (from + TEXT_BYTES >= block.length) return block.length;
  const newline = block.lastIndexOf(NEWLINE, from + TEXT_BYTES);
  if (newline >= from) return newline + 1;
  const next = block.indexOf(NEWLINE, from);
  return next < 0 ? block.length : next + 1;
}
