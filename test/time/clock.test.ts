import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { dayOf, epochMs, isoOf } from "../../shared/index.ts";
import { parseTime, systemClock } from "../../shared/time/clock.ts";

/** Milliseconds of the years 0 to 9999. */
const anyTime = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

describe("a time in text", () => {
  test.prop([anyTime])("reads back as the time it was written from", (ms) => {
    expect(parseTime(isoOf(epochMs(ms)))).toBe(ms);
  });

  test.prop([anyTime])("begins with its day", (ms) => {
    expect(isoOf(epochMs(ms)).startsWith(dayOf(epochMs(ms)))).toBe(true);
  });

  test.each([
    ["1970-01-01T00:00:00Z", 0],
    ["1970-01-01t00:00:00.5z", 500],
    ["1970-01-01 01:00:00+01:00", 0],
    ["1969-12-31T23:59:59.999Z", -1],
    ["2012-02-29T00:00:00Z", 1_330_473_600_000],
    ["2013-01-01T00:00:00.123456789Z", 1_356_998_400_123],
  ])("is RFC 3339: %s", (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  test.each([
    "2013-02-29T00:00:00Z",
    "2013-02-30T00:00:00Z",
    "2013-04-31T00:00:00+02:00",
    "2013-13-01T00:00:00Z",
    "2013-01-01T25:00:00Z",
    "2013-01-01T00:00:00",
    "2013-01-01",
    "1356998400000",
    "yesterday",
    "",
  ])("that names no time is none: %s", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});

test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, null, undefined, true, {}, 10n])(
  "%s is no time",
  (value) => {
    expect(parseTime(value)).toBeUndefined();
  },
);

test.prop([fc.maxSafeInteger()])("whole milliseconds are themselves", (ms) => {
  expect(parseTime(ms)).toBe(ms);
});

test("the machine's clock gives whole milliseconds that a text can say", () => {
  const now = systemClock.now();
  expect(parseTime(isoOf(now))).toBe(now);
});
