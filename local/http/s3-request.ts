import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { ObjectHeaders, PutConditions } from "../models/s3/s3-api.ts";
import { ServiceError } from "../models/service-error.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";

/** A path-style S3 request, taken apart. */
export type S3Request = {
  readonly method: string;
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
};

const METADATA = "x-amz-meta-";

/** Parses `/bucket/key?query`; a body in `aws-chunked` form is decoded. */
export function s3RequestOf(
  { method = "GET", url = "/", headers }: IncomingMessage,
  body: Uint8Array,
): S3Request {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const slash = path.indexOf("/", 1);
  const isChunked =
    header(headers, "content-encoding")?.includes("aws-chunked") === true ||
    header(headers, "x-amz-content-sha256")?.startsWith("STREAMING-") === true;
  return {
    method,
    bucket: decoded(slash < 0 ? path.slice(1) : path.slice(1, slash)),
    key: slash < 0 ? "" : decoded(path.slice(slash + 1)),
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    headers,
    body: isChunked ? decodeAwsChunked(body) : body,
  };
}

/** One header as a text. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

/** What is stored beside an object. */
export function objectHeaders(headers: IncomingHttpHeaders): ObjectHeaders {
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
    CacheControl: header(headers, "cache-control"),
    Metadata: Object.fromEntries(metadata),
  };
}

export const conditionsOf = (headers: IncomingHttpHeaders): PutConditions => ({
  IfMatch: header(headers, "if-match"),
  IfNoneMatch: header(headers, "if-none-match"),
});

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ServiceError("InvalidURI", `Couldn't parse the specified URI: ${part}`);
  }
}
