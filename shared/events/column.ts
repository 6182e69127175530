import { MillraceError, type NextStep } from "../errors/millrace-error.ts";
import { parseTime } from "../time/clock.ts";
import { jsonOf } from "./json-of.ts";

/**
 * What a column of a lake table holds. `timestamp` is milliseconds since the epoch (or RFC 3339), in UTC; `json`
 * any value, as JSON text. Every column may hold nulls.
 */
export type ColumnType = "string" | "int64" | "double" | "boolean" | "timestamp" | "json";
export type Column = { readonly name: string; readonly type: ColumnType };

const INT64 = 2n ** 63n;
/** What a value becomes in its column; undefined where it does not fit. */
const FITS: Readonly<Record<ColumnType, (value: unknown) => unknown>> = {
  string: (value) => (typeof value === "string" ? value : undefined),
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
  double: (value) => (typeof value === "number" ? value : undefined),
  int64: (value) => {
    if (typeof value === "bigint") return value >= -INT64 && value < INT64 ? value : undefined;
    return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
  },
  timestamp: (value) => {
    const at = parseTime(value);
    return at === undefined ? undefined : BigInt(at);
  },
  json: jsonOf,
};

/** Whether a column of the type holds the value. Nulls fit everywhere. */
export const fitsColumn = (value: unknown, type: ColumnType): boolean =>
  value === undefined || value === null || FITS[type](value) !== undefined;

/**
 * The value as a file holds it in the column; undefined becomes null.
 * @param next - what happens to the row, or to the partition, where the value does not fit
 * @throws MillraceError `LAKE_COLUMN` naming sink, column and value
 */
export function inColumn(value: unknown, { name, type }: Column, sink: string, next: NextStep): unknown {
  if (value === undefined || value === null) return null;
  const fits = FITS[type](value);
  if (fits !== undefined) return fits;
  throw new MillraceError(
    "LAKE_COLUMN",
    `lake "${sink}": ${shown(value)} does not fit column "${name}" (${type})`,
    { next },
  );
}

const shown = (value: unknown): string =>
  `${typeof value} ${typeof value === "object" ? JSON.stringify(jsonOf(value)) : String(value)}`.slice(0, 80);
