import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { S3Access } from "../iam/access.ts";
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  type ClaimedChecksum,
  isChecksumAlgorithm,
} from "../models/s3/checksums.ts";
import type { BodyClaims, ObjectHeaders, PutConditions, ReadConditions } from "../models/s3/s3-api.ts";
import { ServiceError } from "../models/service-error.ts";
import { parseHttpDate } from "./http-date.ts";
import { type S3Address, s3AddressOf } from "./s3-address.ts";
import { notImplemented } from "./s3-answer.ts";
import { receivedBody } from "./s3-body.ts";

/** An S3 request, taken apart. */
export type S3Request = S3Address & {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** What its sender may do; undefined where that is everything. */
  readonly access?: S3Access | undefined;
  /** What came behind a body in `aws-chunked` form. */
  readonly trailers: Readonly<Record<string, string>>;
};

const METADATA = "x-amz-meta-";
const CHECKSUM = "x-amz-checksum-";

/** The bucket and key that a request is for. Throws InvalidURI. */
export function addressOf({ url = "/", headers }: IncomingMessage): S3Address {
  const mark = url.indexOf("?");
  return s3AddressOf(mark < 0 ? url : url.slice(0, mark), headers.host);
}

/** Parses a request; a body in `aws-chunked` form is decoded. Throws what is wrong with address or body. */
export function s3RequestOf(message: IncomingMessage, body: Uint8Array): S3Request {
  const { method = "GET", url = "/", headers } = message;
  const mark = url.indexOf("?");
  const { data, trailers } = receivedBody(headers, body);
  return {
    ...addressOf(message),
    method,
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    headers,
    body: data,
    trailers,
  };
}

/** One header as a text. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

/** A query parameter as a number, NaN where it is none; undefined where it is missing. */
export function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** What a client may ask for and the local cloud does not do: refused, so that nobody relies on it. */
const UNSUPPORTED =
  /^x-amz-(tagging|object-lock-.*|website-redirect-location|write-offset-bytes|server-side-encryption-(customer|context).*|grant-.*)$/;

/** What is stored beside an object. Throws NotImplemented and AccessControlListNotSupported for what cannot be. */
export function objectHeaders(headers: IncomingHttpHeaders): ObjectHeaders {
  const unsupported = Object.keys(headers).find((name) => UNSUPPORTED.test(name));
  if (unsupported !== undefined) throw notImplemented(`header ${unsupported}`);
  const acl = header(headers, "x-amz-acl");
  if (acl !== undefined && acl !== "bucket-owner-full-control")
    throw new ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs");
  const encodings = header(headers, "content-encoding")
    ?.split(",")
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== "aws-chunked");
  const metadata = Object.keys(headers)
    .filter((name) => name.startsWith(METADATA))
    .map((name) => [name.slice(METADATA.length), header(headers, name) ?? ""]);
  return {
    ContentType: header(headers, "content-type"),
    ContentEncoding: encodings === undefined || encodings.length === 0 ? undefined : encodings.join(","),
    ContentDisposition: header(headers, "content-disposition"),
    ContentLanguage: header(headers, "content-language"),
    CacheControl: header(headers, "cache-control"),
    Expires: header(headers, "expires"),
    StorageClass: header(headers, "x-amz-storage-class"),
    ServerSideEncryption: header(headers, "x-amz-server-side-encryption"),
    Metadata: Object.fromEntries(metadata),
  };
}

export const putConditions = (headers: IncomingHttpHeaders): PutConditions => ({
  IfMatch: header(headers, "if-match"),
  IfNoneMatch: header(headers, "if-none-match"),
});

/** @param prefix - `x-amz-copy-source-` for those on the source of a copy */
export function readConditions(headers: IncomingHttpHeaders, prefix = ""): ReadConditions {
  const time = (name: string) => parseHttpDate(header(headers, `${prefix}${name}`) ?? "");
  return {
    IfMatch: header(headers, `${prefix}if-match`),
    IfNoneMatch: header(headers, `${prefix}if-none-match`),
    IfModifiedSince: time("if-modified-since"),
    IfUnmodifiedSince: time("if-unmodified-since"),
  };
}

/** What the sender says of the body. Throws InvalidRequest where it says it twice, or announces what does not come. */
export function claimsOf({ headers, trailers }: Pick<S3Request, "headers" | "trailers">): BodyClaims {
  const promised = header(headers, "x-amz-trailer")
    ?.split(",")
    .map((name) => name.trim().toLowerCase());
  if (promised?.some((name) => trailers[name] === undefined))
    throw new ServiceError(
      "MalformedTrailerError",
      "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    );
  return {
    ContentMD5: header(headers, "content-md5"),
    Checksum: claimedChecksum({ ...headers, ...trailers }),
  };
}

/** The one checksum among headers; undefined where there is none. */
export function claimedChecksum(headers: IncomingHttpHeaders): ClaimedChecksum | undefined {
  const names = Object.keys(headers).filter(
    (name) => name.startsWith(CHECKSUM) && !/-(algorithm|type|mode)$/.test(name),
  );
  const [name] = names;
  if (names.length > 1)
    throw new ServiceError(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  if (name !== undefined)
    return {
      Algorithm: checksumAlgorithm(name.slice(CHECKSUM.length)),
      Value: header(headers, name) ?? "",
    };
  if (header(headers, "x-amz-sdk-checksum-algorithm") === undefined) return undefined;
  throw new ServiceError(
    "InvalidRequest",
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
  );
}

/** Throws NotImplemented for an algorithm that is not modelled, whether or not S3 has it. */
export function checksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = name.toUpperCase();
  if (isChecksumAlgorithm(algorithm)) return algorithm;
  throw notImplemented(`checksum algorithm ${name}, but only ${CHECKSUM_ALGORITHMS.join(", ")}`);
}
