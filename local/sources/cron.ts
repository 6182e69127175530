import { dayOf } from "../../shared/time/clock.ts";
import { type EpochMs, epochMs } from "../../shared/time/time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LAST_YEAR = 2_199;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** A calendar day in UTC; months and weekdays count from 1, Sunday is 1. */
type Day = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** How many days its month has. */
  readonly monthDays: number;
};

/** The first time after another one at which a schedule is due; undefined where there is none any more. */
export type NextTime = (after: EpochMs) => EpochMs | undefined;

/**
 * An EventBridge cron expression, `minutes hours day-of-month month day-of-week year`, in UTC: values, lists, ranges,
 * steps, names, and L, W and # for days (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html).
 * @returns undefined for what is no such expression
 */
export function parseCron(expression: string): NextTime | undefined {
  const [minute, hour, monthDay, month, weekday, year, ...rest] = expression.trim().split(/\s+/);
  if (year === undefined || rest.length > 0 || (monthDay === "?") === (weekday === "?")) return undefined;
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const months = valuesOf(month, 1, 12, MONTHS);
  const years = valuesOf(year, 1_970, LAST_YEAR);
  const fits = monthDay === "?" ? weekdayRule(weekday) : monthDayRule(monthDay);
  if (!minutes || !hours || !months || !years || !fits) return undefined;
  const times = [...hours].flatMap((h) => [...minutes].map((m) => (h * 60 + m) * MINUTE_MS)).sort(ascending);
  return (after) => {
    for (let start = Math.floor(after / DAY_MS) * DAY_MS; ; start += DAY_MS) {
      const day = dayAt(start);
      if (day.year > LAST_YEAR) return undefined;
      if (!years.has(day.year) || !months.has(day.month) || !fits(day)) continue;
      const time = times.find((each) => start + each > after);
      if (time !== undefined) return epochMs(start + time);
    }
  };
}

const ascending = (a: number, b: number): number => a - b;

function dayAt(start: number): Day {
  const [year = 0, month = 0, day = 0] = dayOf(epochMs(start)).split("-").map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const monthDays = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  // the first day of 1970 was a Thursday
  const weekday = ((Math.floor(start / DAY_MS) + 4) % 7) + 1;
  return { year, month, day, weekday, monthDays };
}

/** The values of a field; undefined where it is none. */
function valuesOf(
  field = "",
  low: number,
  high: number,
  names: readonly string[] = [],
): Set<number> | undefined {
  const values = new Set<number>();
  const numberOf = (text: string): number => {
    const name = names.indexOf(text.toUpperCase());
    return name < 0 ? Number(text) : name + low;
  };
  for (const part of field.split(",")) {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [first = "", last] = range.split("-");
    const from = range === "*" ? low : numberOf(first);
    const to = last !== undefined ? numberOf(last) : range === "*" || step !== undefined ? high : from;
    const by = Number(step ?? 1);
    if (first === "" || !(from >= low && to <= high && from <= to && by >= 1)) return undefined;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}

function monthDayRule(field = ""): ((day: Day) => boolean) | undefined {
  if (field === "L") return ({ day, monthDays }) => day === monthDays;
  const [, nearest] = /^(\d+)W$/.exec(field) ?? [];
  if (nearest !== undefined) return (day) => day.day === workdayNearest(Number(nearest), day);
  const days = valuesOf(field, 1, 31);
  return days && (({ day }) => days.has(day));
}

function weekdayRule(field = ""): ((day: Day) => boolean) | undefined {
  const [, name, kind, nth] = /^(\w+?)(L|#)(\d?)$/.exec(field) ?? [];
  const [wanted] = valuesOf(name, 1, 7, WEEKDAYS) ?? [];
  if (kind === "L" && wanted !== undefined && nth === "")
    return ({ day, weekday, monthDays }) => weekday === wanted && day > monthDays - 7;
  if (kind === "#" && wanted !== undefined && nth !== "")
    return ({ day, weekday }) => weekday === wanted && Math.ceil(day / 7) === Number(nth);
  const weekdays = kind === undefined ? valuesOf(field, 1, 7, WEEKDAYS) : undefined;
  return weekdays && (({ weekday }) => weekdays.has(weekday));
}

/** The day from Monday to Friday that is nearest to a day of the month, within the month. */
function workdayNearest(target: number, { day, weekday, monthDays }: Day): number {
  const wanted = Math.min(target, monthDays);
  const weekdayOf = (other: number) => ((((weekday - 1 + other - day) % 7) + 7) % 7) + 1;
  if (weekdayOf(wanted) === 7) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (weekdayOf(wanted) === 1) return wanted < monthDays ? wanted + 1 : wanted - 2;
  return wanted;
}
