import { MillraceError } from "../errors/millrace-error.ts";
import type { WireEvent } from "../events/event.ts";
import { decodeValue } from "../state/codec.ts";
import type { EpochMs } from "../time/time.ts";
import type { Compression } from "./compression.ts";
import {
  BY_COLUMNS,
  COMPRESSED,
  HEADER_BYTES,
  isFrame,
  MAX_BODY_BYTES,
  ONE_BY_ONE,
  PLAIN,
} from "./format.ts";
import type { Frame, RowsFrame, WireRow } from "./frame.ts";
import { eventsIn, rowsIn } from "./rows-bytes.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a frame; undefined where the bytes carry no frame's magic (a raw record of a foreign producer).
 * @throws MillraceError `FRAME_UNKNOWN` for a frame of another version, damaged or of a wrong shape;
 * `FRAME_TOO_LARGE` where it unpacks to more than 8 MB
 */
export function decodeFrame(bytes: Uint8Array, compression: Compression): Frame | undefined {
  if (!isFrame(bytes)) return undefined;
  const version = String.fromCharCode(bytes[3] ?? 0);
  if (version !== ONE_BY_ONE && version !== BY_COLUMNS) throw unknown(`version "${version}"`);
  const frame = frameOf(parse(bodyOf(bytes, compression)));
  if (frame === undefined) throw unknown("a body of another shape");
  return frame;
}

function bodyOf(bytes: Uint8Array, compression: Compression): Uint8Array {
  const body = bytes.subarray(HEADER_BYTES);
  const flags = bytes[HEADER_BYTES - 1];
  if (flags === PLAIN) return body;
  if (flags !== COMPRESSED) throw unknown(`flags ${flags}`);
  try {
    return compression.decompress(body, MAX_BODY_BYTES);
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw unknown("a body that does not unpack", cause);
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return decodeValue(utf8.decode(body));
  } catch (cause) {
    throw unknown("a body that does not parse", cause);
  }
}

function frameOf(body: unknown): Frame | undefined {
  if (!Array.isArray(body)) return undefined;
  const [tag, ...fields] = body as unknown[];
  if (tag === "r") return rowsFrameOf(fields);
  if (tag === "R") {
    const [epoch, ...others] = fields;
    const frame = rowsFrameOf(others);
    return isCount(epoch) && epoch > 0 && frame !== undefined ? { ...frame, epoch } : undefined;
  }
  const [stream, partition, sentAt, items] = fields;
  if (!(isName(stream) && isCount(partition) && isTime(sentAt))) return undefined;
  if (tag === "t") return { kind: "tick", stream, partition, sentAt };
  if (tag === "x") return { kind: "end", stream, partition, sentAt };
  const events = tag === "e" ? eventsIn(items) : undefined;
  if (!events?.every(isEvent)) return undefined;
  return { kind: "events", stream, partition, sentAt, events };
}

function rowsFrameOf(fields: readonly unknown[]): RowsFrame | undefined {
  const [stage, from, to, counter, watermark, sentAt, items] = fields;
  const rows = rowsIn(items);
  if (!(isName(stage) && isCount(from) && isCount(to) && isCount(counter) && counter > 0)) return undefined;
  if (!(isWatermark(watermark) && isTime(sentAt) && rows?.every(isRow))) return undefined;
  return { kind: "rows", stage, from, to, counter, watermark, sentAt, rows };
}

const isName = (value: unknown): value is string => typeof value === "string" && value !== "";
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime = (value: unknown): value is EpochMs => Number.isSafeInteger(value);
const isWatermark = (value: unknown): value is EpochMs =>
  isTime(value) || value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;

const isEvent = (value: unknown): value is WireEvent =>
  Array.isArray(value) && value.length === 3 && typeof value[0] === "string" && isTime(value[1]);

/** A row's time may be the end of time: what a session of an ended input is stamped with. */
const isRow = (value: unknown): value is WireRow =>
  Array.isArray(value) &&
  value.length === 4 &&
  isCount(value[0]) &&
  (typeof value[1] === "string" || typeof value[1] === "number") &&
  isWatermark(value[2]);

const unknown = (what: string, cause?: unknown): MillraceError =>
  new MillraceError("FRAME_UNKNOWN", `a record begins like a frame and holds ${what}`, {
    next: "dead-lettered",
    ...(cause === undefined ? {} : { cause }),
  });
