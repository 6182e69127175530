import { flatten } from "../events/flatten.ts";

/**
 * Rows as columns, in the order in which their names are first met; undefined where a row lacks one.
 * @throws MillraceError `LAKE_COLUMN` where a row is no object, or two of its fields would share a column
 */
export function byColumn(rows: readonly unknown[], sink: string): ReadonlyMap<string, readonly unknown[]> {
  const columns = new Map<string, unknown[]>();
  for (const [at, row] of rows.entries())
    for (const [name, value] of flatten(row, sink, "halted")) {
      let column = columns.get(name);
      if (column === undefined) {
        column = new Array<unknown>(rows.length).fill(undefined);
        columns.set(name, column);
      }
      // two fields may share a name where one of them is undefined
      if (value !== undefined) column[at] = value;
    }
  return columns;
}
