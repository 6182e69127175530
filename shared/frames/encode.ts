import { MillraceError } from "../errors/millrace-error.ts";
import { encodeValue } from "../state/codec.ts";
import type { Compression } from "./compression.ts";
import { concat } from "./concat.ts";
import {
  BY_COLUMNS,
  COMPRESSED,
  HEADER_BYTES,
  MAGIC,
  MAX_BODY_BYTES,
  MAX_FRAME_BYTES,
  ONE_BY_ONE,
  PLAIN,
} from "./format.ts";
import type { Frame } from "./frame.ts";
import { bytesOfEvents, bytesOfRows, isByColumns } from "./rows-bytes.ts";

/** Below this a compressed record saves nothing: Kinesis bills and Lambda decodes whole records anyway. */
const WORTH_COMPRESSING_BYTES = 1_024;

/** What a frame that filled a record may grow by where it is sent again in a later epoch; Kinesis has more room yet. */
const EPOCH_BYTES = 1_000;

const headerOf = (version: string): string => `${MAGIC}${version}${String.fromCharCode(PLAIN)}`;
const utf8 = new TextEncoder();

/**
 * A frame as one record.
 * @throws MillraceError `FRAME_TOO_LARGE` above 1,000,000 bytes, `VALUE_UNSUPPORTED` for a value that no codec keeps
 */
export function encodeFrame(frame: Frame, compression: Compression): Uint8Array {
  return seal(encodePlain(frame), frame, compression);
}

const END_OF_ARRAY = utf8.encode("]");

/** The uncompressed record. */
export function encodePlain(frame: Frame): Uint8Array {
  const [head, items] = partsOf(frame);
  if (items === undefined) return utf8.encode(headerOf(ONE_BY_ONE) + head);
  const version = isByColumns(items) ? BY_COLUMNS : ONE_BY_ONE;
  return concat([utf8.encode(`${headerOf(version)}${head.slice(0, -1)},`), items, END_OF_ARRAY]);
}

/** Compresses a plain record where that helps, and refuses what is too large for a record. */
export function seal(plain: Uint8Array, frame: Frame, compression: Compression): Uint8Array {
  if (plain.length > MAX_BODY_BYTES) throw tooLarge(plain.length, frame, MAX_BODY_BYTES);
  const sealed = compressed(plain, compression);
  const limit = MAX_FRAME_BYTES + (frame.kind === "rows" && frame.epoch !== undefined ? EPOCH_BYTES : 0);
  if (sealed.length > limit) throw tooLarge(sealed.length, frame, limit);
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

/** The text of all but a frame's rows or events, and these, the last of its parts. */
function partsOf(frame: Frame): readonly [head: string, items?: Uint8Array] {
  switch (frame.kind) {
    case "events":
      return [encodeValue(["e", frame.stream, frame.partition, frame.sentAt]), bytesOfEvents(frame.events)];
    case "rows": {
      const { stage, from, to, epoch = 0, counter, watermark, sentAt, rows } = frame;
      const tag = epoch === 0 ? ["r"] : ["R", epoch];
      return [encodeValue([...tag, stage, from, to, counter, watermark, sentAt]), bytesOfRows(rows)];
    }
    case "tick":
    case "end":
      return [encodeValue([frame.kind === "tick" ? "t" : "x", frame.stream, frame.partition, frame.sentAt])];
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
