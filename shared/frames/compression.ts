/** Compression is a port: shared/ knows no zlib. Functions pass zstd of Node's own `node:zlib`. */
export type Compression = {
  compress(bytes: Uint8Array): Uint8Array;
  /** Throws a MillraceError `FRAME_TOO_LARGE` where the result would exceed `maxBytes`. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
};
