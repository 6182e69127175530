import { MillraceError } from "../errors/millrace-error.ts";

/**
 * Rows as columns, in the order in which their names are first met. Objects are flattened one level:
 * `{ window: { start, end } }` becomes `window_start` and `window_end`; what is nested deeper stays a value.
 * @throws MillraceError `LAKE_COLUMN` where two fields of a row would share a column
 */
export function flatten(
  rows: readonly Readonly<Record<string, unknown>>[],
  sink: string,
): ReadonlyMap<string, readonly unknown[]> {
  const columns = new Map<string, unknown[]>();
  const put = (at: number, name: string, value: unknown): void => {
    let column = columns.get(name);
    if (column === undefined) {
      column = new Array<unknown>(rows.length).fill(undefined);
      columns.set(name, column);
    }
    if (column[at] !== undefined)
      throw new MillraceError("LAKE_COLUMN", `lake "${sink}": two fields of a row are called "${name}"`, {
        next: "halted",
      });
    column[at] = value;
  };
  for (const [at, row] of rows.entries())
    for (const [name, value] of Object.entries(row))
      if (isPlainObject(value))
        for (const [inner, one] of Object.entries(value)) put(at, `${name}_${inner}`, one);
      else put(at, name, value);
  return columns;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
