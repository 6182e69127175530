import { describe, expect, test } from "vitest";
import { samplePath } from "../../local/feed/sample.ts";
import { accessLogOracle } from "./access-log-oracle.ts";
import { flightsOracle } from "./flights-oracle.ts";
import { sensorsOracle } from "./sensors-oracle.ts";

const FLIGHTS = samplePath("flights.csv.gz");
const own = (origin: string): number => ["EWR", "JFK", "LGA"].indexOf(origin);
const shared = (): number => 0;
const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

describe("the oracle of flights", () => {
  test.each([
    { outOfOrderHours: 6, allowedLatenessHours: 25, partitionOf: own, late: 0 },
    { outOfOrderHours: 6, allowedLatenessHours: 6, partitionOf: own, late: 27 },
    { outOfOrderHours: 6, allowedLatenessHours: 6, partitionOf: shared, late: 28 },
    { outOfOrderHours: 1, allowedLatenessHours: 0, partitionOf: own, late: 14_058 },
  ])("counts, calls late or cancels every one: %o", async ({ partitionOf, late, ...options }) => {
    const oracle = await flightsOracle(FLIGHTS, partitionOf, options);
    expect(oracle.late).toHaveLength(late);
    expect(oracle.cancelled).toBe(8_255);
    expect(total(oracle.hourly.map(({ flights }) => flights)) + late + oracle.cancelled).toBe(336_776);
  });

  test("gives the first hour of Newark as one reads it in the file", async () => {
    const { hourly } = await flightsOracle(FLIGHTS, own);
    expect(hourly).toHaveLength(19_434);
    // 05:15 + 2 min and 05:58 - 4 min in New York, which is 10:00 UTC in January
    expect(hourly[0]).toEqual({
      key: "EWR",
      start: 1_357_034_400_000,
      flights: 2,
      delayed: 0,
      avg: -1,
      p95: 2,
    });
  });
});

test("the oracle of the access log counts every request once", async () => {
  const { statusPerMinute, pathWords } = await accessLogOracle(samplePath("access.log.gz"));
  expect(statusPerMinute).toHaveLength(241);
  expect(total(statusPerMinute.map(({ requests }) => requests))).toBe(10_000);
  expect(pathWords).toHaveLength(525);
  expect(Math.min(...pathWords.map(({ count }) => count))).toBe(11);
});

test("the oracle of the sensors counts every reading in five windows and finds the two anomalies", async () => {
  const { climate, excursions, outOfRange } = await sensorsOracle(samplePath("sensors.csv.gz"));
  expect(climate).toHaveLength(1_580);
  expect(total(climate.map(({ readings }) => readings))).toBe(5 * 18_760);
  expect(outOfRange).toHaveLength(80);
  expect(excursions.map(({ key, readings }) => [key, readings])).toEqual([
    [1, 36],
    [3, 44],
  ]);
});
