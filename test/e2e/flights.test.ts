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

/** Faults of every kind slow each call down, so that a part of the year must do. */
const UNDER_FAULTS = 40_000;

const RUNS = [
  { name: "undisturbed", flights: FLIGHTS, options: [] },
  {
    name: "with a Lambda process killed every second and the stream's shards split and merged",
    flights: FLIGHTS,
    options: ["--chaos-kill", "1000", "--reshard"],
  },
  {
    name: "with faults of every kind in calls, processes, deliveries, shards and clocks",
    flights: UNDER_FAULTS,
    options: ["--chaos", "5", "--limit", String(UNDER_FAULTS)],
  },
];

test.each(RUNS)(
  "flights through the local cloud give row for row what SQL gives over the raw file: $name",
  async ({ flights, options }) => {
    const expected = await oracle(flights);
    await using job = await mainJob(...options);
    expect(job.exitCode, job.said).toBe(0);
    expect(job.result).toMatchObject({ input: flights, accepted: flights, failed: 0, refused: 0, lost: 0 });
    expect(job.result.late).toBe(expected.late.length);

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
