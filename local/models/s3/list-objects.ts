import { ServiceError } from "../service-error.ts";
import type { Bucket } from "./bucket.ts";
import type { ListedObject, ListObjectsV2Input, ListObjectsV2Output } from "./s3-api.ts";

const MAX_KEYS = 1_000;

/** One page of a bucket's keys; with a delimiter, keys that share what comes before it are one common prefix. */
export function listObjects(bucket: Bucket, input: ListObjectsV2Input): ListObjectsV2Output {
  const { Prefix: prefix = "", Delimiter: delimiter = "", MaxKeys: asked = MAX_KEYS } = input;
  const most = Math.min(asked, MAX_KEYS);
  const contents: ListedObject[] = [];
  const commonPrefixes: { readonly Prefix: string }[] = [];
  let index = startIndex(bucket, input, prefix);
  let last = "";
  let key = bucket.keyAt(index);
  for (; key?.startsWith(prefix); key = bucket.keyAt(index)) {
    if (contents.length + commonPrefixes.length >= most) break;
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut >= 0) {
      last = key.slice(0, cut + delimiter.length);
      commonPrefixes.push({ Prefix: last });
      index = bucket.indexBehind(last);
      continue;
    }
    const object = bucket.get(key);
    if (object !== undefined)
      contents.push({
        Key: key,
        Size: object.body.byteLength,
        ETag: object.etag,
        LastModified: object.modifiedAt,
      });
    last = key;
    index += 1;
  }
  const isTruncated = most > 0 && key?.startsWith(prefix) === true;
  return {
    Name: input.Bucket,
    Prefix: prefix,
    MaxKeys: most,
    KeyCount: contents.length + commonPrefixes.length,
    IsTruncated: isTruncated,
    Contents: contents,
    CommonPrefixes: commonPrefixes,
    ...(isTruncated && { NextContinuationToken: Buffer.from(last).toString("base64url") }),
  };
}

function startIndex(bucket: Bucket, input: ListObjectsV2Input, prefix: string): number {
  const { ContinuationToken: token, StartAfter: after, Delimiter: delimiter = "" } = input;
  const first = bucket.indexFrom(prefix);
  if (token !== undefined) {
    const last = Buffer.from(token, "base64url").toString();
    if (last === "")
      throw new ServiceError("InvalidArgument", "The continuation token provided is incorrect");
    // The last page ended with a key or, as a whole, with a common prefix.
    const isPrefix = delimiter !== "" && last.endsWith(delimiter) && last.length > prefix.length;
    return isPrefix ? bucket.indexBehind(last) : behindKey(bucket, last);
  }
  return after === undefined ? first : Math.max(first, behindKey(bucket, after));
}

function behindKey(bucket: Bucket, key: string): number {
  const index = bucket.indexFrom(key);
  return bucket.keyAt(index) === key ? index + 1 : index;
}
