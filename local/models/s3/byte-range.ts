import { ServiceError } from "../service-error.ts";
import type { StoredObject } from "./bucket.ts";

/** Half-open. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * Reads a Range header of one range: `bytes=0-99`, `bytes=100-`, `bytes=-8` (the last eight).
 * Undefined for another form, which S3 ignores; InvalidRange (416) where nothing of it is in the object.
 */
export function parseRange(header: string, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  if (start >= size || end <= start)
    throw new ServiceError("InvalidRange", "The requested range is not satisfiable", 416, {
      RangeRequested: header,
      ActualObjectSize: size,
    });
  return { start, end };
}

/** The bytes of one part; all of an object that was not uploaded in parts are its part 1. */
export function rangeOfPart({ body, parts }: StoredObject, number: number): ByteRange {
  if (parts.length === 0 && number === 1) return { start: 0, end: body.byteLength };
  let start = 0;
  for (const part of parts) {
    if (part.number === number) return { start, end: start + part.size };
    start += part.size;
  }
  throw new ServiceError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, {
    PartNumberRequested: number,
    ActualPartCount: Math.max(1, parts.length),
  });
}

/** Reads `x-amz-copy-source-range`, which must be `bytes=first-last` within the source. */
export function parseCopyRange(header: string, size: number): ByteRange {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first))
    throw new ServiceError(
      "InvalidArgument",
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      400,
      { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header },
    );
  if (Number(last) >= size)
    throw new ServiceError(
      "InvalidArgument",
      `Range specified is not valid for source object of size: ${size}`,
    );
  return { start: Number(first), end: Number(last) + 1 };
}
