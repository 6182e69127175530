import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "../models/service-error.ts";
import { decodeAwsChunked, incomplete, type Unwrapped } from "./aws-chunked.ts";

/**
 * The body that was meant: unwrapped where it is `aws-chunked`, and the one that was signed.
 * Throws IncompleteBody, XAmzContentSHA256Mismatch, or what decodeAwsChunked throws.
 */
export function receivedBody(headers: IncomingHttpHeaders, body: Uint8Array): Unwrapped {
  const signed = String(headers["x-amz-content-sha256"] ?? "");
  const isChunked =
    headers["content-encoding"]?.includes("aws-chunked") === true || signed.startsWith("STREAMING-");
  if (!isChunked) {
    if (/^[\da-f]{64}$/.test(signed)) checkSigned(body, signed);
    return { data: body, trailers: {} };
  }
  const unwrapped = decodeAwsChunked(body);
  const length = headers["x-amz-decoded-content-length"];
  if (length !== undefined && Number(length) !== unwrapped.data.byteLength) throw incomplete();
  return unwrapped;
}

function checkSigned(body: Uint8Array, signed: string): void {
  const computed = hash("sha256", body, "hex");
  if (computed !== signed)
    throw new ServiceError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      400,
      { ClientComputedContentSHA256: signed, S3ComputedContentSHA256: computed },
    );
}
