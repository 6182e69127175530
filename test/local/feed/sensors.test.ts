import { expect, test } from "vitest";
import { readSensors } from "../../../local/feed/sensors.ts";

test("the sensors' readings come every five seconds from four motes, interleaved", async () => {
  const readings = await readSensors();
  expect(readings).toHaveLength(18_760);
  expect(new Set(readings.map(({ id }) => id)).size).toBe(18_760);
  expect(readings.slice(0, 5).map(({ id }) => id)).toEqual([
    "mote-1-1",
    "mote-2-1",
    "mote-3-1",
    "mote-4-1",
    "mote-1-2",
  ]);
  expect((readings.at(-1)?.time ?? 0) - (readings[0]?.time ?? 0)).toBe(4_689 * 5_000);
  expect(readings.filter(({ anomaly }) => anomaly)).toHaveLength(158);
});
