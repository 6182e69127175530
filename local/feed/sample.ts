import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { parse } from "csv-parse";

/** The data files that ship with the project; data/README.md says where they come from. */
export type SampleFile = "flights.csv.gz" | "access.log.gz" | "sensors.csv.gz";

/** The absolute path of a shipped data file. */
export const samplePath = (file: SampleFile): string =>
  fileURLToPath(new URL(`../../data/${file}`, import.meta.url));

/** A row of a CSV file: values as published, by the names in its header. */
export type CsvRow<Column extends string> = { readonly [C in Column]: string };

/**
 * Hands each row of a gzipped CSV file with a header to `each`, in the file's order.
 * Rejects where the file cannot be read, is no gzip, or has a row of another length than its header.
 */
export async function forEachRow<Column extends string>(
  path: string,
  each: (row: CsvRow<Column>) => void,
): Promise<void> {
  await pipeline(createReadStream(path), createGunzip(), parse({ columns: true }), async (rows) => {
    for await (const row of rows) each(row as CsvRow<Column>);
  });
}

/** The lines of a gzipped text file, held in memory at once. Rejects where it cannot be read or is no gzip. */
export async function linesOf(path: string): Promise<string[]> {
  const text = (await unzipped(await readFile(path))).toString("utf8");
  return text.replace(/\n$/, "").split("\n");
}

const unzipped = promisify(gunzip);
