import { MillraceError } from "../errors/millrace-error.ts";
import { parseTime } from "../time/clock.ts";
import { jsonOf } from "./json-of.ts";

/**
 * What a column holds. `timestamp` is milliseconds since the epoch (or RFC 3339), in UTC; `json` any value, as
 * JSON text. Every column may hold nulls.
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

/**
 * The values as the Parquet writer takes them; undefined becomes null.
 * @throws MillraceError `LAKE_COLUMN` naming sink, column and the first value that does not fit
 */
export function fitted(values: readonly unknown[], { name, type }: Column, sink: string): unknown[] {
  const convert = FITS[type];
  return values.map((value) => {
    if (value === undefined || value === null) return null;
    const fits = convert(value);
    if (fits !== undefined) return fits;
    throw new MillraceError(
      "LAKE_COLUMN",
      `lake "${sink}": ${shown(value)} does not fit column "${name}" (${type})`,
      { next: "halted" },
    );
  });
}

const shown = (value: unknown): string =>
  `${typeof value} ${typeof value === "object" ? JSON.stringify(jsonOf(value)) : String(value)}`.slice(0, 80);

/** Times of a window, flattened: the engine stamps them, so that they are times in every file. */
const WINDOW_TIMES: ReadonlySet<string> = new Set(["window_start", "window_end"]);

/**
 * The type of a column that nobody declared. Numbers are doubles whether or not these ones happen to be whole:
 * the next file's may not be. Without any value it is a string, which a reader casts to anything.
 */
export function inferred(name: string, values: readonly unknown[]): ColumnType {
  if (WINDOW_TIMES.has(name)) return "timestamp";
  let type: ColumnType | undefined;
  for (const value of values) {
    if (value === undefined || value === null) continue;
    const own = typeOf(value);
    if (type !== undefined && own !== type) return "json";
    type = own;
  }
  return type ?? "string";
}

function typeOf(value: unknown): ColumnType {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "double";
    case "boolean":
      return "boolean";
    case "bigint":
      return "int64";
    default:
      return "json";
  }
}
