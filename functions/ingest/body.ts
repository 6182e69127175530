import { isUtf8 } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { refused } from "../aws/answer.ts";
import { MAX_BODY_BYTES } from "./limits.ts";
import type { IngestRequest } from "./request.ts";

/** A body as text, or as bytes where they are not UTF-8 throughout. */
export type Body = string | Buffer;

/**
 * A request's body, unpacked.
 * @throws MillraceError `BODY_TOO_LARGE` above 5 MB, also of what a small gzip body would become;
 * `CONTENT_ENCODING` where it is not what its header says
 */
export function readBody({ body, isBase64, headers }: IngestRequest): Body {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "x-gzip")
    throw refused("CONTENT_ENCODING", `content encoding "${encoding}"; send gzip or none`);
  if (encoding === "identity" && !isBase64) {
    // a text is at least as many bytes as characters, and at most three times as many
    if (body.length * 3 > MAX_BODY_BYTES && Buffer.byteLength(body) > MAX_BODY_BYTES) throw tooLarge();
    return body;
  }
  if (!isBase64)
    throw refused(
      "CONTENT_ENCODING",
      "a gzip body arrived as text: its content type is no binary media type",
    );
  const bytes = Buffer.from(body, "base64");
  const plain = encoding === "identity" ? bytes : unzipped(bytes);
  if (plain.length > MAX_BODY_BYTES) throw tooLarge();
  return isUtf8(plain) ? plain.toString() : plain;
}

function unzipped(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    if (cause instanceof RangeError && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge(cause);
    throw refused("CONTENT_ENCODING", "the body is no gzip", cause);
  }
}

const tooLarge = (cause?: unknown): Error =>
  refused("BODY_TOO_LARGE", `the body is more than ${MAX_BODY_BYTES} bytes once it is unpacked`, cause);
