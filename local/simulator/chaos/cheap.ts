import { zstd } from "../../../functions/aws/zstd.ts";
import type { Compression } from "../../../shared/frames/compression.ts";

/** The first bytes of whatever Zstandard packed; no text begins with them. */
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** Bytes are cheap here, and time is not: only what others packed is unpacked. */
export const CHEAP: Compression = {
  compress: (bytes) => bytes,
  decompress: (bytes, maxBytes) =>
    ZSTD_MAGIC.every((byte, i) => bytes[i] === byte) ? zstd.decompress(bytes, maxBytes) : bytes,
};
