import { join } from "node:path";
import { expect, test } from "vitest";
import { samplePath } from "../../local/feed/sample.ts";
import { accessLogOracle } from "../oracles/access-log-oracle.ts";
import { rowsOf, withDuckDb } from "../oracles/duckdb.ts";
import { sensorsOracle } from "../oracles/sensors-oracle.ts";
import { mainJob } from "./main-job.ts";

const LONG = 120_000;

type Row = { readonly window: { readonly start: number; readonly end: number }; readonly pane: unknown };

/** A view's row in the columns of the oracles. */
const flat = <R extends Row>({ window, pane: _, ...rest }: R) => ({ ...rest, start: window.start });

test(
  "an access log gives the classes of status and the words that SQL finds in the raw file",
  async () => {
    const expected = await accessLogOracle(samplePath("access.log.gz"));
    await using job = await mainJob("--sample", "access-log");
    expect(job.exitCode, job.said).toBe(0);
    expect((await job.view<Row>("status_per_minute")).map(flat)).toEqual(expected.statusPerMinute);
    expect((await job.view<Row>("path_words")).map(flat)).toEqual(expected.pathWords);
  },
  LONG,
);

test(
  "sensors give the averages, excursions and readings out of range that SQL finds in the raw file",
  async () => {
    const expected = await sensorsOracle(samplePath("sensors.csv.gz"));
    await using job = await mainJob("--sample", "sensors");
    expect(job.exitCode, job.said).toBe(0);
    const climate = (await job.view<Row>("climate")).map(flat);
    expect(climate).toEqual(
      // sums of doubles: the last digits depend on the order of adding
      expected.climate.map(({ humidity, temperature, ...exact }) => ({
        ...exact,
        humidity: expect.closeTo(humidity, 9),
        temperature: expect.closeTo(temperature, 9),
      })),
    );
    const excursions = (await job.view<Row>("excursions")).map((row) => ({
      ...flat(row),
      end: row.window.end,
    }));
    expect(excursions).toEqual(expected.excursions);
    expect(await outOfRange(job.result.output)).toEqual([...expected.outOfRange].sort());
  },
  LONG,
);

const outOfRange = (output: string): Promise<string[]> =>
  withDuckDb(async (db) => {
    const rows = await rowsOf<{ id: string }>(db, "SELECT id FROM read_parquet($files) ORDER BY id", {
      files: join(output, "lake", "out_of_range", "**", "*.parquet"),
    });
    return rows.map(({ id }) => id);
  });
