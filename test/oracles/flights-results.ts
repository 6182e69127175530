import { rowsOf, withDuckDb } from "./duckdb.ts";
import type { HourlyDelay } from "./flights-oracle.ts";

/** A row of the view `hourly_delays` as it is served. */
export type ServedDelay = Omit<HourlyDelay, "start"> & { readonly window: { readonly start: number } };

/** A served row in the columns of the oracle. */
export const asOracleRow = ({ key, window, flights, delayed, avg, p95 }: ServedDelay): HourlyDelay => ({
  key,
  start: window.start,
  flights,
  delayed,
  avg,
  p95,
});

/**
 * The results in the lake table `hourly_delays`. It has every pane; the last of a window is its result. A window of
 * which a pane was written twice, or not at all, is left out.
 * @param files - a pattern that DuckDB understands
 */
export const finalLakeRows = (files: string): Promise<HourlyDelay[]> =>
  withDuckDb((db) =>
    rowsOf<HourlyDelay>(
      db,
      `SELECT
         key, epoch_ms(window_start)::DOUBLE AS start,
         arg_max(flights, pane_index) AS flights, arg_max(delayed, pane_index) AS delayed,
         arg_max(avg, pane_index) AS avg, arg_max(p95, pane_index) AS p95
       FROM read_parquet($files)
       GROUP BY key, window_start HAVING count(*) = max(pane_index) + 1
       ORDER BY key, start`,
      { files },
    ),
  );

/** The ids in the lake table `late_flights`, sorted. */
export const lateIds = (files: string): Promise<string[]> =>
  withDuckDb(async (db) => {
    const rows = await rowsOf<{ id: string }>(db, "SELECT id FROM read_parquet($files) ORDER BY id", {
      files,
    });
    return rows.map(({ id }) => id);
  });
