import { join } from "node:path";
import { expect, test } from "vitest";
import { samplePath } from "../../local/feed/sample.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import { type FlightsOracle, flightsOracle } from "../oracles/flights-oracle.ts";
import { asOracleRow, finalLakeRows, lateIds, type ServedDelay } from "../oracles/flights-results.ts";
import { type Finished, mainJob } from "./main-job.ts";

const PARTITIONS = 8;
/** Every process that is killed costs seconds of what two processors can do, and they may have other work. */
const LONG = 900_000;

const FLIGHTS = 336_776;

/**
 * A process that is killed costs seconds of CPU time on a machine that is busy: a part of the year must do, slowly enough
 * for some to be killed on a machine that is not. All of it with `WHOLE_YEAR`.
 */
const UNDER_KILLS =
  process.env["WHOLE_YEAR"] === undefined
    ? { flights: 30_000, options: ["--rate", "5000"] }
    : { flights: FLIGHTS, options: [] };

/** Faults of every kind slow each call down, so that a smaller part must do. */
const UNDER_FAULTS = 40_000;

const RUNS: readonly {
  readonly name: string;
  readonly flights: number;
  readonly options: readonly string[];
  readonly kills?: boolean;
}[] = [
  { name: "undisturbed", flights: FLIGHTS, options: [] },
  {
    name: "with a Lambda process killed every second and the stream's shards split and merged",
    flights: UNDER_KILLS.flights,
    options: [
      ...["--chaos-kill", "1000", "--reshard", "--limit", String(UNDER_KILLS.flights)],
      ...UNDER_KILLS.options,
    ],
    kills: true,
  },
  {
    name: "with faults of every kind in calls, processes, deliveries, shards and clocks",
    flights: UNDER_FAULTS,
    options: ["--chaos", "5", "--limit", String(UNDER_FAULTS)],
  },
];

test.each(RUNS)(
  "flights through the local cloud give row for row what SQL gives over the raw file: $name",
  async ({ flights, options, kills = false }) => {
    const expected = await oracle(flights);
    await using job = await mainJob(...options);
    expect(job.exitCode, job.said).toBe(0);
    expect(job.result).toMatchObject({ input: flights, accepted: flights, failed: 0, refused: 0, lost: 0 });
    expect(job.result.late).toBe(expected.late.length);
    if (kills) expect(job.result.killed).toBeGreaterThan(0);

    const served = await job.view<ServedDelay>("hourly_delays");
    expect(served.map(asOracleRow)).toEqual(expected.hourly);
    expect(await finalLakeRows(parquet(job, "hourly_delays"))).toEqual(expected.hourly);
    expect(await lateIds(parquet(job, "late_flights"))).toEqual(expected.late.map(({ id }) => id).sort());
  },
  LONG,
);

const oracle = (limit: number): Promise<FlightsOracle> =>
  flightsOracle(samplePath("flights.csv.gz"), (origin) => partitionOf(origin, PARTITIONS), {
    outOfOrderHours: 1,
    allowedLatenessHours: 6,
    limit,
  });

const parquet = ({ result }: Finished, table: string): string =>
  join(result.output, "lake", table, "**", "*.parquet");
