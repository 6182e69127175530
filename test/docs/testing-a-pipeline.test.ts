import { expect, test } from "vitest";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { flightsApp } from "../../pipelines/flights.ts";

const noon = 1_704_110_400_000; // 2024-01-01T12:00:00Z
const plane = { carrier: "UA", flight: 1, tail: null, dest: "IAH", distance: 1400, cancelled: false };
const toHouston = { ...plane, origin: "EWR", scheduledDeparture: noon, departed: noon };

test("a flight that is reported twice counts once", async () => {
  const driver = await TestDriver.create(flightsApp);
  const delayed = { ...toHouston, id: "b", delay: 20 };
  await driver.feed("flights", [{ ...toHouston, id: "a", delay: 5 }, delayed, delayed]);
  await driver.end();
  expect(driver.view("hourly_delays")).toMatchObject([{ key: "EWR", flights: 2, delayed: 1, avg: 12.5 }]);
});
