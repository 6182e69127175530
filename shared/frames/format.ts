/**
 * A frame's bytes: `MRF`, the version digit, one byte of flags, then the body: the frame as a JSON array
 * of `encodeValue`, compressed where flag 1 is set.
 *
 *     4d 52 46 31  00  5b 22 65 22 …        MRF1, plain,  ["e",…
 *
 * A frame of rows begins `["r",…`; one of an epoch beyond the first `["R",epoch,…`, with the same fields behind.
 * Version 1 has rows and events one by one. Version 2 has them by columns, `{"fields":…,"columns":…}`, and is
 * written where they are alike.
 */
export const MAGIC = "MRF";
export const ONE_BY_ONE = "1";
export const BY_COLUMNS = "2";
export const HEADER_BYTES = 5;
export const PLAIN = 0;
export const COMPRESSED = 1;

/** The most that one record may weigh: 1 MiB is Kinesis' safe limit, partition key included. */
export const MAX_FRAME_BYTES = 1_000_000;
/** The most that a body may unpack to: only a frame of one large row is beyond `MAX_FRAME_BYTES`. */
export const MAX_BODY_BYTES = 8_000_000;

/** Whether a record holds a frame of any version; all else is a raw record of a foreign producer. */
export const isFrame = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x4d && bytes[1] === 0x52 && bytes[2] === 0x46 && bytes.length >= HEADER_BYTES;
