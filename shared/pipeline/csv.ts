import { readCsv } from "../operators/lookup/csv/read-csv.ts";
import type { FileFormat } from "../operators/lookup/file-format.ts";

export type CsvOptions = {
  /** One character between two fields: no quote, and no end of a line. @default "," */
  readonly delimiter?: string;
};

/**
 * The format of a file of comma-separated values (RFC 4180), for `s3File`: UTF-8, with a header, fields in double quotes
 * where they have delimiters, quotes (twice) or line breaks in them. A field is what the table's schema takes: a number
 * or a boolean where it takes no text. An empty one is null, missing, or the empty text, whichever it takes first.
 */
export const csv = ({ delimiter = "," }: CsvOptions = {}): FileFormat => ({
  kind: "csv",
  delimiter,
  read: (bytes, table) => readCsv(bytes, table, delimiter),
});
