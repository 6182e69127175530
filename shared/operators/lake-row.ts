import { MillraceError } from "../errors/millrace-error.ts";
import { type Column, inColumn } from "../events/column.ts";
import { flatten } from "../events/flatten.ts";
import type { LakeSpec } from "./spec.ts";

/**
 * Throws for a row that no file of the table could hold, or that finds no folder. Once its entry is committed it
 * must be written, and would stop the partition for good: the fold looks first, by the rules of the file itself.
 */
export function lakeRowCheck({
  name: sink,
  columns,
  partitionBy,
}: Omit<LakeSpec, "kind">): (row: unknown) => void {
  // any value fits a JSON column
  const declared =
    columns &&
    new Map(
      Object.entries(columns).flatMap(([name, type]): [string, Column][] =>
        type === "json" ? [] : [[name, { name, type }]],
      ),
    );
  return (row) => {
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
    if (partitionBy !== undefined) checkFolders(partitionBy(row), sink);
  };
}

/** Characters of all folders of a file, URI-encoded: its key must stay below S3's 1,024 bytes. */
const MAX_FOLDERS_CHARS = 600;

function checkFolders(folders: Readonly<Record<string, string>>, sink: string): void {
  let chars = 0;
  for (const [column, value] of Object.entries(folders)) {
    if (typeof value !== "string" || !column.isWellFormed() || !value.isWellFormed())
      throw noFolder(sink, `"${column}" is no text that names a folder`);
    chars += encodeURIComponent(column).length + encodeURIComponent(value).length;
  }
  if (chars > MAX_FOLDERS_CHARS)
    throw noFolder(sink, `folders of ${chars} characters are too long for a key`);
}

const noFolder = (sink: string, why: string): MillraceError =>
  new MillraceError("LAKE_COLUMN", `lake "${sink}", partitionBy: ${why}`, { next: "dead-lettered" });
