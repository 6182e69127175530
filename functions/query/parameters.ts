import type { Key } from "../../shared/events/event.ts";
import { parseTime } from "../../shared/time/clock.ts";
import { refused } from "../aws/answer.ts";

export type Parameters = Readonly<Record<string, string | undefined>>;

const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;

/** @throws MillraceError `QUERY_LIMIT` */
export function limitIn({ limit }: Parameters): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  const rows = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (rows >= 1 && rows <= MAX_LIMIT) return rows;
  throw refused("QUERY_LIMIT", `limit "${shown(limit)}" is not a whole number from 1 to ${MAX_LIMIT}`);
}

/**
 * The key whose rows are asked for. A query string cannot tell 5 from "5", which are two keys: `key` is a
 * string unless `keyType=number` says otherwise.
 * @throws MillraceError `QUERY_KEY`
 */
export function keyIn({ key, keyType = "string" }: Parameters): Key {
  if (key === undefined) throw refused("QUERY_KEY", "the parameter key is missing");
  if (keyType === "string") return key;
  if (keyType !== "number") throw refused("QUERY_KEY", `keyType "${shown(keyType)}" is not string or number`);
  const number = numberOf(key);
  if (number === undefined) throw refused("QUERY_KEY", `key "${shown(key)}" is no number`);
  return number;
}

export type Range = { readonly from: Key | undefined; readonly to: Key | undefined };

/**
 * Rows from `from` on and before `to`, by their sort value. An end that reads as a number, a day (`2013-01-01`)
 * or RFC 3339 is a number (epoch milliseconds); `sortType=string` takes both ends as they are written.
 * @throws MillraceError `QUERY_RANGE`
 */
export function rangeIn({ from, to, sortType }: Parameters): Range {
  if (sortType !== undefined && sortType !== "string" && sortType !== "number")
    throw refused("QUERY_RANGE", `sortType "${shown(sortType)}" is not string or number`);
  const range = { from: endOf("from", from, sortType), to: endOf("to", to, sortType) };
  if (range.from === undefined || range.to === undefined) return range;
  if (typeof range.from !== typeof range.to)
    throw refused("QUERY_RANGE", "from and to are of two types; sortType=string compares them as strings");
  if (range.from > range.to) throw refused("QUERY_RANGE", "from is after to");
  return range;
}

function endOf(name: string, text: string | undefined, sortType: string | undefined): Key | undefined {
  if (text === undefined || sortType === "string") return text;
  const number = numberOf(text) ?? parseTime(DAY.test(text) ? `${text}T00:00:00Z` : text);
  if (number === undefined && sortType === "number")
    throw refused("QUERY_RANGE", `${name} "${shown(text)}" is neither a number nor a time`);
  return number ?? text;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A number as JSON writes it, leading zeros allowed; what is too large to be one is none. */
function numberOf(text: string): number | undefined {
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

const shown = (text: string): string => text.slice(0, 60);
