import { isoOf, parseTime } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";

const WEEKDAYS = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS = 86_400_000;

/** A time as HTTP headers have it (RFC 9110, IMF-fixdate), e.g. `Tue, 01 Jan 2013 05:15:00 GMT`; from 1970 on. */
export function httpDate(at: EpochMs): string {
  const iso = isoOf(at);
  const [year, month, day] = iso.slice(0, 10).split("-");
  // The epoch was a Thursday.
  const weekday = WEEKDAYS[Math.floor(at / DAY_MS) % 7];
  return `${weekday}, ${day} ${MONTHS[Number(month) - 1]} ${year} ${iso.slice(11, 19)} GMT`;
}

/** Reads such a time; undefined for what is none, as HTTP has conditions on it ignored. */
export function parseHttpDate(text: string): EpochMs | undefined {
  const [, day, month, year, time] =
    /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/.exec(text.trim()) ?? [];
  const number = String(MONTHS.indexOf(month ?? "") + 1).padStart(2, "0");
  return parseTime(`${year}-${number}-${day}T${time}Z`);
}
