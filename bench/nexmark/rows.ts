import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type RunStats, runBounded } from "../../local/run/bounded-run.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { type Query, queryApplication } from "./queries.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Runs a query over a file, in this process. @param folder - for its rows; where it is left out they are dropped */
export const runQuery = (query: Query, input: string, folder?: string): Promise<RunStats> =>
  runBounded({
    application: queryApplication(query),
    inputs: new Map([["nexmark", input]]),
    output: folder,
    clock: systemClock,
  });

/** What Millrace makes of a file. */
export async function millraceRows(query: Query, input: string, folder: string): Promise<Row[]> {
  await runQuery(query, input, folder);
  return jsonLines<Row>(readFileSync(join(folder, `${query}.jsonl`), "utf8"));
}

export const jsonLines = <T>(text: string): T[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** Rows as texts, in an order of their own: two that are equal hold the same rows as often. */
export const multiset = (rows: readonly Row[]): string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
