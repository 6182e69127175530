import type { TableSpec } from "./spec.ts";

/** A line of a file. */
export type FileLine = {
  /** From 1; the first, where a row has several. */
  readonly line: number;
  /** The row that it has, not yet checked. */
  readonly value: unknown;
  /** Why it is no row, behind "line 5": whose row it would be is not known. */
  readonly problem?: string;
};

export type FileContent = {
  /** In their order. */
  readonly lines: readonly FileLine[];
  /** Why nothing can be read from it. */
  readonly problem?: string;
};

/** How a file has its rows. */
export type FileFormat = {
  readonly kind: "jsonl" | "csv";
  /** What is between two fields of CSV. */
  readonly delimiter?: string;
  /** Finds the rows in a file's bytes. What cannot be read is said, and not thrown. */
  read(bytes: Uint8Array, table: Pick<TableSpec, "schema" | "key" | "version">): FileContent;
};

/** What a file's name says of its format, where it says something. */
export function formatByName(name: string): FileFormat["kind"] | undefined {
  if (/\.[ct]sv(\.gz)?$/i.test(name)) return "csv";
  return /\.(jsonl?|ndjson)(\.gz)?$/i.test(name) ? "jsonl" : undefined;
}

/** How a table is declared whose file has a format. */
export const declaredAs: Readonly<Record<FileFormat["kind"], string>> = {
  csv: "s3File(…, { format: csv() })",
  jsonl: "s3File(…) without a format",
};
