import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
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
 * that ship quote nothing: a comma parts two values wherever it stands.
 * Rejects where the file cannot be read or is no gzip.
 * @throws MillraceError SAMPLE_MALFORMED where a row has another length than its header, or quotes
 */
export async function forEachRow<Column extends string>(
  path: string,
  each: (row: CsvRow<Column>) => unknown,
): Promise<void> {
  const enough = new AbortController();
  const { signal } = enough;
  let columns: readonly string[] | undefined;
  const take = (line: string): void => {
    const values = line.split(",");
    columns ??= values;
    if (columns === values) return;
    if (values.length !== columns.length || line.includes('"'))
      throw new MillraceError("SAMPLE_MALFORMED", `${path} has a row that does not fit its header: ${line}`, {
        next: "refused",
      });
    const row: Record<string, string> = {};
    for (const [i, column] of columns.entries()) row[column] = values[i] ?? "";
    if (each(row as CsvRow<Column>) === true) enough.abort();
  };
  const read = async (chunks: AsyncIterable<string>): Promise<void> => {
    let rest = "";
    for await (const chunk of chunks) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (!signal.aborted) take(line);
    }
    if (rest !== "") take(rest);
  };
  try {
    const unzip = createGunzip().setEncoding("utf8");
    await pipeline(createReadStream(path), unzip, read, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The lines of a gzipped text file, held in memory at once. Rejects where it cannot be read or is no gzip. */
export async function linesOf(path: string): Promise<string[]> {
  const text = (await unzipped(await readFile(path))).toString("utf8");
  return text.replace(/\n$/, "").split("\n");
}

const unzipped = promisify(gunzip);
