import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

/**
 * Reads a text file, gzipped where its name ends in `.gz`, in blocks of whole lines: a block at a time is
 * decoded, so that memory does not grow with the file.
 */
export async function* readBlocks(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const source: Readable = path.endsWith(".gz")
    ? file.compose(createGunzip({ chunkSize: CHUNK_BYTES }))
    : file;
  let rest: Buffer[] = [];
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      rest.push(chunk);
      continue;
    }
    const head = chunk.subarray(0, end);
    yield (rest.length === 0 ? head : Buffer.concat([...rest, head])).toString("utf8");
    rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString("utf8");
}
