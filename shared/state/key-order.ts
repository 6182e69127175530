import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";

/**
 * The one order of keys: numbers before strings, numbers by value (NaN last), strings by UTF-16 code unit.
 * 0 and -0 are one key, as in a Map.
 */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === "number") return typeof b === "number" ? compareNumbers(a, b) : -1;
  if (typeof b === "number") return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0);
}

const view = new DataView(new ArrayBuffer(8));
const SIGN = 0x8000_0000;

/**
 * A text whose order (by UTF-16 code unit and by UTF-8 byte alike, as DynamoDB sorts) is the keys' order:
 * `n` and 16 hex digits of the double, its bits turned so that they sort; or `s` and the string.
 *
 * UTF-8 cannot hold a lone surrogate and sorts pairs of them after U+E000, where UTF-16 sorts them before.
 * So each code unit from U+D800 on is written as two characters that are below them and keep the order.
 */
export function sortableKey(key: Key): string {
  if (typeof key === "string") return `s${HIGH.test(key) ? key.replace(EVERY_HIGH, escaped) : key}`;
  if (Number.isNaN(key)) return "nfff8000000000000";
  view.setFloat64(0, key === 0 ? 0 : key);
  const high = view.getUint32(0);
  const low = view.getUint32(4);
  return high >= SIGN ? hexText(~high, ~low) : hexText(high ^ SIGN, low);
}

/** `n` and the digits of two words. All characters at once: put together from parts they take six times as long. */
const hexText = (high: number, low: number): string =>
  String.fromCharCode(
    NUMBER,
    digit(high >>> 28),
    digit(high >>> 24),
    digit(high >>> 20),
    digit(high >>> 16),
    digit(high >>> 12),
    digit(high >>> 8),
    digit(high >>> 4),
    digit(high),
    digit(low >>> 28),
    digit(low >>> 24),
    digit(low >>> 20),
    digit(low >>> 16),
    digit(low >>> 12),
    digit(low >>> 8),
    digit(low >>> 4),
    digit(low),
  );

const NUMBER = 0x6e;

/** The character of a word's last four bits. */
function digit(word: number): number {
  const value = word & 15;
  return value < 10 ? 0x30 + value : 0x57 + value;
}

/**
 * The key that `sortableKey` wrote.
 * @throws MillraceError `VALUE_UNDECODABLE` where the text is not of its making
 */
export function keyOfSortable(text: string): Key {
  if (text.startsWith("s")) return text.slice(1).replace(EVERY_ESCAPE, unescaped);
  if (!/^n[0-9a-f]{16}$/.test(text))
    throw new MillraceError("VALUE_UNDECODABLE", `"${text}" is no sortable key`, { next: "refused" });
  const high = Number.parseInt(text.slice(1, 9), 16);
  const low = Number.parseInt(text.slice(9), 16);
  const negative = high < SIGN;
  view.setUint32(0, (high ^ (negative ? 0xffff_ffff : SIGN)) >>> 0);
  view.setUint32(4, (low ^ (negative ? 0xffff_ffff : 0)) >>> 0);
  return view.getFloat64(0);
}

const HIGH = /[\ud800-\uffff]/;
const EVERY_HIGH = /[\ud800-\uffff]/g;
/** The first of the two characters: U+E000 to U+E027, themselves written as escapes where they are in a key. */
const FIRST = 0xe000;
const EVERY_ESCAPE = /([\ue000-\ue027])([\u0100-\u01ff])/g;

const escaped = (unit: string): string => {
  const above = unit.charCodeAt(0) - 0xd800;
  return String.fromCharCode(FIRST + (above >> 8), 0x100 + (above & 0xff));
};
const unescaped = (_: string, first: string, second: string): string =>
  String.fromCharCode(0xd800 + ((first.charCodeAt(0) - FIRST) << 8) + (second.charCodeAt(0) - 0x100));
