import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { samplePath } from "../../local/feed/sample.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import { rowsOf, withDuckDb } from "../oracles/duckdb.ts";
import { type FlightsOracle, flightsOracle, type HourlyDelay } from "../oracles/flights-oracle.ts";
import { type Finished, mainJob } from "./main-job.ts";

const FLIGHTS = 336_776;
const PARTITIONS = 8;
const LONG = 240_000;

let oracle: FlightsOracle;
beforeAll(async () => {
  oracle = await flightsOracle(samplePath("flights.csv.gz"), (origin) => partitionOf(origin, PARTITIONS), {
    outOfOrderHours: 1,
    allowedLatenessHours: 6,
  });
}, LONG);

describe("a year of flights through the local cloud", () => {
  test.each([
    { name: "undisturbed", faults: [] },
    {
      name: "with a Lambda process killed every second and the stream's shards split and merged",
      faults: ["--chaos-kill", "1000", "--reshard"],
    },
  ])(
    "gives row for row what SQL gives over the raw file: $name",
    async ({ faults }) => {
      await using job = await mainJob(...faults);
      expect(job.exitCode, job.said).toBe(0);
      expect(job.result).toMatchObject({ input: FLIGHTS, accepted: FLIGHTS, failed: 0, lost: 0 });
      expect(job.result.late).toBe(oracle.late.length);

      const served = await job.view<Served>("hourly_delays");
      expect(served.map(asOracleRow)).toEqual(oracle.hourly);
      expect(await finalLakeRows(job)).toEqual(oracle.hourly);
      expect(await lateIds(job)).toEqual(oracle.late.map(({ id }) => id).sort());
    },
    LONG,
  );
});

type Served = Omit<HourlyDelay, "start"> & { readonly window: { readonly start: number } };

const asOracleRow = ({ key, window, flights, delayed, avg, p95 }: Served): HourlyDelay => ({
  key,
  start: window.start,
  flights,
  delayed,
  avg,
  p95,
});

const parquet = ({ result }: Finished, table: string): string =>
  join(result.output, "lake", table, "**", "*.parquet");

/** The table has every pane; the last of a window is its result. A pane that was written twice would count twice. */
const finalLakeRows = (job: Finished): Promise<HourlyDelay[]> =>
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
      { files: parquet(job, "hourly_delays") },
    ),
  );

const lateIds = (job: Finished): Promise<string[]> =>
  withDuckDb(async (db) => {
    const rows = await rowsOf<{ id: string }>(db, "SELECT id FROM read_parquet($files) ORDER BY id", {
      files: parquet(job, "late_flights"),
    });
    return rows.map(({ id }) => id);
  });
