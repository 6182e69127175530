import type { IncomingMessage } from "node:http";
import { ServiceError } from "../models/service-error.ts";

/**
 * Reads a request's body to its end.
 * Throws a ServiceError with status 413 where it is longer than `maxBytes`; the rest is read and dropped then, so
 * that the client gets the answer instead of a broken connection.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes)
    throw new ServiceError(
      "RequestEntityTooLargeException",
      `the body is longer than ${maxBytes} bytes`,
      413,
    );
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes);
}
