import { encodeValue } from "../state/codec.ts";
import type { WireRow } from "./frame.ts";

const texts = new WeakMap<readonly WireRow[], string>();

/**
 * The text of a frame's rows, made once: the record and the log entry hold the same rows, and to write them costs a
 * stage more than to fold them. Rows are not changed once they are in a frame.
 * @throws MillraceError `VALUE_UNSUPPORTED`
 */
export function textOfRows(rows: readonly WireRow[]): string {
  let text = texts.get(rows);
  if (text === undefined) {
    text = encodeValue(rows);
    texts.set(rows, text);
  }
  return text;
}
