import { afterEach, describe, expect, test } from "vitest";
import type { AlarmInput } from "../../../local/models/cloudwatch/alarm.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { Observability } from "../../../local/observe/observability.ts";
import { milliseconds, minutes } from "../../../shared/time/time.ts";
import { ManualClock } from "../models/manual-clock.ts";

let seen: Observability | undefined;
afterEach(() => seen?.close());

const observed = () => {
  const clock = new ManualClock();
  const sqs = new SqsModel({ clock });
  seen = new Observability({
    clock,
    sqs,
    logGroupOf: (name) => (name === "stage" ? "of-the-stage" : undefined),
  });
  return { clock, sqs, seen };
};

const alarm = (more: Partial<AlarmInput>): AlarmInput => ({
  AlarmName: "a",
  Namespace: "Millrace",
  MetricName: "BatchesStopped",
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 0,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData: "notBreaching",
  ...more,
});

/** A line as Powertools writes it. */
const metricLine = (clock: ManualClock, stopped: number | number[]): string =>
  JSON.stringify({
    _aws: {
      Timestamp: clock.now(),
      CloudWatchMetrics: [
        {
          Namespace: "Millrace",
          Dimensions: [["service", "stage"]],
          Metrics: [{ Name: "BatchesStopped", Unit: "Count" }],
        },
      ],
    },
    service: "s",
    stage: "s",
    BatchesStopped: stopped,
  });

describe("what functions log", () => {
  test("stands in the function's log group, in a stream of its environment, and can be searched", () => {
    const { clock, seen } = observed();
    const line = { at: clock.now(), functionName: "stage", logStream: "2013/01/01/[$LATEST]01" };
    seen.onLine({ ...line, line: "all is well" });
    seen.onLine({ ...line, line: '{"level":"ERROR","message":"not any more"}' });
    seen.onLine({ ...line, functionName: "other", line: "elsewhere" });
    expect(
      seen.logs.filterLogEvents({ logGroupName: "of-the-stage", filterPattern: '{ $.level = "ERROR" }' }),
    ).toMatchObject({
      events: [{ logStreamName: "2013/01/01/[$LATEST]01", message: expect.stringContaining("not any more") }],
    });
    expect(seen.logs.describeLogGroups().logGroups).toMatchObject([
      { logGroupName: "/aws/lambda/other" },
      { logGroupName: "of-the-stage" },
    ]);
  });

  test("pages through a group and a stream in both directions", () => {
    const { clock, seen } = observed();
    for (let n = 1; n <= 5; n++)
      seen.onLine({
        at: clock.now(),
        functionName: "stage",
        logStream: "2013/01/01/[$LATEST]e",
        line: `line ${n}`,
      });
    const logGroupName = "of-the-stage";
    const first = seen.logs.filterLogEvents({ logGroupName, limit: 3 });
    const second = seen.logs.filterLogEvents({ logGroupName, limit: 3, nextToken: first.nextToken ?? "" });
    expect([...first.events, ...second.events].map(({ message }) => message)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `line ${n}`),
    );
    expect(second.nextToken).toBeUndefined();

    const logStreamName = "2013/01/01/[$LATEST]e";
    const end = seen.logs.getLogEvents({ logGroupName, logStreamName, limit: 2 });
    expect(end.events.map(({ message }) => message)).toEqual(["line 4", "line 5"]);
    const back = seen.logs.getLogEvents({ logGroupName, logStreamName, nextToken: end.nextBackwardToken });
    expect(back.events).toHaveLength(3);
    const forth = seen.logs.getLogEvents({ logGroupName, logStreamName, nextToken: end.nextForwardToken });
    expect(forth).toMatchObject({ events: [], nextForwardToken: end.nextForwardToken });
  });

  test("goes when its group's retention is over", () => {
    const { clock, seen } = observed();
    seen.onLine({ at: clock.now(), functionName: "stage", logStream: "2013/01/01/[$LATEST]e", line: "old" });
    seen.logs.putRetentionPolicy({ logGroupName: "of-the-stage", retentionInDays: 1 });
    clock.advance(minutes(24 * 60 + 1));
    expect(seen.logs.filterLogEvents({ logGroupName: "of-the-stage" }).events).toEqual([]);
  });
});

describe("an alarm", () => {
  const Dimensions = [
    { Name: "service", Value: "s" },
    { Name: "stage", Value: "s" },
  ];

  test("rings after as many breaching minutes as it asks for, tells its topic, and ends", () => {
    const { clock, sqs, seen } = observed();
    const topicArn = seen.sns.createTopic("oncall");
    const { QueueUrl } = sqs.createQueue({ QueueName: "pager" });
    seen.sns.subscribe({
      topicArn,
      protocol: "sqs",
      endpoint: "pager",
      deliver: ({ message }) => void sqs.sendMessage({ QueueUrl, MessageBody: message }),
    });
    seen.cloudwatch.putMetricAlarm(alarm({ Dimensions, AlarmActions: [topicArn], OKActions: [topicArn] }));
    const minute = (stopped: number): string | undefined => {
      seen.onLine({
        at: clock.now(),
        functionName: "stage",
        logStream: "2013/01/01/[$LATEST]e",
        line: metricLine(clock, stopped),
      });
      clock.advance(minutes(1));
      seen.look();
      return seen.cloudwatch.describeAlarms().MetricAlarms[0]?.StateValue;
    };
    expect([1, 0, 1, 1, 1, 0].map(minute)).toEqual(["OK", "OK", "OK", "OK", "ALARM", "OK"]);
    expect(seen.sns.notifications(topicArn).map(({ message }) => JSON.parse(message).NewStateValue)).toEqual([
      "OK",
      "ALARM",
      "OK",
    ]);
    expect(sqs.getQueueAttributes({ QueueUrl }).Attributes).toMatchObject({
      ApproximateNumberOfMessages: "3",
    });
  });

  test("on a queue's visible messages rings when one lies there", () => {
    const { clock, sqs, seen } = observed();
    const { QueueUrl } = sqs.createQueue({ QueueName: "abandoned" });
    seen.cloudwatch.putMetricAlarm(
      alarm({
        Namespace: "AWS/SQS",
        MetricName: "ApproximateNumberOfMessagesVisible",
        Dimensions: [{ Name: "QueueName", Value: "abandoned" }],
        Statistic: "Maximum",
        EvaluationPeriods: 1,
      }),
    );
    const state = () => {
      seen.look();
      clock.advance(minutes(1));
      return seen.cloudwatch.describeAlarms().MetricAlarms[0]?.StateValue;
    };
    expect(state()).toBe("OK");
    sqs.sendMessage({ QueueUrl, MessageBody: "lost" });
    expect(state()).toBe("ALARM");
  });

  test.each([
    ["Period", { Period: 10 }],
    ["ComparisonOperator", { ComparisonOperator: "GreaterThanUpperThreshold" }],
    ["DatapointsToAlarm", { DatapointsToAlarm: 4 }],
    ["TreatMissingData", { TreatMissingData: "maybe" }],
  ])("that cannot be honoured is refused by its %s", (name, more) => {
    const { seen } = observed();
    expect(() => seen.cloudwatch.putMetricAlarm(alarm(more))).toThrow(name);
  });
});

test("executions and requests are counted under the names that AWS gives them", () => {
  const { clock, seen } = observed();
  const run = { functionName: "f", at: clock.now(), duration: milliseconds(20) };
  seen.onExecution({ ...run, outcome: "success" });
  seen.onExecution({ ...run, outcome: "error" });
  seen.onExecution({ ...run, outcome: "throttle" });
  const sum = (MetricName: string): unknown =>
    seen.cloudwatch.getMetricStatistics({
      Namespace: "AWS/Lambda",
      MetricName,
      Dimensions: [{ Name: "FunctionName", Value: "f" }],
      StartTime: clock.now() / 1_000,
      EndTime: clock.now() / 1_000 + 60,
      Period: 60,
      Statistics: ["Sum"],
    }).Datapoints[0]?.["Sum"];
  expect(["Invocations", "Errors", "Throttles", "Duration"].map(sum)).toEqual([2, 1, 1, 40]);
});
