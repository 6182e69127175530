import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";

/** Runs `use` with an in-memory database of its own. */
export async function withDuckDb<R>(use: (db: DuckDBConnection) => Promise<R>): Promise<R> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The rows of a query. Integers must be cast to DOUBLE in it: a BIGINT would come as a `bigint`. */
export async function rowsOf<Row>(
  db: DuckDBConnection,
  sql: string,
  values: Readonly<Record<string, DuckDBValue>> = {},
): Promise<Row[]> {
  return (await db.runAndReadAll(sql, { ...values })).getRowObjectsJS() as Row[];
}
