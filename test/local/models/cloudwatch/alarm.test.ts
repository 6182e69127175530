import { describe, expect, test } from "vitest";
import { type AlarmInput, type AlarmState, stateAfter } from "../../../../local/models/cloudwatch/alarm.ts";

const alarm = (needed: number, TreatMissingData: string): AlarmInput => ({
  AlarmName: "a",
  Namespace: "n",
  MetricName: "m",
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: needed,
  Threshold: 5,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData,
});

/** `0` is within the threshold, `X` breaches it, `-` is missing. */
const points = (text: string): (number | undefined)[] =>
  text.split(" ").map((point) => ({ "0": 0, X: 9, "-": undefined })[point]);

/** What follows for `missing`, `ignore`, `breaching`, `notBreaching`; "same" keeps the state. */
type Row = readonly [points: string, ...states: readonly ("OK" | "ALARM" | "NONE" | "same")[]];

/** The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
const THREE_OF_THREE: readonly Row[] = [
  ["0 - X - X", "OK", "OK", "OK", "OK"],
  ["0 - - - -", "OK", "OK", "OK", "OK"],
  ["- - - - -", "NONE", "same", "ALARM", "OK"],
  ["0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["- - X - -", "ALARM", "same", "ALARM", "OK"],
];
const TWO_OF_THREE: readonly Row[] = [
  ["0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 - X - -", "OK", "OK", "ALARM", "OK"],
  ["- - - - 0", "OK", "OK", "ALARM", "OK"],
  ["- - - X -", "ALARM", "same", "ALARM", "OK"],
];

describe.each([
  ["3 of 3", 3, THREE_OF_THREE],
  ["2 of 3", 2, TWO_OF_THREE],
] as const)("an alarm that needs %s points", (_, needed, rows) => {
  const cases = rows.flatMap(([text, ...states]) =>
    (["missing", "ignore", "breaching", "notBreaching"] as const).map(
      (treat, i) => [text, treat, states[i]] as const,
    ),
  );
  test.each(cases)("sees %s, missing points being %s: %s", (text, treat, state) => {
    for (const before of ["OK", "ALARM", "INSUFFICIENT_DATA"] as const) {
      const expected: AlarmState =
        state === "same" ? before : state === "NONE" ? "INSUFFICIENT_DATA" : (state ?? before);
      expect(stateAfter(alarm(needed, treat), points(text), before)).toBe(expected);
    }
  });
});
