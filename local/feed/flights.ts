import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { parseTime } from "../../shared/time/clock.ts";
import { type DurationMs, type EpochMs, hours, minutes, plus } from "../../shared/time/time.ts";
import { type CsvRow, forEachRow, samplePath } from "./sample.ts";

type Scheduled = {
  /** Airline, number, origin and local day: `UA1545-EWR-2013-01-01`. */
  readonly id: string;
  readonly carrier: string;
  readonly flight: number;
  /** The aircraft's registration; null for some cancelled flights. */
  readonly tail: string | null;
  readonly origin: string;
  readonly dest: string;
  /** Miles. */
  readonly distance: number;
  /** Event time. */
  readonly scheduledDeparture: EpochMs;
};

type Departed = Scheduled & {
  readonly cancelled: false;
  readonly departed: EpochMs;
  /** Minutes; negative for a flight that left early. */
  readonly delay: number;
};

type Cancelled = Scheduled & {
  readonly cancelled: true;
  readonly departed: null;
  readonly delay: null;
};

/** A flight as it is reported when it leaves, or at its schedule where it was cancelled. */
export type FlightEvent = Departed | Cancelled;

type Column =
  | ("year" | "month" | "day" | "minute" | "time_hour" | "dep_delay")
  | ("carrier" | "flight" | "tailnum" | "origin" | "dest" | "distance");

/**
 * Reads the flights of 2013 in the order in which they happened: by actual departure, cancelled ones at
 * the schedule, those of one minute by id. data/README.md says how times and order follow from the columns.
 * @throws MillraceError SAMPLE_MALFORMED where a row has no schedule
 */
export async function readFlights({
  path = samplePath("flights.csv.gz"),
  limit = Number.POSITIVE_INFINITY,
}: {
  readonly path?: string;
  /** The first so many: of a few, only the first days of the file are read. @default all */
  readonly limit?: number | undefined;
} = {}): Promise<FlightEvent[]> {
  const flights: FlightEvent[] = [];
  let day = "";
  await forEachRow<Column>(path, (row) => {
    const flight = flightOf(row);
    const begins = row.month === FIRST_MONTH && row.day !== day;
    day = row.day;
    const over = flight.scheduledDeparture - UNORDERED;
    if (begins && flights.filter((one) => happened(one) < over).length >= limit) return true;
    flights.push(flight);
    return false;
  });
  return flights.sort(byHappening).slice(0, limit);
}

/** The file begins with its days in their order; other months come in another one. */
const FIRST_MONTH = "1";
/** Rows further down may have happened so long before: of one day, or of the next one, by a flight that left early. */
const UNORDERED: DurationMs = hours(48);

function flightOf(row: CsvRow<Column>): FlightEvent {
  const day = `${row.year}-${row.month.padStart(2, "0")}-${row.day.padStart(2, "0")}`;
  const id = `${row.carrier}${row.flight}-${row.origin}-${day}`;
  const hour = parseTime(row.time_hour);
  if (hour === undefined)
    throw new MillraceError("SAMPLE_MALFORMED", `flight ${id}: time_hour "${row.time_hour}" is no time`, {
      next: "refused",
    });
  const scheduledDeparture = plus(hour, minutes(Number(row.minute)));
  const scheduled: Scheduled = {
    id,
    carrier: row.carrier,
    flight: Number(row.flight),
    tail: absent(row.tailnum) ? null : row.tailnum,
    origin: row.origin,
    dest: row.dest,
    distance: Number(row.distance),
    scheduledDeparture,
  };
  if (absent(row.dep_delay)) return { ...scheduled, cancelled: true, departed: null, delay: null };
  const delay = Number(row.dep_delay);
  return { ...scheduled, cancelled: false, departed: plus(scheduledDeparture, minutes(delay)), delay };
}

const absent = (value: string): boolean => value === "" || value === "NA";

const happened = (flight: FlightEvent): EpochMs => flight.departed ?? flight.scheduledDeparture;

const byHappening = (a: FlightEvent, b: FlightEvent): number =>
  happened(a) - happened(b) || (a.id < b.id ? -1 : 1);
