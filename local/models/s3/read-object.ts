import { ServiceError } from "../service-error.ts";
import type { Bucket } from "./bucket.ts";
import { parseRange, rangeOfPart } from "./byte-range.ts";
import { checkRead, noSuchKey } from "./conditions.ts";
import type { GetObjectInput, GetObjectOutput } from "./s3-api.ts";

/** An object, or the part of it that is asked for. Throws NoSuchKey, and what checkRead and the ranges throw. */
export function readObject(bucket: Bucket, input: GetObjectInput): GetObjectOutput {
  const object = bucket.get(input.Key);
  if (object === undefined) throw noSuchKey(input.Key);
  checkRead(input, object);
  const { Range, PartNumber } = input;
  if (Range !== undefined && PartNumber !== undefined)
    throw new ServiceError(
      "InvalidRequest",
      "Cannot specify both Range header and partNumber query parameter",
    );
  const { body, etag, modifiedAt, headers, checksum, parts } = object;
  const size = body.byteLength;
  const range =
    PartNumber !== undefined
      ? rangeOfPart(object, PartNumber)
      : Range !== undefined
        ? parseRange(Range, size)
        : undefined;
  const part = range === undefined ? body : body.subarray(range.start, range.end);
  const expiration = bucket.lifecycle.expirationOf(input.Key, size, modifiedAt);
  return {
    ...headers,
    ContentLength: part.byteLength,
    ETag: etag,
    LastModified: modifiedAt,
    ...(range !== undefined &&
      range.end > range.start && { ContentRange: `bytes ${range.start}-${range.end - 1}/${size}` }),
    ...(PartNumber !== undefined && parts.length > 0 && { PartsCount: parts.length }),
    ...(checksum !== undefined && part.byteLength === size && { Checksum: checksum }),
    ...(expiration !== undefined && { Expiration: expiration }),
    Body: part,
  };
}
