import { beforeAll, describe, expect, test } from "vitest";
import { type FlightEvent, readFlights } from "../../../local/feed/flights.ts";
import { forEachRow, samplePath } from "../../../local/feed/sample.ts";
import { parseTime } from "../../../shared/time/clock.ts";

let flights: readonly FlightEvent[] = [];
beforeAll(async () => {
  flights = await readFlights();
});

const happened = (flight: FlightEvent): number => flight.departed ?? flight.scheduledDeparture;
const HOUR = 3_600_000;

/** How far each flight's event time is behind the highest before it: 0 where it is in order. */
function lags(events: readonly FlightEvent[]): number[] {
  let highest = Number.NEGATIVE_INFINITY;
  return events.map(({ scheduledDeparture }) => {
    const lag = Math.max(0, highest - scheduledDeparture);
    highest = Math.max(highest, scheduledDeparture);
    return lag;
  });
}

describe("the flights of 2013", () => {
  test("are all there, 8255 of them cancelled", () => {
    expect(flights).toHaveLength(336_776);
    expect(flights.filter((flight) => flight.cancelled)).toHaveLength(8_255);
  });

  test("have an id of their own each", () => {
    expect(new Set(flights.map(({ id }) => id)).size).toBe(flights.length);
  });

  test("come in the order of departure, those of one minute by id", () => {
    const misplaced = flights.filter((flight, i) => {
      const before = flights[i - 1];
      if (before === undefined) return false;
      const order = happened(flight) - happened(before);
      return order < 0 || (order === 0 && flight.id <= before.id);
    });
    expect(misplaced).toEqual([]);
  });

  test("are out of order by event time as data/README.md says", () => {
    const sorted = lags(flights).sort((a, b) => a - b);
    const behind = sorted.filter((lag) => lag > 0).length;
    expect(behind / sorted.length).toBeCloseTo(0.589, 3);
    expect((sorted[Math.floor(sorted.length * 0.99)] ?? 0) / HOUR).toBeCloseTo(3, 1);
    expect((sorted.at(-1) ?? 0) / HOUR).toBeCloseTo(21.67, 1);
  });

  test("carry what the file says of the first one, with times in UTC", () => {
    expect(flights.find(({ id }) => id === "UA1545-EWR-2013-01-01")).toEqual({
      id: "UA1545-EWR-2013-01-01",
      carrier: "UA",
      flight: 1545,
      tail: "N14228",
      origin: "EWR",
      dest: "IAH",
      distance: 1400,
      scheduledDeparture: parseTime("2013-01-01T10:15:00Z"),
      cancelled: false,
      departed: parseTime("2013-01-01T10:17:00Z"),
      delay: 2,
    });
  });
});

test("time_hour, read in New York, gives every row's own day and hour", async () => {
  const newYork = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "America/New_York",
    dateStyle: "short",
    timeStyle: "short",
  });
  type Column = "year" | "month" | "day" | "hour" | "time_hour";
  const wallClocks = new Map<string, Set<string>>();
  await forEachRow<Column>(samplePath("flights.csv.gz"), ({ year, month, day, hour, time_hour }) => {
    const wall = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")} ${hour.padStart(2, "0")}:00`;
    wallClocks.set(time_hour, (wallClocks.get(time_hour) ?? new Set()).add(wall));
  });
  expect(wallClocks.size).toBe(6_936);
  for (const [utc, walls] of wallClocks)
    expect([utc, [...walls]]).toEqual([utc, [newYork.format(parseTime(utc))]]);
});
