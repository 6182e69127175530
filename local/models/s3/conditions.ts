import { ServiceError } from "../service-error.ts";
import type { StoredObject } from "./bucket.ts";
import type { GetObjectInput, PutConditions } from "./s3-api.ts";

const noSuchKey = (): ServiceError => new ServiceError("NoSuchKey", "The specified key does not exist.", 404);

const preconditionFailed = (condition: string): ServiceError =>
  new ServiceError(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    412,
    { Condition: condition },
  );

/** Throws where a conditional put may not replace what is there. */
export function checkPut({ IfNoneMatch, IfMatch }: PutConditions, there: StoredObject | undefined): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== "*")
    throw new ServiceError("NotImplemented", "If-None-Match of a put can only be *", 501);
  if (IfNoneMatch === "*" && there !== undefined) throw preconditionFailed("If-None-Match");
  if (IfMatch === undefined) return;
  if (there === undefined) throw noSuchKey();
  if (!matches(IfMatch, there)) throw preconditionFailed("If-Match");
}

/** The object that is asked for; NoSuchKey (404), PreconditionFailed (412) or NotModified (304) otherwise. */
export function checkedGet(
  { IfMatch, IfNoneMatch }: GetObjectInput,
  there: StoredObject | undefined,
): StoredObject {
  if (there === undefined) throw noSuchKey();
  if (IfMatch !== undefined && !matches(IfMatch, there)) throw preconditionFailed("If-Match");
  if (IfNoneMatch !== undefined && matches(IfNoneMatch, there))
    throw new ServiceError("NotModified", "Not Modified", 304);
  return there;
}

/** Whether a header's list of ETags, quoted or not, names the object's. */
const matches = (etags: string, { etag }: StoredObject): boolean =>
  etags
    .split(",")
    .map((one) => one.trim().replace(/^(?:W\/)?"?|"$/g, ""))
    .some((one) => one === "*" || `"${one}"` === etag);
