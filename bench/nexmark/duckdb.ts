import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Query } from "./queries.ts";

const sql = (name: string): string =>
  readFileSync(new URL(`sql/${name}.sql`, import.meta.url), "utf8").replace(/^--.*$/gm, "");

/** The same query in DuckDB, on one thread: a batch engine that reads columns, to show what the machine can do. */
export async function duckDbRows(query: Query, input: string, output: string): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run(sql("00_views").replaceAll("$FILE", input));
  await connection.run(`COPY (${sql(query)}) TO '${output}' (FORMAT json)`);
  const [[events]] = (await connection.runAndReadAll("SELECT count(*)::DOUBLE FROM ev")).getRowsJS() as [
    [number],
  ];
  connection.closeSync();
  instance.closeSync();
  return events;
}
