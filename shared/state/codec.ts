import { MillraceError } from "../errors/millrace-error.ts";
import { restored, tagged } from "./tags.ts";

/**
 * Nothing that people keep is nested deeper, and a cycle is: better refused by name than met as a full stack.
 */
const MAX_DEPTH = 500;

/** What every tagged object looks like in JSON: without it a text needs no second look. */
const TAG_IN_TEXT = '$mr":';

/**
 * Writes a value as JSON that reads back as exactly the same value. Plain JSON is written as
 * `JSON.stringify` writes it, at about its cost. What JSON cannot say (NaN, ±Infinity, -0, undefined,
 * bigint, Uint8Array, Map, Set, Date) becomes an object with the one key `$mr`; an object of the user's
 * own that has such a key is wrapped, so that it is never taken for one.
 *
 * State that comes back from a log must equal the state that stayed warm, so what would come back as
 * something else is refused: functions, symbols, instances of classes, cycles and values nested deeper
 * than 500. A hole in an array comes back as undefined.
 * @throws MillraceError `VALUE_UNSUPPORTED`, naming where in the value
 */
export function encodeValue(value: unknown): string {
  if (isPlain(value, 0)) {
    const text = JSON.stringify(value);
    if (!text.includes(TAG_IN_TEXT)) return text;
  }
  return JSON.stringify(tagged(value, MAX_DEPTH));
}

/**
 * Reads what `encodeValue` wrote.
 * @throws MillraceError `VALUE_UNDECODABLE` where the text is not of its making
 */
export function decodeValue(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MillraceError("VALUE_UNDECODABLE", "the text of a stored value is no JSON", {
      next: "halted",
      cause,
    });
  }
  return text.includes(TAG_IN_TEXT) ? restored(value, 0, MAX_DEPTH) : value;
}

/** Whether `JSON.stringify` keeps the value exactly, its `$mr` keys aside. Allocates nothing: it runs on every value. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      // NaN and the infinities differ from themselves by NaN; -0 is the one zero with a negative inverse
      return value - value === 0 && (value !== 0 || 1 / value > 0);
    case "object": {
      if (value === null) return true;
      if (depth >= MAX_DEPTH) return false;
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false;
        return true;
      }
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) return false;
      const fields = value as Record<string, unknown>;
      for (const name in fields) if (!isPlain(fields[name], depth + 1)) return false;
      return true;
    }
    default:
      return false;
  }
}
