import { type ColumnType, fitsColumn } from "../events/column.ts";

/** Times of a window, flattened: where the engine stamps them they are times in every file. */
const WINDOW_TIMES: ReadonlySet<string> = new Set(["window_start", "window_end"]);

/**
 * The type of a column that nobody declared. Numbers are doubles whether or not these ones happen to be whole:
 * the next file's may not be. Without any value it is a string, which a reader casts to anything. All values
 * fit the type: these rows are committed and must be written.
 */
export function inferred(name: string, values: readonly unknown[]): ColumnType {
  const allFit = (type: ColumnType): boolean => values.every((value) => fitsColumn(value, type));
  if (WINDOW_TIMES.has(name) && allFit("timestamp")) return "timestamp";
  let type: ColumnType | undefined;
  for (const value of values) {
    if (value === undefined || value === null) continue;
    const own = typeOf(value);
    if (type !== undefined && own !== type) return "json";
    type = own;
  }
  if (type === "int64" && !allFit(type)) return "json";
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
