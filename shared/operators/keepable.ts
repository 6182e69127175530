import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { encodeValue } from "../state/codec.ts";
import { sortableKey } from "../state/key-order.ts";

/** Characters of a view's row: with its names it must stay below DynamoDB's 400 KB item. */
export const MAX_VIEW_ROW_CHARS = 120_000;
/** Bytes of a view's key and sort, below DynamoDB's 2,048 and 1,024 with what stands beside them. */
const MAX_KEY_BYTES = 1_900;
const MAX_SORT_BYTES = 1_000;
/** No text of fewer characters can exceed either limit. */
const SURELY_SHORT = 160;

/** @throws MillraceError `VALUE_UNSUPPORTED` for a value that no log could keep, `VIEW_TOO_LARGE` beyond `maxChars` */
export function checkKeepable(value: unknown, maxChars: number = Number.POSITIVE_INFINITY): void {
  const { length } = encodeValue(value);
  if (length > maxChars)
    throw new MillraceError(
      "VIEW_TOO_LARGE",
      `a row of ${length} characters, where ${maxChars} is the limit`,
      {
        next: "dead-lettered",
      },
    );
}

type Careful = {
  readonly careful: () => boolean;
  readonly fail: (value: unknown, thrown: unknown) => void;
};

/** False where the fold is careful and no log could keep the value, which then became a failed event. */
export function canKeep({ careful, fail }: Careful, value: unknown, maxChars?: number): boolean {
  if (!careful()) return true;
  try {
    checkKeepable(value, maxChars);
    return true;
  } catch (thrown) {
    fail(value, thrown);
    return false;
  }
}

/** @throws MillraceError `VIEW_TOO_LARGE` for a key or sort that no table takes */
export function checkPlace(view: string, key: Key, sort: Key): void {
  if (String(key).length > SURELY_SHORT || String(sort).length > SURELY_SHORT)
    if (bytesOf(key) > MAX_KEY_BYTES || bytesOf(sort) > MAX_SORT_BYTES)
      throw new MillraceError(
        "VIEW_TOO_LARGE",
        `view "${view}": a key or sort is longer than a table's key may be`,
        {
          next: "dead-lettered",
        },
      );
}

const bytesOf = (key: Key): number => new TextEncoder().encode(sortableKey(key)).length;

/** The value itself where a log can keep it, else what can be said of it. */
export function keepable(value: unknown): unknown {
  try {
    encodeValue(value);
    return value;
  } catch {
    // What cannot be kept is told in words: the failed event must not fail in its turn.
    return `a value that cannot be kept: ${Object.prototype.toString.call(value)}`;
  }
}
