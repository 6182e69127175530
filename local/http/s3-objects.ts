import { isoOf } from "../../shared/time/clock.ts";
import { checkBody } from "../models/s3/checksums.ts";
import type { HeadObjectOutput } from "../models/s3/s3-api.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import { ServiceError } from "../models/service-error.ts";
import { httpDate } from "./http-date.ts";
import { copySourceOf } from "./s3-address.ts";
import {
  type Answer,
  checksumElement,
  checksumHeaders,
  encryptionHeader,
  expirationHeader,
  xmlAnswer,
} from "./s3-answer.ts";
import type { S3Operations } from "./s3-operation.ts";
import {
  checksumAlgorithm,
  claimsOf,
  header,
  numberIn,
  objectHeaders,
  putConditions,
  readConditions,
  type S3Request,
} from "./s3-request.ts";
import { childOf, childrenOf, malformed, parseXml } from "./xml.ts";

/** S3's checksum of an object that came without one. */
const DEFAULT_CHECKSUM = "CRC64NVME";

/** Operations on an object as a whole, and on lists of them. */
export const objectOperations: S3Operations = {
  PUT: (s3, request, pending) => {
    const { bucket: Bucket, key: Key, body: Body, headers } = request;
    if (header(headers, "x-amz-copy-source") !== undefined) return copyAnswer(s3, request);
    const stored = objectHeaders(headers);
    const { ETag, Checksum, Expiration } = s3.putObject(
      {
        Bucket,
        Key,
        Body,
        ...stored,
        ...claimsOf(request),
        ...putConditions(headers),
        ChecksumAlgorithm: DEFAULT_CHECKSUM,
      },
      pending,
    );
    return {
      status: 200,
      headers: {
        etag: ETag,
        ...checksumHeaders(Checksum),
        ...encryptionHeader(stored),
        ...expirationHeader(Expiration),
      },
    };
  },
  GET: (s3, request) => {
    const { Body, ...head } = s3.getObject(readInput(request));
    return { ...headAnswer(head, request), body: Body };
  },
  "GET partNumber": (s3, request) => {
    const { Body, ...head } = s3.getObject(readInput(request));
    return { ...headAnswer(head, request), body: Body };
  },
  HEAD: (s3, request) => headAnswer(s3.headObject(readInput(request)), request),
  "HEAD partNumber": (s3, request) => headAnswer(s3.headObject(readInput(request)), request),
  DELETE: (s3, { bucket: Bucket, key: Key, headers }) => {
    s3.deleteObject({ Bucket, Key, IfMatch: header(headers, "if-match") });
    return { status: 204 };
  },
};

function readInput({ bucket: Bucket, key: Key, headers, query }: S3Request) {
  const PartNumber = numberIn(query, "partNumber");
  return { Bucket, Key, ...readConditions(headers), Range: header(headers, "range"), PartNumber };
}

function copyAnswer(s3: S3Model, request: S3Request): Answer {
  const { bucket: Bucket, key: Key, headers } = request;
  const algorithm = header(headers, "x-amz-checksum-algorithm");
  const stored = objectHeaders(headers);
  const { ETag, LastModified, Checksum } = s3.copyObject({
    Bucket,
    Key,
    CopySource: copySourceOf(header(headers, "x-amz-copy-source") ?? ""),
    CopySourceIf: readConditions(headers, "x-amz-copy-source-"),
    MetadataDirective: header(headers, "x-amz-metadata-directive"),
    ChecksumAlgorithm: algorithm === undefined ? undefined : checksumAlgorithm(algorithm),
    ...stored,
    ...putConditions(headers),
  });
  return xmlAnswer(
    "CopyObjectResult",
    {
      ETag,
      LastModified: isoOf(LastModified),
      ...checksumElement(Checksum),
      ChecksumType: Checksum?.Type,
    },
    encryptionHeader(stored),
  );
}

/** What a GET may ask to be answered with instead of what is stored. */
const OVERRIDES = [
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
] as const;

function headAnswer(head: HeadObjectOutput, { headers, query }: S3Request): Answer {
  const isChecked = header(headers, "x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  const metadata = Object.entries(head.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  const overrides = OVERRIDES.flatMap((name) => {
    const value = query.get(`response-${name}`);
    return value === null ? [] : [[name, value]];
  });
  const isPart = head.ContentRange !== undefined || head.PartsCount !== undefined;
  return {
    status: isPart ? 206 : 200,
    headers: {
      "accept-ranges": "bytes",
      "content-type": head.ContentType ?? "binary/octet-stream",
      "content-length": head.ContentLength,
      "content-range": head.ContentRange,
      etag: head.ETag,
      "last-modified": httpDate(head.LastModified),
      "content-encoding": head.ContentEncoding,
      "content-disposition": head.ContentDisposition,
      "content-language": head.ContentLanguage,
      "cache-control": head.CacheControl,
      expires: head.Expires,
      "x-amz-storage-class": head.StorageClass === "STANDARD" ? undefined : head.StorageClass,
      "x-amz-mp-parts-count": head.PartsCount,
      ...(isChecked && checksumHeaders(head.Checksum)),
      ...encryptionHeader(head),
      ...expirationHeader(head.Expiration),
      ...Object.fromEntries(metadata),
      ...Object.fromEntries(overrides),
    },
  };
}

/** Deletes the objects that a document lists; it must come with a digest. */
export function deleteAnswer(s3: S3Model, request: S3Request): Answer {
  const claims = claimsOf(request);
  if (claims.ContentMD5 === undefined && claims.Checksum === undefined)
    throw new ServiceError("InvalidRequest", "Missing required header for this request: Content-MD5");
  checkBody(request.body, claims);
  const document = parseXml(Buffer.from(request.body).toString());
  const Objects = childrenOf(document, "Object").map((object) => {
    const key = childOf(object, "Key")?.text;
    if (key === undefined) throw malformed();
    return { Key: key, ETag: childOf(object, "ETag")?.text };
  });
  const refused = Objects.filter(({ Key }) => request.access?.mayDelete(request, Key) === false);
  const allowed = Objects.filter((object) => !refused.includes(object));
  const Delete = { Objects: allowed, Quiet: childOf(document, "Quiet")?.text === "true" };
  const isRefused = allowed.length === 0 && refused.length > 0;
  const { Deleted, Errors } = isRefused
    ? { Deleted: [], Errors: [] }
    : s3.deleteObjects({ Bucket: request.bucket, Delete });
  const denied = refused.map(({ Key }) => ({ Key, Code: "AccessDenied", Message: "Access Denied" }));
  return xmlAnswer("DeleteResult", { Deleted, Error: [...Errors, ...denied] });
}
