import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAccessLog } from "../../local/feed/access-log.ts";
import { readFlights } from "../../local/feed/flights.ts";
import { linesOf, type SampleFile, samplePath } from "../../local/feed/sample.ts";
import { readSensors } from "../../local/feed/sensors.ts";
import { FAULTS } from "../../local/simulator/chaos/faults.ts";
import { chaos, type Outcome, type Request } from "../../local/simulator/chaos.ts";
import { accessLogApp } from "../../pipelines/access-log.ts";
import { flightsApp } from "../../pipelines/flights.ts";
import { sensorsApp } from "../../pipelines/sensors.ts";
import { partitionOf } from "../../shared/frames/partitioner.ts";
import type { Application } from "../../shared/index.ts";
import { accessLogOracle } from "./access-log-oracle.ts";
import { flightsOracle } from "./flights-oracle.ts";
import { asOracleRow, type ServedDelay } from "./flights-results.ts";
import { sensorsOracle } from "./sensors-oracle.ts";

const FLIGHTS = 1_500;
const PER_REQUEST = 50;
const PARTITIONS = 8;
const SEEDS = [1, 2];

/** All faults but the one that changes the order in which a source's events are taken, and with it what is late. */
const ORDERLY = [...FAULTS.keys()].filter((name) => name !== "children-first");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-part-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Some lines of a shipped file as a file of its own. */
async function partOf(
  file: SampleFile,
  some: (lines: readonly string[]) => readonly string[],
): Promise<string> {
  const path = join(folder, file);
  const text = some(await linesOf(samplePath(file))).join("\n");
  await writeFile(path, await promisify(gzip)(`${text}\n`));
  return path;
}

/** What an application leaves behind of events that went through everything that keeps their order. */
async function leftBehind(
  app: Application,
  stream: string,
  events: readonly unknown[],
  seed: number,
): Promise<Outcome> {
  const requests: Request[] = [];
  for (let at = 0; at < events.length; at += PER_REQUEST)
    requests.push({ stream, events: events.slice(at, at + PER_REQUEST) });
  let left: Outcome | undefined;
  const check = (outcome: Outcome): string[] => {
    left = outcome;
    return [];
  };
  const { injected } = await chaos(seed, { app, input: () => requests, check }, { faults: ORDERLY });
  expect(Object.keys(injected).length).toBeGreaterThan(5);
  if (left === undefined) throw new Error("the run was not judged");
  return left;
}

type Keyed = { readonly key: string | number; readonly start: number };
type Row = Pick<Keyed, "key"> & { readonly window: { readonly start: number; readonly end: number } };

const byKeyAndStart = <R extends Keyed>(rows: readonly R[]): R[] =>
  rows.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.start - b.start));

/** A view's rows in the columns of the oracles. */
const flat = (rows: readonly unknown[]): Keyed[] =>
  byKeyAndStart(
    (rows as (Row & { readonly pane: unknown })[]).map(({ window, pane: _, ...rest }) => ({
      ...rest,
      start: window.start,
    })),
  );

const idsOf = (rows: readonly unknown[]): string[] =>
  (rows as { readonly id: string }[]).map(({ id }) => id).sort();

describe("whatever goes wrong, SQL finds in the raw file what is left", () => {
  test("of flights", async () => {
    const flights = await readFlights({ limit: FLIGHTS });
    const own = (origin: string): number => partitionOf(origin, PARTITIONS);
    const options = { outOfOrderHours: 1, allowedLatenessHours: 6, limit: FLIGHTS };
    const expected = await flightsOracle(samplePath("flights.csv.gz"), own, options);
    expect(expected.hourly.length).toBeGreaterThan(50);
    for (const seed of SEEDS) {
      const { view, lake } = await leftBehind(flightsApp, "flights", flights, seed);
      const served = (view("hourly_delays") as ServedDelay[]).map(asOracleRow);
      expect(byKeyAndStart(served)).toEqual(expected.hourly);
      expect(idsOf(lake("late_flights"))).toEqual(idsOf(expected.late));
    }
  });

  test("of an access log", async () => {
    const path = await partOf("access.log.gz", (lines) => lines.slice(0, 1_000));
    const requests = await readAccessLog(path);
    const expected = await accessLogOracle(path);
    expect(expected.pathWords.length).toBeGreaterThan(20);
    for (const seed of SEEDS) {
      const { view } = await leftBehind(accessLogApp, "access-log", requests, seed);
      expect(flat(view("status_per_minute"))).toEqual(expected.statusPerMinute);
      expect(flat(view("path_words"))).toEqual(expected.pathWords);
    }
  });

  test("of sensors, two of which are out of range", async () => {
    const path = await partOf("sensors.csv.gz", (lines) => [
      ...lines.slice(0, 1),
      ...lines.slice(2_300, 2_700),
      ...lines.slice(11_700, 12_000),
    ]);
    const readings = await readSensors(path);
    const expected = await sensorsOracle(path);
    expect(expected.excursions).toHaveLength(2);
    for (const seed of SEEDS) {
      const { view, lake } = await leftBehind(sensorsApp, "sensors", readings, seed);
      expect(flat(view("climate"))).toEqual(
        // sums of doubles: the last digits depend on the order of adding
        expected.climate.map(({ humidity, temperature, ...exact }) => ({
          ...exact,
          humidity: expect.closeTo(humidity, 9),
          temperature: expect.closeTo(temperature, 9),
        })),
      );
      const ends = (view("excursions") as Row[]).map(({ key, window }) => [key, window.end]);
      expect(new Set(ends.map(String))).toEqual(
        new Set(expected.excursions.map(({ key, end }) => String([key, end]))),
      );
      expect(idsOf(lake("out_of_range"))).toEqual([...expected.outOfRange].sort());
    }
  });
});
