import type { FileContent, FileLine } from "../file-format.ts";
import { type CsvTable, headed, type ToRow } from "./header.ts";
import { eachRecord } from "./records.ts";

/**
 * The rows of a CSV file (RFC 4180) in UTF-8, with a header. Of records that are none the lines are said. Nothing is taken
 * where a quote cannot be placed: rows above may have newer ones behind it.
 */
export function readCsv(bytes: Uint8Array, table: CsvTable, delimiter: string): FileContent {
  const lines: FileLine[] = [];
  let valid: boolean | undefined;
  const isUtf8 = (): boolean => {
    valid ??= decodes(bytes);
    return valid;
  };
  const broken = new Map<number, FileLine>();
  let header: { readonly width: number; readonly toRow: ToRow } | undefined;
  let problem: string | undefined;
  eachRecord(bytes, delimiter, (record) => {
    if (problem !== undefined) return;
    const { line } = record;
    if ("problem" in record) {
      if (record.isLost || header === undefined) problem = `line ${line} ${record.problem}`;
      else broken.set(line, { line, value: undefined, problem: record.problem });
      return;
    }
    const { fields } = record;
    if (header === undefined) {
      const toRow = headed(fields, table, delimiter);
      if (typeof toRow === "string") problem = toRow;
      else header = { width: fields.length, toRow };
      return;
    }
    const wrong = wrongWith(fields, header.width, isUtf8);
    lines.push(
      wrong === undefined
        ? { line, value: header.toRow(fields) }
        : { line, value: undefined, problem: wrong },
    );
  });
  if (header === undefined) problem ??= "it is empty, where a CSV file has at least a header";
  if (problem !== undefined) return { lines: [], problem };
  return {
    lines: broken.size === 0 ? lines : [...lines, ...broken.values()].sort((a, b) => a.line - b.line),
  };
}

function wrongWith(fields: readonly string[], width: number, isUtf8: () => boolean): string | undefined {
  if (fields.length !== width)
    return `has ${fields.length} ${fields.length === 1 ? "field" : "fields"} where its header has ${width}`;
  // a replacement character may be meant
  return fields.some((field) => field.includes("\uFFFD")) && !isUtf8() ? "is not UTF-8" : undefined;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
