import type { DuckDBConnection } from "@duckdb/node-api";
import { rowsOf, withDuckDb } from "./duckdb.ts";

/** A row of `hourly_delays` once its window is closed. */
export type HourlyDelay = {
  readonly key: string;
  /** Start of the hour, epoch milliseconds. */
  readonly start: number;
  readonly flights: number;
  readonly delayed: number;
  readonly avg: number;
  readonly p95: number;
};

/** A row of `late_flights`, in the order in which the flights came. */
export type LateFlight = {
  readonly id: string;
  readonly origin: string;
  readonly scheduledDeparture: number;
  readonly delay: number;
};

export type FlightsOracle = {
  /** Sorted by airport and hour. */
  readonly hourly: readonly HourlyDelay[];
  readonly late: readonly LateFlight[];
  readonly cancelled: number;
};

export type FlightsOracleOptions = {
  /** @default 6 */
  readonly outOfOrderHours?: number;
  /** @default 25 */
  readonly allowedLatenessHours?: number;
  /** Only the first flights, in the order in which they happened. @default all */
  readonly limit?: number;
  /**
   * Flights after the first so many, in the order in which they happened, count as delayed above so many minutes
   * only. @default none: above 15 minutes each
   */
  readonly newRule?: { readonly after: number; readonly delayedAbove: number };
};

/**
 * What the flights pipeline must give, computed from the raw file in SQL that shares nothing with the
 * engine: times from the local wall clock by DuckDB's own time zone rules, watermarks by a running maximum.
 *
 * The watermark of a partition is the highest schedule among the rows before, less the out-of-orderness; cancelled
 * flights move it too. A flight is late where its hour and the allowed lateness have passed by then.
 * @param path - flights.csv.gz as published
 * @param partitionOf - the partition of an airport: airports of one partition share their watermark
 */
export const flightsOracle = (
  path: string,
  partitionOf: (origin: string) => number,
  { outOfOrderHours = 6, allowedLatenessHours = 25, limit = 1e9, newRule = NONE }: FlightsOracleOptions = {},
): Promise<FlightsOracle> =>
  withDuckDb(async (db) => {
    await db.run("SET TimeZone = 'UTC'");
    await db.run(FLIGHTS, { path, limit, ...newRule });
    await assignPartitions(db, partitionOf);
    await db.run(JUDGED, { outOfOrderHours, allowedLatenessHours });
    const cancelled = await rowsOf<{ n: number }>(
      db,
      "SELECT count(*)::DOUBLE AS n FROM flights WHERE delay IS NULL",
    );
    return {
      hourly: await rowsOf<HourlyDelay>(db, HOURLY),
      late: await rowsOf<LateFlight>(db, LATE),
      cancelled: cancelled[0]?.n ?? Number.NaN,
    };
  });

const NONE = { after: 1e9, delayedAbove: 15 };

async function assignPartitions(
  db: DuckDBConnection,
  partitionOf: (origin: string) => number,
): Promise<void> {
  await db.run("CREATE TABLE partitions (origin VARCHAR, partition INTEGER)");
  for (const { origin } of await rowsOf<{ origin: string }>(db, "SELECT DISTINCT origin FROM flights"))
    await db.run("INSERT INTO partitions VALUES ($origin, $partition)", {
      origin,
      partition: partitionOf(origin),
    });
}

const FLIGHTS = `
  CREATE TABLE flights AS
  SELECT
    carrier || flight || '-' || origin || '-' || strftime(make_date(year, month, day), '%Y-%m-%d') AS id,
    origin,
    dep_delay AS delay,
    timezone('America/New_York', make_timestamp(year, month, day, hour, minute, 0)) AS scheduled,
    scheduled + to_minutes(coalesce(dep_delay, 0)) AS happened,
    delay > if(row_number() OVER (ORDER BY happened, id) > $after::INTEGER, $delayedAbove::INTEGER, 15) AS delayed
  FROM read_csv($path, nullstr = ['NA', ''])
  ORDER BY happened, id LIMIT $limit::INTEGER`;

// The watermark before a flight: from the rows of its partition that came earlier, not from itself.
const JUDGED = `
  CREATE TABLE judged AS
  WITH arrived AS (
    SELECT
      *,
      date_trunc('hour', scheduled) AS hour,
      max(scheduled) OVER (
        PARTITION BY partition ORDER BY happened, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) - to_hours($outOfOrderHours::INTEGER) AS watermark
    FROM flights JOIN partitions USING (origin)
  )
  SELECT
    *,
    coalesce(hour + INTERVAL 1 HOUR + to_hours($allowedLatenessHours::INTEGER) <= watermark, false) AS late
  FROM arrived
  WHERE delay IS NOT NULL`;

// The 95th percentile by nearest rank: the value at place ceil(0.95 n), in whole numbers.
const HOURLY = `
  WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY origin, hour ORDER BY delay) AS place
    FROM judged WHERE NOT late
  ), totals AS (
    SELECT origin, hour, count(*) AS n FROM ranked GROUP BY ALL
  )
  SELECT
    origin AS key,
    epoch_ms(hour)::DOUBLE AS start,
    n::DOUBLE AS flights,
    (count(*) FILTER (delayed))::DOUBLE AS delayed,
    sum(delay)::DOUBLE / n AS avg,
    (max(delay) FILTER (place = (95 * n + 99) // 100))::DOUBLE AS p95
  FROM ranked JOIN totals USING (origin, hour)
  GROUP BY origin, hour, n
  ORDER BY key, start`;

const LATE = `
  SELECT id, origin, epoch_ms(scheduled)::DOUBLE AS "scheduledDeparture", delay::DOUBLE AS delay
  FROM judged WHERE late ORDER BY happened, id`;
