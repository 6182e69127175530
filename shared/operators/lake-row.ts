import { MillraceError } from "../errors/millrace-error.ts";
import { type Column, inColumn } from "../events/column.ts";
import { flatten } from "../events/flatten.ts";
import type { Folders } from "./outputs.ts";
import type { LakeSpec } from "./spec.ts";

/**
 * The folders of a row. Throws for a row that no file of the table could hold, or that finds no folder. Once its
 * entry is committed it must be written, and would stop the partition for good: the fold looks first, by the rules
 * of the file itself. The entry keeps the folders, so that a later version of `partitionBy` changes no file of it.
 */
export function lakeFolders({
  name: sink,
  columns,
  partitionBy,
}: Omit<LakeSpec, "kind">): (row: unknown) => Folders {
  // any value fits a JSON column
  const declared =
    columns &&
    new Map(
      Object.entries(columns).flatMap(([name, type]): [string, Column][] =>
        type === "json" ? [] : [[name, { name, type }]],
      ),
    );
  const foldersOf = (row: unknown): Folders =>
    partitionBy === undefined ? NO_FOLDERS : checkedFolders(partitionBy(row), sink);
  return (row) => {
    if (declared === undefined && isFlat(row)) return foldersOf(row);
    const fields = flatten(row, sink, "dead-lettered");
    if (declared === undefined) {
      if (fields.length === 0)
        throw new MillraceError("LAKE_COLUMN", `lake "${sink}": a row without fields makes no column`, {
          next: "dead-lettered",
        });
    } else
      for (const [name, value] of fields) {
        const column = declared.get(name);
        if (column !== undefined) inColumn(value, column, sink, "dead-lettered");
      }
    return foldersOf(row);
  };
}

/** A plain object with fields, and no object among their values: what most rows are, and any file holds. */
function isFlat(row: unknown): boolean {
  if (typeof row !== "object" || row === null || Object.getPrototypeOf(row) !== Object.prototype)
    return false;
  let fields = 0;
  for (const name in row) {
    if (typeof (row as Record<string, unknown>)[name] === "object") return false;
    fields += 1;
  }
  return fields > 0;
}

/** Characters of all folders of a file, URI-encoded: its key must stay below S3's 1,024 bytes. */
const MAX_FOLDERS_CHARS = 600;

/** Of all rows of a table that is not partitioned. */
export const NO_FOLDERS: Folders = {};

function checkedFolders(folders: Folders, sink: string): Folders {
  let chars = 0;
  for (const [column, value] of Object.entries(folders)) {
    if (typeof value !== "string" || !column.isWellFormed() || !value.isWellFormed())
      throw noFolder(sink, `"${column}" is no text that names a folder`);
    chars += encodeURIComponent(column).length + encodeURIComponent(value).length;
  }
  if (chars > MAX_FOLDERS_CHARS)
    throw noFolder(sink, `folders of ${chars} characters are too long for a key`);
  return { ...folders };
}

const noFolder = (sink: string, why: string): MillraceError =>
  new MillraceError("LAKE_COLUMN", `lake "${sink}", partitionBy: ${why}`, { next: "dead-lettered" });
