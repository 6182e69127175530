import { describe, expect, test } from "vitest";
import { parseAccessLine, readAccessLog } from "../../../local/feed/access-log.ts";
import { parseTime } from "../../../shared/time/clock.ts";

const line = (agent: string): string =>
  `10.0.0.1 - frank [20/May/2015:12:05:17 -0230] "GET /a%20b?c=d HTTP/1.1" 200 235 "-" ${agent}`;

describe("the combined log format", () => {
  test("gives one event per line, its stamp in UTC and dashes as nothing", () => {
    expect(parseAccessLine(line('"Mozilla/5.0 (X11)"'), 7)).toEqual({
      id: "line-7",
      time: parseTime("2015-05-20T14:35:17Z"),
      client: "10.0.0.1",
      method: "GET",
      path: "/a%20b?c=d",
      protocol: "HTTP/1.1",
      status: 200,
      bytes: 235,
      referrer: null,
      agent: "Mozilla/5.0 (X11)",
    });
  });

  test("may have an escaped quote inside its agent", () => {
    expect(parseAccessLine(line('"a \\" b"'), 1).agent).toBe('a \\" b');
  });

  test("may end inside its agent", () => {
    expect(parseAccessLine(line('"Googlebot/2.1; +http://goo'), 1).agent).toBe("Googlebot/2.1; +http://goo");
  });

  test.each(["", "no log line", line('"agent"').replace("200", "OK"), line('"agent"').replace("May", "Mai")])(
    "refuses another line with its number: %s",
    (other) => {
      expect(() => parseAccessLine(other, 42)).toThrow(
        expect.objectContaining({ code: "SAMPLE_MALFORMED", message: expect.stringContaining("line 42") }),
      );
    },
  );
});

test("the shipped access log has 10000 requests, each less than a minute behind the newest before it", async () => {
  const requests = await readAccessLog();
  expect(requests).toHaveLength(10_000);
  let newest = Number.NEGATIVE_INFINITY;
  const lags = requests.map(({ time }) => {
    newest = Math.max(newest, time);
    return newest - time;
  });
  expect(lags.filter((lag) => lag > 0)).toHaveLength(9_448);
  expect(Math.max(...lags)).toBe(59_000);
});
