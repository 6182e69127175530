import { ServiceError } from "../models/service-error.ts";

const LF = 0x0a;

/** What was wrapped: the data, and the headers that came behind it, by names in lower case. */
export type Unwrapped = {
  readonly data: Uint8Array;
  readonly trailers: Readonly<Record<string, string>>;
};

/**
 * Takes apart an `aws-chunked` body: chunks of `size-in-hex[;signature]\r\n data \r\n`, a chunk of size 0, then
 * trailers (checksums). Signatures are not checked.
 * Throws IncompleteBody where it ends too early or is no such body, MalformedTrailerError for a trailer that is none.
 * Source: "Signature calculations: transferring payload in multiple chunks", Amazon S3 API Reference.
 */
export function decodeAwsChunked(body: Uint8Array): Unwrapped {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = buffer.indexOf(LF, at);
    const [size] = (lineEnd < 0 ? "" : buffer.toString("latin1", at, lineEnd)).split(";");
    if (size === undefined || !/^[\da-f]+\s*$/i.test(size)) throw incomplete();
    const length = Number.parseInt(size, 16);
    const start = lineEnd + 1;
    if (length === 0) return { data: joined(chunks), trailers: trailersOf(buffer.toString("latin1", start)) };
    const end = start + length;
    if (buffer.toString("latin1", end, end + 2) !== "\r\n") throw incomplete();
    chunks.push(buffer.subarray(start, end));
    at = end + 2;
  }
}

const joined = (chunks: readonly Buffer[]): Buffer => {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
};

function trailersOf(text: string): Readonly<Record<string, string>> {
  const lines = text.split("\r\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      if (colon < 1)
        throw new ServiceError(
          "MalformedTrailerError",
          "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        );
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

export const incomplete = (): ServiceError =>
  new ServiceError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
