import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { parseCron } from "../../../local/sources/cron.ts";
import { isoOf, parseTime } from "../../../shared/time/clock.ts";
import { type EpochMs, epochMs } from "../../../shared/time/time.ts";

const timesOf = (expression: string, after: string, count: number): readonly string[] => {
  const next = parseCron(expression);
  const times: string[] = [];
  let at: EpochMs | undefined = parseTime(after);
  while (next !== undefined && at !== undefined && times.length < count) {
    at = next(at);
    if (at !== undefined) times.push(isoOf(at).slice(0, 16));
  }
  return times;
};

describe("the examples of AWS's documentation", () => {
  test.each([
    ["0 10 * * ? *", ["2026-11-22T10:00", "2026-11-23T10:00"]],
    ["15 12 * * ? *", ["2026-11-22T12:15", "2026-11-23T12:15"]],
    ["0 18 ? * MON-FRI *", ["2026-11-23T18:00", "2026-11-24T18:00"]],
    ["0 8 1 * ? *", ["2026-12-01T08:00", "2027-01-01T08:00"]],
    ["0/15 * * * ? *", ["2026-11-22T00:15", "2026-11-22T00:30"]],
    ["0/5 8-17 ? * MON-FRI *", ["2026-11-23T08:00", "2026-11-23T08:05"]],
    ["0 9 ? * 2#1 *", ["2026-12-07T09:00", "2027-01-04T09:00"]],
    ["0 0 L * ? *", ["2026-11-30T00:00", "2026-12-31T00:00"]],
    ["0 0 ? * 6L *", ["2026-11-27T00:00", "2026-12-25T00:00"]],
    ["0 0 15W * ? *", ["2026-12-15T00:00", "2027-01-15T00:00"]],
    [
      "0 0 1W * ? 2027",
      ["2027-01-01T00:00", "2027-02-01T00:00", "2027-03-01T00:00", "2027-04-01T00:00", "2027-05-03T00:00"],
    ],
    ["0 0 29 2 ? *", ["2028-02-29T00:00", "2032-02-29T00:00"]],
  ])("%s is due at %j", (expression, times) => {
    expect(timesOf(expression, "2026-11-22T00:00:00Z", times.length)).toEqual(times);
  });

  test("an expression of the past is never due", () => {
    expect(timesOf("0 0 1 1 ? 2020", "2026-11-22T00:00:00Z", 1)).toEqual([]);
  });
});

const anyField = (high: number) =>
  fc.oneof(
    fc.constant("*"),
    fc.integer({ min: 0, max: high }).map(String),
    fc
      .tuple(fc.integer({ min: 0, max: high }), fc.integer({ min: 1, max: high }))
      .map(([from, by]) => `${from}/${by}`),
  );

/** Whether a value fits a field of the kinds above. */
const fits = (field: string, value: number): boolean => {
  const [from, by] = field.split("/").map(Number);
  if (field === "*") return true;
  return by === undefined ? value === from : value >= (from ?? 0) && (value - (from ?? 0)) % by === 0;
};

test.prop([anyField(59), anyField(23), fc.integer({ min: 0, max: 4_000_000_000_000 })])(
  "the next time is the first minute after the given one that fits",
  (minute, hour, after) => {
    const next = parseCron(`${minute} ${hour} * * ? *`)?.(epochMs(after)) ?? 0;
    let expected = Math.floor(after / 60_000) * 60_000 + 60_000;
    while (!fits(minute, (expected / 60_000) % 60) || !fits(hour, Math.floor(expected / 3_600_000) % 24))
      expected += 60_000;
    expect(next).toBe(expected);
  },
);
