import { join } from "node:path";
import { expect, test } from "vitest";
import { samplePath } from "../../local/feed/sample.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import { rowsOf, withDuckDb } from "../oracles/duckdb.ts";
import { type FlightsOracle, flightsOracle, type HourlyDelay } from "../oracles/flights-oracle.ts";
import { type Finished, mainJob } from "./main-job.ts";

const PARTITIONS = 8;
/** Every process that is killed costs seconds of what two processors can do. */
const LONG = 420_000;

const FLIGHTS = 336_776;

const RUNS = [
  { name: "undisturbed", options: [] },
  {
    name: "with a Lambda process killed every second and the stream's shards split and merged",
    options: ["--chaos-kill", "1000", "--reshard"],
  },
];

test.each(RUNS)(
  "flights through the local cloud give row for row what SQL gives over the raw file: $name",
  async ({ options }) => {
    const expected = await oracle();
    await using job = await mainJob(...options);
    expect(job.exitCode, job.said).toBe(0);
    expect(job.result).toMatchObject({ input: FLIGHTS, accepted: FLIGHTS, failed: 0, lost: 0 });
    expect(job.result.late).toBe(expected.late.length);

    const served = await job.view<Served>("hourly_delays");
    expect(served.map(asOracleRow)).toEqual(expected.hourly);
    expect(await finalLakeRows(job)).toEqual(expected.hourly);
    expect(await lateIds(job)).toEqual(expected.late.map(({ id }) => id).sort());
  },
  LONG,
);

const oracle = (): Promise<FlightsOracle> =>
  flightsOracle(samplePath("flights.csv.gz"), (origin) => partitionOf(origin, PARTITIONS), {
    outOfOrderHours: 1,
    allowedLatenessHours: 6,
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
