import { rowsOf, withDuckDb } from "./duckdb.ts";

/** A row of `climate`. The averages are sums of doubles: their last digits depend on the order of adding. */
export type Climate = {
  readonly key: number;
  readonly start: number;
  readonly readings: number;
  readonly humidity: number;
  readonly temperature: number;
};

/** A row of `excursions`: a session. */
export type Excursion = Climate & { readonly end: number };

export type SensorsOracle = {
  /** Sorted by mote and start. */
  readonly climate: readonly Climate[];
  /** Sorted by mote and start. */
  readonly excursions: readonly Excursion[];
  /** The ids of the rows of `out_of_range`, by time and mote. */
  readonly outOfRange: readonly string[];
};

/**
 * What the sensors' pipelines must give. Readings come in the order of time, so none is late.
 * @param path - sensors.csv.gz
 */
export const sensorsOracle = (path: string): Promise<SensorsOracle> =>
  withDuckDb(async (db) => {
    await db.run(READINGS, { path });
    const outOfRange = await rowsOf<{ id: string }>(
      db,
      "SELECT id FROM readings WHERE out_of_range ORDER BY stamp, mote_id",
    );
    return {
      climate: await rowsOf<Climate>(db, CLIMATE),
      excursions: await rowsOf<Excursion>(db, EXCURSIONS),
      outOfRange: outOfRange.map(({ id }) => id),
    };
  });

const READINGS = `
  CREATE TABLE readings AS
  SELECT
    *,
    'mote-' || mote_id || '-' || reading AS id,
    epoch_ms(TIMESTAMP '2010-01-01 00:00:00') + (reading - 1) * 5000 AS stamp,
    NOT (temperature BETWEEN 15 AND 35 AND humidity BETWEEN 30 AND 75) AS out_of_range
  FROM read_csv($path)`;

// Each reading is in five windows: those that start in its minute and in the four before.
const CLIMATE = `
  SELECT
    mote_id::DOUBLE AS key,
    ((stamp // 60000 - back) * 60000)::DOUBLE AS start,
    count(*)::DOUBLE AS readings,
    avg(humidity) AS humidity,
    avg(temperature) AS temperature
  FROM readings, range(5) AS minutes(back)
  GROUP BY ALL ORDER BY key, start`;

// A reading more than a minute after the one before starts a session; a session ends a minute after its last.
const EXCURSIONS = `
  WITH gaps AS (
    SELECT *, coalesce(stamp - lag(stamp) OVER mote > 60000, true)::INTEGER AS fresh
    FROM readings WHERE out_of_range
    WINDOW mote AS (PARTITION BY mote_id ORDER BY stamp)
  ), numbered AS (
    SELECT *, sum(fresh) OVER (PARTITION BY mote_id ORDER BY stamp) AS session FROM gaps
  )
  SELECT
    mote_id::DOUBLE AS key,
    min(stamp)::DOUBLE AS start,
    (max(stamp) + 60000)::DOUBLE AS "end",
    count(*)::DOUBLE AS readings,
    max(humidity) AS humidity,
    max(temperature) AS temperature
  FROM numbered GROUP BY mote_id, session ORDER BY key, start`;
