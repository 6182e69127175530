import { copySourceOf } from "../../http/s3-address.ts";
import { header, type S3Request } from "../../http/s3-request.ts";
import type { Keys } from "../condition-keys.ts";
import type { Ask } from "../iam.ts";
import { keysFrom } from "./call.ts";

/** A request to S3 as far as rights depend on it. */
export type S3Call = Pick<S3Request, "bucket" | "key" | "query" | "headers">;

type AsksOf = (call: S3Call) => readonly Ask[];

/** By method and the query parameters that tell operations apart, as the server names them. */
type S3Calls = Readonly<Record<string, AsksOf>>;

const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
const objectArn = (bucket: string, key: string): string => `${bucketArn(bucket)}/${key}`;

const onBucket =
  (action: string): AsksOf =>
  (call) => [{ action: `s3:${action}`, resource: bucketArn(call.bucket), keys: s3Keys(call) }];
const onObject =
  (action: string): AsksOf =>
  (call) => [objectAsk(action, call)];

/** A write of an object or a part; what is copied must be readable. */
const onWrite =
  (creates: boolean): AsksOf =>
  (call) => {
    const write = { ...objectAsk("PutObject", call), keys: s3Keys(call, creates) };
    const source = header(call.headers, "x-amz-copy-source");
    if (source === undefined) return [write];
    const { Bucket, Key } = copySourceOf(source);
    return [objectAsk("GetObject", { ...call, bucket: Bucket, key: Key }), write];
  };

const objectAsk = (action: string, call: S3Call): Ask => ({
  action: `s3:${action}`,
  resource: objectArn(call.bucket, call.key),
  keys: s3Keys(call),
});

/** Source of all three: "… for Amazon S3", Service Authorization Reference. */
export const S3_SERVICE_CALLS: S3Calls = {
  GET: (call) => [{ action: "s3:ListAllMyBuckets", resource: "*", keys: s3Keys(call) }],
};

export const S3_BUCKET_CALLS: S3Calls = {
  PUT: onBucket("CreateBucket"),
  HEAD: onBucket("ListBucket"),
  DELETE: onBucket("DeleteBucket"),
  "GET location": onBucket("GetBucketLocation"),
  "GET list-type": onBucket("ListBucket"),
  "GET uploads": onBucket("ListBucketMultipartUploads"),
  "GET lifecycle": onBucket("GetLifecycleConfiguration"),
  "PUT lifecycle": onBucket("PutLifecycleConfiguration"),
  "DELETE lifecycle": onBucket("PutLifecycleConfiguration"),
  // asks for each of its keys, when they have been read
  "POST delete": () => [],
};

export const S3_OBJECT_CALLS: S3Calls = {
  PUT: onWrite(true),
  GET: onObject("GetObject"),
  "GET partNumber": onObject("GetObject"),
  HEAD: onObject("GetObject"),
  "HEAD partNumber": onObject("GetObject"),
  DELETE: onObject("DeleteObject"),
  "POST uploads": onWrite(false),
  "PUT partNumber uploadId": onWrite(false),
  "POST uploadId": onWrite(true),
  "GET uploadId": onObject("ListMultipartUploadParts"),
  "DELETE uploadId": onObject("AbortMultipartUpload"),
};

export function s3CallsFor({ bucket, key }: S3Call): S3Calls {
  if (bucket === "") return S3_SERVICE_CALLS;
  return key === "" ? S3_BUCKET_CALLS : S3_OBJECT_CALLS;
}

/** For each key of a DeleteObjects. */
export const deletionOf = (call: S3Call, key: string): Ask => objectAsk("DeleteObject", { ...call, key });

/** For a key that is not there: without the right to list the bucket S3 does not tell. */
export const listingOf = (call: S3Call): Ask => ({
  action: "s3:ListBucket",
  resource: bucketArn(call.bucket),
  keys: s3Keys({ ...call, query: new URLSearchParams() }),
});

/** Headers that are condition keys under their own names. */
const HEADERS = [
  "if-match",
  "if-none-match",
  "x-amz-acl",
  "x-amz-content-sha256",
  "x-amz-copy-source",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-storage-class",
];

/**
 * Sources: "… for Amazon S3", Service Authorization Reference; of s3:ObjectCreationOperation, "Enforce conditional
 * writes on Amazon S3 buckets", S3 User Guide. What crosses the network on AWS in TLS 1.3 crosses the loopback
 * interface here in the clear.
 * @param creates - of a write, whether an object is there after it: a part makes none
 */
function s3Keys({ query, headers }: S3Call, creates?: boolean): Keys {
  const given = keysFrom({
    "s3:prefix": query.get("prefix") ?? undefined,
    "s3:delimiter": query.get("delimiter") ?? undefined,
    "s3:max-keys": query.get("max-keys") ?? undefined,
    "s3:tlsversion": "1.3",
    "s3:authtype": headers.authorization === undefined ? "REST-QUERY-STRING" : "REST-HEADER",
    "s3:signatureversion": "AWS4-HMAC-SHA256",
    "s3:objectcreationoperation": creates === undefined ? undefined : String(creates),
  });
  return (key) => {
    const name = key.startsWith("s3:") ? key.slice(3) : "";
    const value = HEADERS.includes(name) ? header(headers, name) : undefined;
    return value === undefined ? given(key) : [value];
  };
}
