import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NexmarkOptions } from "../../bench/nexmark/generate.ts";
import { writeNexmark } from "../../bench/nexmark/generate.ts";
import type { Query } from "../../bench/nexmark/queries.ts";
import { millraceRows, type Row, runQuery } from "../../bench/nexmark/rows.ts";

const BENCH = new URL("../../bench/nexmark/", import.meta.url).pathname;

/** A stream of Nexmark's events in a file that goes when its scope ends. */
export class NexmarkInput implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "millrace-nexmark-"));
  readonly path: string = join(this.#folder, "events.jsonl");

  constructor(options: NexmarkOptions) {
    writeNexmark(this.path, options);
  }

  /** How many rows Millrace makes of the file where they are dropped. */
  async countOf(query: Query): Promise<number | undefined> {
    const { sinks } = await runQuery(query, this.path);
    return sinks[query];
  }

  /** What Millrace makes of the file. */
  rowsOf(query: Query): Promise<Row[]> {
    return millraceRows(query, this.path, this.#folder);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** The rows that another engine gave for seed 1, in order (`s1`) or out of order (`s1-ooo`). */
export function expectedRows(stream: "s1" | "s1-ooo", query: Query): Row[] {
  const [head, ...lines] = readFileSync(join(BENCH, "expected", stream, `${query}.csv`), "utf8")
    .trim()
    .split("\n");
  const columns = (head ?? "").split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((text, i) => [columns[i], fieldOf(text)])),
  );
}

/** Names of people and places have no digits. */
const fieldOf = (text: string): string | number => (/^[\d.]+$/.test(text) ? Number(text) : text);

/** What a query means, in DuckDB's SQL over `person`, `auction` and `bid`. */
export const sqlOf = (name: Query | "00_views"): string =>
  readFileSync(join(BENCH, "sql", `${name}.sql`), "utf8");
