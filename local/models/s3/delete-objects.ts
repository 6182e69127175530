import { ServiceError } from "../service-error.ts";
import type { Bucket } from "./bucket.ts";
import { checkDelete } from "./conditions.ts";
import type { DeleteObjectsInput, DeleteObjectsOutput } from "./s3-api.ts";

const MAX_DELETES = 1_000;

/** Deletes an object; one that is not there is no error, but where it must have an ETag. */
export function deleteFrom(bucket: Bucket, key: string, ifMatch: string | undefined): void {
  if (ifMatch !== undefined) checkDelete(key, ifMatch, bucket.get(key));
  bucket.delete(key);
}

/**
 * Deletes objects, each on its own. Throws MalformedXML where there are none, or more than 1,000.
 * @param failed - the indexes of those that are made to fail
 */
export function deleteAll(
  bucket: Bucket,
  { Delete: { Objects: objects, Quiet: quiet } }: DeleteObjectsInput,
  failed: ReadonlySet<number>,
): DeleteObjectsOutput {
  if (objects.length < 1 || objects.length > MAX_DELETES)
    throw new ServiceError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  const deleted: { readonly Key: string }[] = [];
  const errors: { readonly Key: string; readonly Code: string; readonly Message: string }[] = [];
  for (const [index, { Key, ETag }] of objects.entries())
    try {
      if (failed.has(index)) throw new ServiceError("InternalError", "We encountered an internal error.");
      deleteFrom(bucket, Key, ETag);
      if (quiet !== true) deleted.push({ Key });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({ Key, Code: error.code, Message: error.message });
    }
  return { Deleted: deleted, Errors: errors };
}
