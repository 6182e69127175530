import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { CsvError, parse } from "csv-parse";
import { MillraceError } from "../../shared/errors/millrace-error.ts";

/** The data files that ship with the project; data/README.md says where they come from. */
export type SampleFile = "flights.csv.gz" | "access.log.gz" | "sensors.csv.gz";

/** The absolute path of a shipped data file. */
export const samplePath = (file: SampleFile): string =>
  fileURLToPath(new URL(`../../data/${file}`, import.meta.url));

/** A row of a CSV file: values as published, by the names in its header. */
export type CsvRow<Column extends string> = { readonly [C in Column]: string };

/**
 * Hands each row of a gzipped CSV file with a header to `each`, in the file's order, until that gives true. The files
 * that ship quote nothing.
 * Rejects where the file cannot be read or is no gzip.
 * @throws MillraceError SAMPLE_MALFORMED where a row has another length than its header, or quotes
 */
export async function forEachRow<Column extends string>(
  path: string,
  each: (row: CsvRow<Column>) => unknown,
): Promise<void> {
  const enough = new AbortController();
  const { signal } = enough;
  const take = async (rows: AsyncIterable<CsvRow<Column>>): Promise<void> => {
    for await (const row of rows) {
      if (signal.aborted) return;
      if (Object.values<string>(row).some((value) => value.includes('"')))
        throw malformed(path, `quotes in ${JSON.stringify(row)}`);
      if (each(row) === true) enough.abort();
    }
  };
  const rows = parse({ columns: true, quote: false });
  try {
    await pipeline(createReadStream(path), createGunzip(), rows, take, { signal });
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof CsvError ? malformed(path, error.message) : error;
  }
}

const malformed = (path: string, what: string): MillraceError =>
  new MillraceError("SAMPLE_MALFORMED", `${path} has a row that does not fit its header: ${what}`, {
    next: "refused",
  });

/** The lines of a gzipped text file, held in memory at once. Rejects where it cannot be read or is no gzip. */
export async function linesOf(path: string): Promise<string[]> {
  const text = (await unzipped(await readFile(path))).toString("utf8");
  return text.replace(/\n$/, "").split("\n");
}

const unzipped = promisify(gunzip);
