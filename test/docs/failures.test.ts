import { test } from "vitest";
import { readFlights } from "../../local/feed/flights.ts";
import { chaos } from "../../local/simulator/chaos.ts";
import { flightsApp } from "../../pipelines/flights.ts";

test.each([1, 2, 3, 4, 5])("flights are counted once whatever goes wrong, seed %i", async (seed) => {
  const flights = await readFlights({ limit: 100 });
  await chaos(seed, { app: flightsApp, input: () => [{ stream: "flights", events: flights }] });
});
