import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { fitsColumn } from "../../shared/events/column.ts";
import { flatten } from "../../shared/events/flatten.ts";
import type { Sink } from "./stage.ts";

type Lake = Extract<Sink, { readonly kind: "lake" }>;

/** Characters of a file's folders, URI-encoded. */
const LONGEST_FOLDERS = 600;

/** @throws for a row that no file of the table can hold, or that finds no folder */
export function checkLakeRow({ name, columns, partitionBy }: Lake, row: unknown): void {
  const fields = flatten(row, name, "dead-lettered");
  if (columns === undefined && fields.length === 0) throw misfit(name, "a row without fields");
  for (const [column, type] of Object.entries(columns ?? {}))
    for (const [field, value] of fields)
      if (field === column && !fitsColumn(value, type)) throw misfit(name, `column "${column}" is ${type}`);
  const folders = Object.entries(partitionBy?.(row) ?? {}).flat();
  if (folders.some((text: unknown) => typeof text !== "string" || !text.isWellFormed()))
    throw misfit(name, "a folder's name is no text");
  if (folders.map(encodeURIComponent).join("").length > LONGEST_FOLDERS)
    throw misfit(name, "folders too long");
}

const misfit = (table: string, why: string): MillraceError =>
  new MillraceError("LAKE_COLUMN", `lake "${table}": ${why}`, { next: "dead-lettered" });
