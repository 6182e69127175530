import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

/**
 * Reads a text file, gzipped where its name ends in `.gz`, in blocks of whole lines: a block at a time is
 * decoded, so that memory does not grow with the file.
 */
export async function* readBlocks(path: string): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of path.endsWith(".gz") ? unzipped(path) : plain(path)) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      rest.push(Buffer.from(chunk));
      continue;
    }
    const head = chunk.subarray(0, end);
    yield (rest.length === 0 ? head : Buffer.concat([...rest, head])).toString("utf8");
    rest = end + 1 < chunk.length ? [Buffer.from(chunk.subarray(end + 1))] : [];
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString("utf8");
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
  createReadStream(path, { highWaterMark: CHUNK_BYTES }).compose(createGunzip({ chunkSize: CHUNK_BYTES }));
