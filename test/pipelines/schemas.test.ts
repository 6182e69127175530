import { describe, expect, test } from "vitest";
import { readAccessLog } from "../../local/feed/access-log.ts";
import { readFlights } from "../../local/feed/flights.ts";
import { readSensors } from "../../local/feed/sensors.ts";
import { app } from "../../pipelines/index.ts";

function validate(
  stream: string,
  event: unknown,
): ReturnType<(typeof app.streams)[0]["schema"]["~standard"]["validate"]> {
  const found = app.streams.find(({ id }) => id === stream);
  if (found === undefined) throw new Error(`no stream "${stream}"`);
  return found.schema["~standard"].validate(event);
}

describe("the sample streams take every event of their feeds, as it is", () => {
  test.each([
    ["flights", () => readFlights()],
    ["access-log", readAccessLog],
    ["sensors", readSensors],
  ])("%s", async (stream, read) => {
    let taken = 0;
    for (const event of await read()) {
      const result = await validate(stream, event);
      if (result.issues !== undefined)
        throw new Error(`${JSON.stringify(event)}: ${result.issues[0]?.message}`);
      if (taken === 0) expect(result.value).toEqual(event);
      taken += 1;
    }
    expect(taken).toBeGreaterThan(0);
  });
});

describe("the sample streams refuse", () => {
  const flight = {
    id: "UA1545-EWR-2013-01-01",
    carrier: "UA",
    flight: 1545,
    tail: null,
    origin: "EWR",
    dest: "IAH",
    distance: 1400,
    scheduledDeparture: 1_357_035_300_000,
    cancelled: false,
    departed: 1_357_035_420_000,
    delay: 2,
  };

  test.each([
    ["an unknown field", { ...flight, gate: "A1" }],
    ["a delay that is no number", { ...flight, delay: "2" }],
    ["a departed flight without a delay", { ...flight, delay: null }],
    ["a cancelled flight with a delay", { ...flight, cancelled: true }],
    ["a flight without a schedule", { ...flight, scheduledDeparture: undefined }],
  ])("%s", async (_, event) => {
    expect((await validate("flights", flight)).issues).toBeUndefined();
    expect((await validate("flights", event)).issues).toBeDefined();
  });
});
