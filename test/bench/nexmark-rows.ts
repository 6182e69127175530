import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NexmarkOptions } from "../../bench/nexmark/generate.ts";
import { writeNexmark } from "../../bench/nexmark/generate.ts";
import { type Query, queryApplication } from "../../bench/nexmark/queries.ts";
import { type RunStats, runBounded } from "../../local/run/bounded-run.ts";
import { systemClock } from "../../shared/time/clock.ts";

export type Row = Readonly<Record<string, unknown>>;

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
    const { sinks } = await this.#run(query, undefined);
    return sinks[query];
  }

  #run(query: Query, output: string | undefined): Promise<RunStats> {
    return runBounded({
      application: queryApplication(query),
      inputs: new Map([["nexmark", this.path]]),
      output,
      clock: systemClock,
    });
  }

  /** What Millrace makes of the file. */
  async rowsOf(query: Query): Promise<Row[]> {
    await this.#run(query, this.#folder);
    return jsonLines(join(this.#folder, `${query}.jsonl`));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

const jsonLines = (path: string): Row[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

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

/** Rows as texts, in an order of their own: two that are equal hold the same rows as often. */
export const multiset = (rows: readonly Row[]): string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
