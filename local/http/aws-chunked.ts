import { ServiceError } from "../models/service-error.ts";

const LF = 0x0a;

/**
 * Takes the data out of an `aws-chunked` body: chunks of `size-in-hex[;signature]\r\n data \r\n`, a chunk of size 0,
 * then trailers (checksums), which are not checked.
 * Source: "Signature calculations: transferring payload in multiple chunks", Amazon S3 API Reference.
 */
export function decodeAwsChunked(body: Uint8Array): Uint8Array {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = buffer.indexOf(LF, at);
    const [size] = (lineEnd < 0 ? "" : buffer.toString("latin1", at, lineEnd)).split(";");
    if (size === undefined || !/^[\da-f]+\s*$/i.test(size)) throw incomplete();
    const length = Number.parseInt(size, 16);
    if (length === 0) return Buffer.concat(chunks);
    const start = lineEnd + 1;
    if (start + length > buffer.length) throw incomplete();
    chunks.push(buffer.subarray(start, start + length));
    at = start + length + 2;
  }
}

const incomplete = (): ServiceError =>
  new ServiceError("IncompleteBody", "The request body terminated unexpectedly");
