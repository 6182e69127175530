import { join } from "node:path";
import { expect, test } from "vitest";
import { samplePath } from "../../local/feed/sample.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import { type FlightsOracle, flightsOracle } from "../oracles/flights-oracle.ts";
import { asOracleRow, finalLakeRows, lateIds, type ServedDelay } from "../oracles/flights-results.ts";
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

    const served = await job.view<ServedDelay>("hourly_delays");
    expect(served.map(asOracleRow)).toEqual(expected.hourly);
    expect(await finalLakeRows(parquet(job, "hourly_delays"))).toEqual(expected.hourly);
    expect(await lateIds(parquet(job, "late_flights"))).toEqual(expected.late.map(({ id }) => id).sort());
  },
  LONG,
);

const oracle = (): Promise<FlightsOracle> =>
  flightsOracle(samplePath("flights.csv.gz"), (origin) => partitionOf(origin, PARTITIONS), {
    outOfOrderHours: 1,
    allowedLatenessHours: 6,
  });

const parquet = ({ result }: Finished, table: string): string =>
  join(result.output, "lake", table, "**", "*.parquet");
