import { type BasicType, type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { MillraceError } from "../errors/millrace-error.ts";
import { type Column, type ColumnType, inColumn } from "../events/column.ts";
import { byColumn } from "./by-column.ts";
import { inferred } from "./inferred.ts";

export type ParquetOptions = {
  /** The lake sink that the rows are for: errors name it. */
  readonly sink: string;
  /** The columns of the file, in order; other fields are left out. @default inferred from the rows */
  readonly columns?: readonly Column[] | undefined;
  /** Compresses pages by Zstandard; without it they are compressed by Snappy, about a tenth larger. */
  readonly zstd?: ((bytes: Uint8Array) => Uint8Array) | undefined;
};

const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  string: "STRING",
  int64: "INT64",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  json: "JSON",
};

/** Large enough to compress well, small enough that a reader skips by statistics. */
const ROWS_PER_GROUP = 100_000;

/**
 * Rows as the bytes of one Parquet file. Equal rows in equal order make equal bytes (with Zstandard: under one
 * version of it), so that a file may be written again. Nested objects are flattened one level by `flatten`. What is refused
 * here is committed already, so the fold refuses such rows before (`lakeRowCheck`).
 * @throws MillraceError `LAKE_COLUMN` where a value does not fit its column, or the rows have no fields at all
 */
export function encodeParquet(
  rows: readonly Readonly<Record<string, unknown>>[],
  { sink, columns, zstd }: ParquetOptions,
): Uint8Array {
  const fields = byColumn(rows, sink);
  const declared =
    columns ?? Array.from(fields, ([name, values]) => ({ name, type: inferred(name, values) }));
  if (declared.length === 0)
    throw new MillraceError("LAKE_COLUMN", `lake "${sink}": a file needs at least one column`, {
      next: "halted",
    });
  const empty = new Array<unknown>(rows.length).fill(null);
  const bytes = parquetWriteBuffer({
    columnData: declared.map((column) => {
      const values = fields.get(column.name) ?? empty;
      return sourceOf(
        column,
        values.map((value) => inColumn(value, column, sink, "halted")),
      );
    }),
    rowGroupSize: ROWS_PER_GROUP,
    createdBy: "millrace",
    ...(zstd === undefined ? {} : { codec: "ZSTD", compressors: { ZSTD: zstd } }),
  });
  return new Uint8Array(bytes);
}

function sourceOf({ name, type }: Column, data: unknown[]): ColumnSource {
  const source = { name, type: PARQUET_TYPES[type], data, nullable: true };
  if (type === "timestamp" || type === "int64") return { ...source, encoding: "DELTA_BINARY_PACKED" };
  // the writer samples before it builds a dictionary and may skip one that pays: decided here on all values
  if (type === "string") return { ...source, encoding: repeats(data) ? "RLE_DICTIONARY" : "PLAIN" };
  return source;
}

/** Whether each value occurs twice on average, nulls aside. */
function repeats(data: readonly unknown[]): boolean {
  const distinct = new Set<unknown>();
  let present = 0;
  for (const value of data) {
    if (value === null) continue;
    present++;
    distinct.add(value);
  }
  return present > 0 && distinct.size * 2 <= present;
}
