import { ServiceError } from "../service-error.ts";

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
      ActualObjectSize: size,
      RangeRequested: header,
    });
  return { start, end };
}
