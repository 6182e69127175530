import { ServiceError } from "../service-error.ts";
import type { ObjectHeaders } from "./s3-api.ts";

const MAX_KEY_BYTES = 1_024;
const MAX_METADATA_BYTES = 2_048;
const STORAGE_CLASSES = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
]);

export function checkKey(key: string): void {
  if (key.length === 0) throw new ServiceError("InvalidArgument", "An object needs a key");
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES)
    throw new ServiceError("KeyTooLongError", "Your key is too long", 400, {
      Size: bytes,
      MaxSizeAllowed: MAX_KEY_BYTES,
    });
}

/**
 * What of an input is stored beside an object. Throws MetadataTooLarge, and InvalidStorageClass for a class that does
 * not exist or from which an object cannot be read at once.
 */
export function storedHeaders(input: ObjectHeaders): ObjectHeaders {
  const { ContentType, ContentEncoding, ContentDisposition, ContentLanguage, CacheControl, Expires } = input;
  const { StorageClass, ServerSideEncryption, Metadata } = input;
  if (StorageClass !== undefined && !STORAGE_CLASSES.has(StorageClass))
    throw new ServiceError("InvalidStorageClass", "The storage class you specified is not valid");
  const bytes = Object.entries(Metadata ?? {}).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES)
    throw new ServiceError(
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size",
      400,
      { Size: bytes, MaxSizeAllowed: MAX_METADATA_BYTES },
    );
  return {
    ContentType,
    ContentEncoding,
    ContentDisposition,
    ContentLanguage,
    CacheControl,
    Expires,
    StorageClass,
    ServerSideEncryption,
    Metadata,
  };
}
