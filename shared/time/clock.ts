import type { EpochMs } from "./time.ts";

/** Where time is read. Everything below a composition root takes one, so that tests and the simulator own time. */
export type Clock = { now(): EpochMs };

/** The machine's clock: the only place that reads it. */
export const systemClock: Clock = { now: () => Date.now() as EpochMs };

const DAY_MS = 86_400_000;

/** The UTC calendar day of a point in time, `YYYY-MM-DD`. */
export const dayOf = (at: EpochMs): string =>
  new Date(Math.floor(at / DAY_MS) * DAY_MS).toISOString().slice(0, 10);

/** ISO 8601 in UTC with milliseconds, as CloudEvents' `time` has it. Throws a RangeError outside year 0 to 9999. */
export const isoOf = (at: EpochMs): string => new Date(at).toISOString();

/** Reads an RFC 3339 timestamp or epoch milliseconds; undefined where it is neither. */
export function parseTime(value: unknown): EpochMs | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? (value as EpochMs) : undefined;
  if (typeof value !== "string" || !RFC3339.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) || !hasDay(value) ? undefined : (ms as EpochMs);
}

/** Whether the month has such a day: Date.parse takes the 30th of February for the 2nd of March. */
function hasDay(value: string): boolean {
  const day = Number(value.slice(8, 10));
  return day <= 28 || new Date(`${value.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
