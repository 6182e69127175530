import { type CsvError, parse } from "csv-parse/sync";

/** A record, or where one broke off. */
export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | {
      readonly line: number;
      readonly problem: string;
      /** Whether it is lost where the next record begins: any text behind it may be one, or a part of one. */
      readonly isLost: boolean;
    };

/**
 * Hands on the records of a file, blank lines left out. Lines are counted as an editor does, from 1; that of a record is
 * its first. One that broke off may come several times, and before others that are above it.
 */
export function eachRecord(bytes: Uint8Array, delimiter: string, each: (record: CsvRecord) => void): void {
  const newlines = newlineCounter(bytes);
  // the parser counts two lines for a CRLF between quotes
  let [last, lastOfParser] = [0, 0];
  parse(bytes, {
    bom: true,
    delimiter,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip(error) {
      each(brokenOff(error, last + 1, last - lastOfParser));
    },
    on_record(fields: readonly string[], { bytes: end, lines }) {
      last = newlines(end) + (bytes[end - 1] === NEWLINE ? 0 : 1);
      lastOfParser = lines;
      each({ line: last - newlinesIn(fields), fields });
      // whoever is told keeps it
      return null;
    },
  });
}

const NEWLINE = 0x0a;

/** Counts the newlines before an offset that never falls. */
function newlineCounter(bytes: Uint8Array): (end: number) => number {
  let count = 0;
  let from = 0;
  return (end) => {
    for (; from < end; from += 1) if (bytes[from] === NEWLINE) count += 1;
    return count;
  };
}

function newlinesIn(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields)
    for (let at = field.indexOf("\n"); at !== -1; at = field.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** @param off - what is to be added to the parser's lines */
function brokenOff(error: CsvError | undefined, next: number, off: number): CsvRecord {
  const line = Number(error?.["lines"]) + off;
  switch (error?.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return {
        line: next,
        problem: "has a quote, there or further down, that is never closed",
        isLost: true,
      };
    case "CSV_INVALID_CLOSING_QUOTE":
      return { line, problem: "goes on behind a closing quote", isLost: true };
    default:
      return { line, problem: "has a quote within a field that does not begin with one", isLost: false };
  }
}
