import type { Key } from "../events/event.ts";
import type { ViewRow } from "../operators/outputs.ts";
import { encodeValue } from "../state/codec.ts";

const made = new WeakMap<readonly ViewRow[], readonly string[]>();

/**
 * Rows of views, as an entry has them: the text that `encodeValue` makes of them, to the character. Texts of rows are
 * kept as long as the rows of the commit are, since its views take the same ones.
 * @throws MillraceError `VALUE_UNSUPPORTED`
 */
export const textOfViews = (views: readonly (readonly [view: string, rows: readonly ViewRow[]])[]): string =>
  `[${views.map(([view, rows]) => `[${encodeValue(view)},${textOfRows(rows)}]`).join(",")}]`;

/** The texts of a commit's rows of a view, in their order, where `textOfViews` has made them. */
export const textsOf = (rows: readonly ViewRow[]): readonly string[] | undefined => made.get(rows);

function textOfRows(rows: readonly ViewRow[]): string {
  const texts = rows.map(([, , row]) => encodeValue(row));
  made.set(rows, texts);
  return `[${rows.map(([key, sort], i) => `[${textOfKey(key)},${textOfKey(sort)},${texts[i]}]`).join(",")}]`;
}

/** Whole numbers need no look by the codec; -0 does. */
const textOfKey = (key: Key): string =>
  Number.isSafeInteger(key) && !Object.is(key, -0) ? `${key}` : encodeValue(key);
