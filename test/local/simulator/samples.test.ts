import { describe, expect, test } from "vitest";
import { readAccessLog } from "../../../local/feed/access-log.ts";
import { readFlights } from "../../../local/feed/flights.ts";
import { samplePath } from "../../../local/feed/sample.ts";
import { readSensors } from "../../../local/feed/sensors.ts";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { accessLogApp } from "../../../pipelines/access-log.ts";
import { flightsApp } from "../../../pipelines/flights.ts";
import { sensorsApp } from "../../../pipelines/sensors.ts";
import { partitionOf } from "../../../shared/frames/partitioner.ts";
import { type Application, hours, type Span } from "../../../shared/index.ts";
import { accessLogOracle, type PathWord, type StatusPerMinute } from "../../oracles/access-log-oracle.ts";
import { flightsOracle, type HourlyDelay, type LateFlight } from "../../oracles/flights-oracle.ts";
import { type Climate, type Excursion, sensorsOracle } from "../../oracles/sensors-oracle.ts";

/** A result as the oracles name its fields. */
type Windowed<Row> = Omit<Row, "start" | "end"> & { readonly window: Span; readonly pane: unknown };

const flat = <Row>({ window, pane: _, ...rest }: Windowed<Row>): Row =>
  ({ ...rest, start: window.start }) as Row;

async function run(app: Application, stream: string, events: readonly unknown[]): Promise<TestDriver> {
  const driver = await TestDriver.create(app);
  for (let first = 0; first < events.length; first += 5_000)
    expect(await driver.feed(stream, events.slice(first, first + 5_000))).toEqual([]);
  await driver.end();
  return driver;
}

describe("a year of flights", () => {
  test("gives to the row what SQL computes from the file", async () => {
    const [stream] = flightsApp.streams;
    const window = flightsApp.pipelines[0]?.nodes.find(({ spec }) => spec.kind === "window")?.spec;
    if (stream === undefined || window?.kind !== "window") throw new TypeError("the flights have no window");
    const oracle = await flightsOracle(
      samplePath("flights.csv.gz"),
      (origin) => partitionOf(origin, stream.partitions),
      {
        outOfOrderHours: stream.outOfOrder / hours(1),
        allowedLatenessHours: window.allowedLateness / hours(1),
      },
    );
    const driver = await run(flightsApp, "flights", await readFlights());
    expect(driver.view<Windowed<HourlyDelay>>("hourly_delays").map(flat)).toEqual(oracle.hourly);
    const byId = (a: LateFlight, b: LateFlight): number => (a.id < b.id ? -1 : 1);
    const late = driver
      .lake<LateFlight>("late_flights")
      .map(({ id, origin, scheduledDeparture, delay }) => ({ id, origin, scheduledDeparture, delay }));
    expect(late.toSorted(byId)).toEqual(oracle.late.toSorted(byId));
    expect(driver.failed()).toEqual([]);
  });
});

describe("an access log", () => {
  test("gives what SQL computes from the file", async () => {
    const oracle = await accessLogOracle(samplePath("access.log.gz"));
    const driver = await run(accessLogApp, "access-log", await readAccessLog());
    expect(driver.view<Windowed<StatusPerMinute>>("status_per_minute").map(flat)).toEqual(
      oracle.statusPerMinute,
    );
    expect(driver.view<Windowed<PathWord>>("path_words").map(flat)).toEqual(oracle.pathWords);
  });
});

describe("sensors", () => {
  test("give what SQL computes from the file", async () => {
    const oracle = await sensorsOracle(samplePath("sensors.csv.gz"));
    const driver = await run(sensorsApp, "sensors", await readSensors());
    const climate = driver.view<Windowed<Climate>>("climate").map(flat);
    expect(climate).toHaveLength(oracle.climate.length);
    for (const [i, { humidity, temperature, ...exact }] of oracle.climate.entries()) {
      expect(climate[i]).toMatchObject(exact);
      // sums of doubles: the last digits depend on the order of adding
      expect(climate[i]?.humidity).toBeCloseTo(humidity, 9);
      expect(climate[i]?.temperature).toBeCloseTo(temperature, 9);
    }
    const excursions = driver.view<Windowed<Excursion>>("excursions");
    expect(excursions.map((row) => ({ ...flat(row), end: row.window.end }))).toEqual(oracle.excursions);
    const ids = driver.lake<{ readonly id: string }>("out_of_range").map(({ id }) => id);
    expect(ids.toSorted()).toEqual(oracle.outOfRange.toSorted());
  });
});
