import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { Bid, NexmarkEvent } from "../nexmark.ts";

const CHUNK_BYTES = 1 << 16;
const BUFFER_CHARS = 1 << 20;
const NEWLINE = 10;

/** Calls `take` with every bid of a file of JSON lines. */
export const eachBid = (path: string, take: (bid: Bid) => void): number =>
  eachEvent(path, (event) => {
    if (event.event_type === 2) take(event.bid);
  });

/** Calls `take` with every event of a file of JSON lines: as fast as a plain loop in Node gets. */
export function eachEvent(path: string, take: (event: NexmarkEvent) => void): number {
  const file = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  let lines = 0;
  let kept = 0;
  for (;;) {
    const read = readSync(file, buffer, kept, CHUNK_BYTES, null);
    const filled = kept + read;
    const end = read === 0 ? filled : buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
    const text = buffer.toString("utf8", 0, end);
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf("\n", at);
      const to = newline < 0 ? text.length : newline;
      lines += 1;
      take(JSON.parse(text.slice(at, to)));
      at = to + 1;
    }
    if (read === 0) break;
    buffer.copy(buffer, 0, end, filled);
    kept = filled - end;
  }
  closeSync(file);
  return lines;
}

/** A file of JSON lines that is written in large pieces. */
export class RowFile {
  readonly #file: number;
  #text = "";

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  write(row: unknown): void {
    this.#text += `${JSON.stringify(row)}\n`;
    if (this.#text.length >= BUFFER_CHARS) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#text = "";
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }
}
