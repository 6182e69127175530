import { MillraceError } from "../errors/millrace-error.ts";
import { encodeValue } from "../state/codec.ts";
import type { Compression } from "./compression.ts";
import {
  COMPRESSED,
  HEADER_BYTES,
  MAGIC,
  MAX_BODY_BYTES,
  MAX_FRAME_BYTES,
  PLAIN,
  VERSION,
} from "./format.ts";
import type { Frame } from "./frame.ts";
import { textOfRows } from "./rows-text.ts";

/** Below this a compressed record saves nothing: Kinesis bills and Lambda decodes whole records anyway. */
const WORTH_COMPRESSING_BYTES = 1_024;

const PLAIN_HEADER = `${MAGIC}${VERSION}${String.fromCharCode(PLAIN)}`;
const utf8 = new TextEncoder();

/**
 * A frame as one record.
 * @throws MillraceError `FRAME_TOO_LARGE` above 1,000,000 bytes, `VALUE_UNSUPPORTED` for a value that no codec keeps
 */
export function encodeFrame(frame: Frame, compression: Compression): Uint8Array {
  return seal(encodePlain(frame), frame, compression);
}

/** The uncompressed record. The header goes through the same encoder as the body, so that nothing is copied. */
export const encodePlain = (frame: Frame): Uint8Array => utf8.encode(PLAIN_HEADER + textOf(frame));

/** Compresses a plain record where that helps, and refuses what is too large for a record. */
export function seal(plain: Uint8Array, frame: Frame, compression: Compression): Uint8Array {
  if (plain.length > MAX_BODY_BYTES) throw tooLarge(plain.length, frame, MAX_BODY_BYTES);
  const sealed = compressed(plain, compression);
  if (sealed.length > MAX_FRAME_BYTES) throw tooLarge(sealed.length, frame, MAX_FRAME_BYTES);
  return sealed;
}

function compressed(plain: Uint8Array, compression: Compression): Uint8Array {
  if (plain.length <= WORTH_COMPRESSING_BYTES) return plain;
  const body = compression.compress(plain.subarray(HEADER_BYTES));
  if (body.length + HEADER_BYTES >= plain.length) return plain;
  const sealed = new Uint8Array(HEADER_BYTES + body.length);
  sealed.set(plain.subarray(0, HEADER_BYTES));
  sealed[HEADER_BYTES - 1] = COMPRESSED;
  sealed.set(body, HEADER_BYTES);
  return sealed;
}

function textOf(frame: Frame): string {
  switch (frame.kind) {
    case "events":
      return encodeValue(["e", frame.stream, frame.partition, frame.sentAt, frame.events]);
    case "rows": {
      const { stage, from, to, counter, watermark, sentAt, rows } = frame;
      const head = encodeValue(["r", stage, from, to, counter, watermark, sentAt]);
      return `${head.slice(0, -1)},${textOfRows(rows)}]`;
    }
    case "tick":
    case "end":
      return encodeValue([frame.kind === "tick" ? "t" : "x", frame.stream, frame.partition, frame.sentAt]);
  }
}

const nameOf = (frame: Frame): string =>
  frame.kind === "rows" ? `stage "${frame.stage}", partition ${frame.from}` : `stream "${frame.stream}"`;

const tooLarge = (bytes: number, frame: Frame, limit: number): MillraceError =>
  new MillraceError(
    "FRAME_TOO_LARGE",
    `${nameOf(frame)}: a frame of ${bytes} bytes, where ${limit} is the limit`,
    {
      next: "refused",
    },
  );
