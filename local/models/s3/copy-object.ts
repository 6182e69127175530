import { hash } from "node:crypto";
import { ServiceError } from "../service-error.ts";
import type { StoredObject } from "./bucket.ts";
import { checksumOf } from "./checksums.ts";
import { storedHeaders } from "./object-headers.ts";
import type { CopyObjectInput } from "./s3-api.ts";

/**
 * What a copy of an object is: its bytes, and its headers unless they are replaced; parts are not copied.
 * Throws InvalidRequest where the source is what is there already and nothing changes.
 */
export function copyOf(
  source: StoredObject,
  there: StoredObject | undefined,
  input: CopyObjectInput,
): Omit<StoredObject, "modifiedAt"> {
  const { MetadataDirective: directive = "COPY", StorageClass, ServerSideEncryption } = input;
  const isReplaced = directive === "REPLACE";
  if (source === there && !isReplaced && StorageClass === undefined)
    throw new ServiceError(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  const given = storedHeaders(input);
  const algorithm = input.ChecksumAlgorithm ?? source.checksum?.Algorithm;
  return {
    body: source.body,
    etag: `"${hash("md5", source.body, "hex")}"`,
    headers: isReplaced ? given : { ...source.headers, StorageClass, ServerSideEncryption },
    checksum: algorithm && checksumOf(algorithm, source.body),
    parts: [],
  };
}
