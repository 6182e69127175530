import { ServiceError } from "../service-error.ts";
import type { StoredObject } from "./bucket.ts";
import type { PutConditions, ReadConditions } from "./s3-api.ts";

export const noSuchKey = (key: string): ServiceError =>
  new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });

/**
 * Throws where a conditional put may not replace what is there: NoSuchKey (404), PreconditionFailed (412).
 * Source: "How to prevent object overwrites with conditional writes", Amazon S3 User Guide.
 */
export function checkPut(
  key: string,
  { IfNoneMatch, IfMatch }: PutConditions,
  there: StoredObject | undefined,
): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== "*")
    throw new ServiceError(
      "NotImplemented",
      "A header you provided implies functionality that is not implemented: If-None-Match of a put can only be *",
      501,
      { Header: "If-None-Match" },
    );
  if (IfNoneMatch === "*" && there !== undefined) throw preconditionFailed("If-None-Match");
  if (IfMatch === undefined) return;
  if (there === undefined) throw noSuchKey(key);
  if (!matches(IfMatch, there)) throw preconditionFailed("If-Match");
}

/** A delete with If-Match takes only the object that it names; where there is none, NoSuchKey (404). */
export const checkDelete = (
  key: string,
  IfMatch: string | undefined,
  there: StoredObject | undefined,
): void => checkPut(key, { IfMatch }, there);

/**
 * Throws where an object is not to be read: PreconditionFailed (412), NotModified (304). An ETag goes before a date, as
 * the headers' descriptions in GetObject and RFC 9110, section 13.2.2, say.
 */
export function checkRead(conditions: ReadConditions, there: StoredObject): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, there)) throw preconditionFailed("If-Match");
  } else if (IfUnmodifiedSince !== undefined && there.modifiedAt > IfUnmodifiedSince)
    throw preconditionFailed("If-Unmodified-Since");
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, there)) throw notModified(there);
  } else if (IfModifiedSince !== undefined && there.modifiedAt <= IfModifiedSince) throw notModified(there);
}

/** The same conditions on the source of a copy, where each that does not hold is a PreconditionFailed (412). */
export function checkCopySource(conditions: ReadConditions, source: StoredObject): void {
  try {
    checkRead(conditions, source);
  } catch (error) {
    const isNotModified = error instanceof ServiceError && error.status === 304;
    throw isNotModified ? preconditionFailed("x-amz-copy-source-If-None-Match") : error;
  }
}

const notModified = ({ etag, modifiedAt }: StoredObject): ServiceError =>
  new ServiceError("NotModified", "Not Modified", 304, { ETag: etag, LastModified: modifiedAt });

const preconditionFailed = (condition: string): ServiceError =>
  new ServiceError(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    412,
    { Condition: condition },
  );

/** Whether a header's list of ETags, quoted or not, names the object's. */
const matches = (etags: string, { etag }: StoredObject): boolean =>
  etags
    .split(",")
    .map((one) => one.trim().replace(/^(?:W\/)?"?|"$/g, ""))
    .some((one) => one === "*" || `"${one}"` === etag);
