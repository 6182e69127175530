import { ServiceError } from "../service-error.ts";
import type { Bucket, StoredObject } from "./bucket.ts";
import { commonPrefixOf, pageSize } from "./listing.ts";
import type { ListedObject, ListObjectsV2Input, ListObjectsV2Output } from "./s3-api.ts";

/** One page of a bucket's keys; with a delimiter, keys that share what comes before it are one common prefix. */
export function listObjects(bucket: Bucket, input: ListObjectsV2Input): ListObjectsV2Output {
  const { Prefix: prefix = "", Delimiter: delimiter = "" } = input;
  const most = pageSize("max-keys", input.MaxKeys);
  const contents: ListedObject[] = [];
  const commonPrefixes: { readonly Prefix: string }[] = [];
  let index = startIndex(bucket, input, prefix);
  let last = "";
  let key = bucket.keyAt(index);
  for (; key?.startsWith(prefix); key = bucket.keyAt(index)) {
    if (contents.length + commonPrefixes.length >= most) break;
    const common = commonPrefixOf(key, prefix, delimiter);
    if (common !== undefined) {
      last = common;
      commonPrefixes.push({ Prefix: common });
      index = bucket.indexBehind(common);
      continue;
    }
    const object = bucket.get(key);
    if (object !== undefined) contents.push(listed(key, object));
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
    ...(isTruncated && { NextContinuationToken: tokenOf(last) }),
  };
}

const listed = (Key: string, { body, etag, modifiedAt, headers, checksum }: StoredObject): ListedObject => ({
  Key,
  Size: body.byteLength,
  ETag: etag,
  LastModified: modifiedAt,
  StorageClass: headers.StorageClass ?? "STANDARD",
  ...(checksum !== undefined && { Checksum: checksum }),
});

function startIndex(bucket: Bucket, input: ListObjectsV2Input, prefix: string): number {
  const { ContinuationToken: token, StartAfter: after, Delimiter: delimiter = "" } = input;
  const first = bucket.indexFrom(prefix);
  if (token !== undefined) {
    const last = textOfToken(token);
    // The last page ended with a key or, as a whole, with a common prefix.
    const isPrefix = commonPrefixOf(last, prefix, delimiter) === last;
    return isPrefix ? bucket.indexBehind(last) : behindKey(bucket, last);
  }
  return after === undefined ? first : Math.max(first, behindKey(bucket, after));
}

function behindKey(bucket: Bucket, key: string): number {
  const index = bucket.indexFrom(key);
  return bucket.keyAt(index) === key ? index + 1 : index;
}

const TOKEN_MARK = "after ";

const tokenOf = (last: string): string => Buffer.from(`${TOKEN_MARK}${last}`).toString("base64url");

function textOfToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith(TOKEN_MARK))
    throw new ServiceError("InvalidArgument", "The continuation token provided is incorrect", 400, {
      ArgumentName: "continuation-token",
    });
  return text.slice(TOKEN_MARK.length);
}
