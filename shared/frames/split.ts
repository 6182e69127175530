import type { Compression } from "./compression.ts";
import { encodePlain, seal } from "./encode.ts";
import { MAX_FRAME_BYTES } from "./format.ts";
import type { Frame } from "./frame.ts";

/**
 * Encodes items as few frames as fit a record each, in order. One frame is the rule, and costs one encoding;
 * what does not fit is halved until it does. No items make one empty frame (it still carries a watermark).
 *
 * @param frameOf - makes the frame of a part: `index` counts the frames from 0 (for dense counters), `last`
 * is true for the final one (only it may carry the watermark that all the items are behind)
 * @throws MillraceError `FRAME_TOO_LARGE` where a single item exceeds a record
 */
export function encodeFrames<T>(
  items: readonly T[],
  frameOf: (part: readonly T[], index: number, last: boolean) => Frame,
  compression: Compression,
): readonly Uint8Array[] {
  const records: Uint8Array[] = [];
  const encode = (from: number, to: number): void => {
    const part = from === 0 && to === items.length ? items : items.slice(from, to);
    const frame = frameOf(part, records.length, to === items.length);
    const plain = encodePlain(frame);
    if (plain.length <= MAX_FRAME_BYTES || to - from <= 1) {
      records.push(seal(plain, frame, compression));
      return;
    }
    const middle = (from + to) >>> 1;
    encode(from, middle);
    encode(middle, to);
  };
  encode(0, items.length);
  return records;
}
