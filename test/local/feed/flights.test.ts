import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type FlightEvent, readFlights } from "../../../local/feed/flights.ts";
import { linesOf, samplePath } from "../../../local/feed/sample.ts";
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

describe("the first of the flights", () => {
  test.each([1, 2_000, 20_000])("are the same where no more are read: %i", async (limit) => {
    expect(await readFlights({ limit })).toEqual(flights.slice(0, limit));
  });

  test("are found where a month comes later in the file, and where a flight left before those of days above it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-flights-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "flights.csv.gz");
    const columns = "year,month,day,minute,time_hour,dep_delay,carrier,flight,tailnum,origin,dest,distance";
    const row = (month: number, day: number, time: string, delay: number, flight: number): string =>
      `2013,${month},${day},0,2013-${`0${month}`.slice(-2)}-${`0${day}`.slice(-2)}T${time}:00:00Z,${delay},AA,${flight},N1,JFK,LAX,1`;
    const rows = [
      ...[row(1, 1, "20", 0, 4), row(1, 1, "06", 0, 1), row(1, 2, "20", 1_000, 6)],
      ...[row(1, 3, "20", 0, 5), row(1, 3, "05", -30, 3), row(1, 31, "05", 0, 7)],
      ...[row(10, 1, "05", 0, 9), row(10, 5, "05", 0, 10), row(2, 1, "05", 0, 8)],
    ];
    await writeFile(path, gzipSync(`${[columns, ...rows].join("\n")}\n`));
    const all = (await readFlights({ path })).map(({ flight }) => flight);
    expect(all).toEqual([1, 4, 3, 6, 5, 7, 8, 9, 10]);
    for (let limit = 1; limit <= all.length; limit += 1)
      expect((await readFlights({ path, limit })).map(({ flight }) => flight)).toEqual(all.slice(0, limit));
  });
});

test("time_hour, read in New York, gives every row's own day and hour", async () => {
  const newYork = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "America/New_York",
    dateStyle: "short",
    timeStyle: "short",
  });
  const wallClocks = new Map<string, Set<string>>();
  const [header = "", ...lines] = await linesOf(samplePath("flights.csv.gz"));
  const places = ["year", "month", "day", "hour", "time_hour"].map((name) => header.split(",").indexOf(name));
  for (const line of lines) {
    const values = line.split(",");
    const [year, month = "", day = "", hour = "", time_hour = ""] = places.map((place) => values[place]);
    const wall = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")} ${hour.padStart(2, "0")}:00`;
    wallClocks.set(time_hour, (wallClocks.get(time_hour) ?? new Set()).add(wall));
  }
  expect(wallClocks.size).toBe(6_936);
  for (const [utc, walls] of wallClocks)
    expect([utc, [...walls]]).toEqual([utc, [newYork.format(parseTime(utc))]]);
});
