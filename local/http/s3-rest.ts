import type { IncomingMessage, ServerResponse } from "node:http";
import { isoOf } from "../../shared/time/clock.ts";
import type { HeadObjectOutput, ListObjectsV2Output } from "../models/s3/s3-api.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import { ServiceError } from "../models/service-error.ts";
import { httpDate } from "./http-date.ts";
import { serviceErrorOf } from "./json-protocol.ts";
import { conditionsOf, header, objectHeaders, type S3Request, s3RequestOf } from "./s3-request.ts";
import { elementsNamed, textOf, type XmlContent, xmlDocument } from "./xml.ts";

type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array | string;
};

/** Answers one request of S3's REST protocol, path style. */
export function answerS3(
  s3: S3Model,
  message: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
): void {
  const answer = answerOf(s3, message, body);
  const content = message.method === "HEAD" ? undefined : answer.body;
  response.writeHead(answer.status, {
    ...(message.method !== "HEAD" &&
      answer.status !== 204 &&
      answer.status !== 304 && {
        "content-length": Buffer.byteLength(content ?? ""),
      }),
    ...answer.headers,
  });
  response.end(content);
}

function answerOf(s3: S3Model, message: IncomingMessage, body: Uint8Array): Answer {
  try {
    const request = s3RequestOf(message, body);
    if (request.bucket === "") return serviceAnswer(s3, request);
    return request.key === "" ? bucketAnswer(s3, request) : objectAnswer(s3, request);
  } catch (error) {
    const { code, status, message: text, detail } = serviceErrorOf(error);
    if (status === 304) return { status };
    return xmlAnswer("Error", { Code: code, Message: text, ...(detail as Record<string, string>) }, status);
  }
}

function serviceAnswer(s3: S3Model, { method, headers }: S3Request): Answer {
  if (method !== "GET") throw notImplemented(`${method} /`);
  if (header(headers, "authorization") === undefined)
    throw new ServiceError("AccessDenied", "Access Denied: nothing is served at this path", 403);
  return xmlAnswer("ListAllMyBucketsResult", { Buckets: { Bucket: s3.listBuckets().Buckets } });
}

function bucketAnswer(s3: S3Model, request: S3Request): Answer {
  const { method, bucket: Bucket, query } = request;
  switch (operationName(request)) {
    case "PUT":
      s3.createBucket({ Bucket });
      return { status: 200, headers: { location: `/${Bucket}` } };
    case "HEAD":
      s3.headBucket({ Bucket });
      return { status: 200 };
    case "DELETE":
      s3.deleteBucket({ Bucket });
      return { status: 204 };
    case "GET location":
      s3.headBucket({ Bucket });
      return xmlAnswer("LocationConstraint", "");
    case "GET list-type":
      return listAnswer(s3, Bucket, query);
    case "POST delete":
      return deleteAnswer(s3, request);
    default:
      throw notImplemented(`${method} /${Bucket}?${query}`);
  }
}

function objectAnswer(s3: S3Model, request: S3Request): Answer {
  const { method, bucket: Bucket, key: Key, query, headers, body } = request;
  const conditions = conditionsOf(headers);
  const UploadId = query.get("uploadId") ?? "";
  switch (operationName(request)) {
    case "PUT": {
      if (header(headers, "x-amz-copy-source") !== undefined) throw notImplemented("CopyObject");
      const { ETag } = s3.putObject({ Bucket, Key, Body: body, ...objectHeaders(headers), ...conditions });
      return { status: 200, headers: { etag: ETag } };
    }
    case "GET": {
      const { Body, ...head } = s3.getObject({ Bucket, Key, ...conditions, Range: header(headers, "range") });
      return { ...headAnswer(head), body: Body };
    }
    case "HEAD":
      return headAnswer(s3.headObject({ Bucket, Key, ...conditions, Range: header(headers, "range") }));
    case "DELETE":
      s3.deleteObject({ Bucket, Key });
      return { status: 204 };
    case "POST uploads":
      return xmlAnswer(
        "InitiateMultipartUploadResult",
        s3.createMultipartUpload({ Bucket, Key, ...objectHeaders(headers) }),
      );
    case "PUT partNumber uploadId": {
      const PartNumber = Number(query.get("partNumber"));
      const { ETag } = s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body: body });
      return { status: 200, headers: { etag: ETag } };
    }
    case "POST uploadId": {
      const Parts = elementsNamed(textIn(body), "Part").map((part) => ({
        PartNumber: Number(textOf(part, "PartNumber")),
        ETag: textOf(part, "ETag") ?? "",
      }));
      const completed = { Bucket, Key, UploadId, MultipartUpload: { Parts }, ...conditions };
      return xmlAnswer("CompleteMultipartUploadResult", s3.completeMultipartUpload(completed));
    }
    case "DELETE uploadId":
      s3.abortMultipartUpload({ Bucket, Key, UploadId });
      return { status: 204 };
    default:
      throw notImplemented(`${method} /${Bucket}/${Key}?${query}`);
  }
}

/** Query parameters that qualify an operation, or belong to a signature, rather than name another operation. */
const QUALIFIERS =
  /^(x-id|x-amz-.*|prefix|delimiter|max-keys|start-after|continuation-token|encoding-type|fetch-owner|response-.*)$/i;

/** The method and the query parameters that tell S3's operations apart, e.g. `PUT partNumber uploadId`. */
const operationName = ({ method, query }: S3Request): string =>
  [method, ...[...new Set(query.keys())].filter((name) => !QUALIFIERS.test(name)).sort()].join(" ");

function listAnswer(s3: S3Model, Bucket: string, query: URLSearchParams): Answer {
  const maxKeys = query.get("max-keys");
  const page = s3.listObjectsV2({
    Bucket,
    Prefix: query.get("prefix") ?? undefined,
    Delimiter: query.get("delimiter") ?? undefined,
    StartAfter: query.get("start-after") ?? undefined,
    ContinuationToken: query.get("continuation-token") ?? undefined,
    MaxKeys: maxKeys === null ? undefined : Number(maxKeys),
  });
  return xmlAnswer("ListBucketResult", listContent(page, query));
}

function listContent(page: ListObjectsV2Output, query: URLSearchParams): XmlContent {
  const isEncoded = query.get("encoding-type") === "url";
  const keyText = (key: string): string => (isEncoded ? encodeURIComponent(key).replaceAll("%2F", "/") : key);
  return {
    ...page,
    Prefix: keyText(page.Prefix),
    Delimiter: query.get("delimiter") ?? undefined,
    ContinuationToken: query.get("continuation-token") ?? undefined,
    EncodingType: isEncoded ? "url" : undefined,
    Contents: page.Contents.map((object) => ({
      ...object,
      Key: keyText(object.Key),
      LastModified: isoOf(object.LastModified),
      StorageClass: "STANDARD",
    })),
    CommonPrefixes: page.CommonPrefixes.map(({ Prefix }) => ({ Prefix: keyText(Prefix) })),
  };
}

function deleteAnswer(s3: S3Model, { bucket: Bucket, body }: S3Request): Answer {
  const xml = textIn(body);
  const Objects = elementsNamed(xml, "Object").map((object) => ({ Key: textOf(object, "Key") ?? "" }));
  const { Deleted, Errors } = s3.deleteObjects({
    Bucket,
    Delete: { Objects, Quiet: textOf(xml, "Quiet") === "true" },
  });
  return xmlAnswer("DeleteResult", { Deleted, Error: Errors });
}

function headAnswer(head: HeadObjectOutput): Answer {
  const headers: Record<string, string | number> = {
    "accept-ranges": "bytes",
    "content-type": head.ContentType ?? "binary/octet-stream",
    "content-length": head.ContentLength,
    etag: head.ETag,
    "last-modified": httpDate(head.LastModified),
  };
  if (head.ContentEncoding !== undefined) headers["content-encoding"] = head.ContentEncoding;
  if (head.CacheControl !== undefined) headers["cache-control"] = head.CacheControl;
  if (head.ContentRange !== undefined) headers["content-range"] = head.ContentRange;
  for (const [name, value] of Object.entries(head.Metadata ?? {})) headers[`x-amz-meta-${name}`] = value;
  return { status: head.ContentRange === undefined ? 200 : 206, headers };
}

const xmlAnswer = (name: string, content: XmlContent, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: xmlDocument(name, content),
});

const textIn = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();

const notImplemented = (what: string): ServiceError =>
  new ServiceError("NotImplemented", `the local cloud does not know the S3 operation ${what}`, 501);
