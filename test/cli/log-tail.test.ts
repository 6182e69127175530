import { createColors } from "picocolors";
import { describe, expect, test } from "vitest";
import { readLogLine } from "../../cli/dev/log-entry.ts";
import { type LogFilter, tailLogs } from "../../cli/dev/log-tail.ts";
import { LambdaService } from "../../local/lambda/lambda-service.ts";
import { seconds } from "../../shared/time/time.ts";
import { ManualClock } from "../local/models/manual-clock.ts";

const WARNING = JSON.stringify({
  level: "WARN",
  message: "events not accepted",
  timestamp: "2026-01-01T00:00:00Z",
  service: "ingest",
  sampling_rate: 0,
  rejected: 1,
  codes: { EVENT_SCHEMA: 1 },
});
const STOPPED = JSON.stringify({
  level: "ERROR",
  message: "the batch stopped at record 7; it is halted",
  stage: "sales.orders",
  cause: {
    name: "MillraceError",
    code: "OPERATOR_HALTED",
    message: 'operator "map" threw',
    location: "pipelines/index.ts:12",
    stack: "…",
    cause: { name: "TypeError", message: "x is not a function", location: "" },
  },
});
const METRICS = JSON.stringify({
  _aws: {
    CloudWatchMetrics: [{ Namespace: "Millrace", Metrics: [{ Name: "RecordsReceived", Unit: "Count" }] }],
  },
  stage: "sales.orders",
  RecordsReceived: 12,
});

describe("a line of a log", () => {
  test("of Powertools is its message and what it says beside it, without what every line says", () => {
    expect(readLogLine(WARNING)).toEqual({
      level: "WARN",
      message: "events not accepted",
      facts: ["rejected=1", 'codes={"EVENT_SCHEMA":1}'],
      details: [],
    });
  });

  test("with an error has it and its causes in lines of their own, by code or name, with the place", () => {
    expect(readLogLine(STOPPED)).toMatchObject({
      level: "ERROR",
      facts: [],
      details: [
        'OPERATOR_HALTED: operator "map" threw (pipelines/index.ts:12)',
        "TypeError: x is not a function",
      ],
    });
  });

  test("of metrics is their values", () => {
    expect(readLogLine(METRICS)).toMatchObject({
      level: "METRIC",
      message: "",
      facts: ["RecordsReceived=12"],
    });
  });

  test.each([
    ["hello", "INFO"],
    ["{ not json", "INFO"],
    ['{"no":"message"}', "INFO"],
    ["RequestId: 1 Error: Task timed out after 3.00 seconds", "ERROR"],
    ["Invoke Error TypeError: x", "ERROR"],
    ["TypeError: x is not a function", "ERROR"],
    ["no Error: here", "INFO"],
  ])("%s is text, of level %s", (line, level) => {
    expect(readLogLine(line)).toEqual({ level, message: line, facts: [], details: [] });
  });
});

/** What a filter shows of some lines, by function. */
function shown(
  filter: LogFilter,
  lines: readonly (readonly [functionName: string, line: string])[],
  colors = false,
) {
  const lambda = new LambdaService({
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    clock: new ManualClock(),
  });
  const functions = { "Shop-Stage1": "sales.orders", "Shop-Ingest": "ingest" };
  for (const [functionName, service] of Object.entries(functions))
    lambda.create({
      functionName,
      arn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
      handler: "index.handler",
      taskRoot: "/",
      memoryMb: 128,
      timeout: seconds(3),
      environment: { POWERTOOLS_SERVICE_NAME: service },
    });
  const text: string[] = [];
  const stop = tailLogs({ lambda }, filter, createColors(colors), (line) => text.push(line));
  for (const [functionName, line] of lines) lambda.logs.append(functionName, line, "");
  stop();
  lambda.logs.append("Shop-Ingest", "after the end", "");
  return text;
}

const LINES = [
  ["Shop-Stage1", "one"],
  ["Shop-Ingest", "two"],
  ["Shop-Ingest", WARNING],
  ["Shop-Stage1", "Invoke Error TypeError: x"],
  ["Shop-Stage1", "    at fold (index.mjs:1:2)"],
  ["Shop-Ingest", "    at home"],
  ["Shop-Gone", "three"],
] as const;

describe("the tail of the logs", () => {
  test("names the stage of each line, all in one column", () => {
    expect(shown("all", LINES.slice(0, 3))).toEqual([
      "00:00:00 sales.orders one",
      "00:00:00 ingest       two",
      '00:00:00 ingest       WARN  events not accepted  rejected=1  codes={"EVENT_SCHEMA":1}',
    ]);
    expect(shown("all", [["Shop-Gone", "three"]])).toEqual(["00:00:00 Shop-Gone    three"]);
  });

  test("puts an error's causes below it", () => {
    expect(shown("all", [["Shop-Stage1", STOPPED]])[0]?.split("\n")).toEqual([
      "00:00:00 sales.orders ERROR the batch stopped at record 7; it is halted",
      '                      OPERATOR_HALTED: operator "map" threw (pipelines/index.ts:12)',
      "                      TypeError: x is not a function",
    ]);
  });

  test.each<[string, LogFilter, readonly number[]]>([
    ["all", "all", [0, 1, 2, 3, 4, 5, 6]],
    ["errors", "errors", [2, 3, 4, 5]],
    ["a stage, and the others' errors", { stage: "sales.orders" }, [0, 2, 3, 4, 5]],
    ["none", "none", []],
  ])("shows %s; an indented line goes with the one before it", (_, filter, expected) => {
    const all = shown("all", LINES);
    expect(shown(filter, LINES)).toEqual(expected.map((index) => all[index]));
  });

  test("gives each stage a colour of its own where there are colours", () => {
    const [one = "", two = "", warning = "", error = ""] = shown("all", LINES, true);
    const colorOf = (line: string, name: string) => line.slice(line.indexOf(name) - 5, line.indexOf(name));
    expect(colorOf(one, "sales.orders")).not.toBe(colorOf(two, "ingest"));
    expect(colorOf(warning, "ingest")).toBe(colorOf(two, "ingest"));
    expect(colorOf(error, "sales.orders")).toBe(colorOf(one, "sales.orders"));
  });
});
