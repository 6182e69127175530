import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Compression } from "../../shared/frames/compression.ts";

/** Level 1: frames live for seconds, and a higher level costs more time than it saves in bytes. */
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Zstandard of Node's own zlib, level 1. */
export const zstd: Compression = {
  compress: (bytes) => zstdCompressSync(bytes, FAST),
  decompress(bytes, maxBytes) {
    try {
      return zstdDecompressSync(bytes, { maxOutputLength: maxBytes });
    } catch (cause) {
      if (cause instanceof RangeError && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE")
        throw new MillraceError("FRAME_TOO_LARGE", `${bytes.length} bytes unpack to more than ${maxBytes}`, {
          next: "dead-lettered",
          cause,
        });
      throw cause;
    }
  },
};
