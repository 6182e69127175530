import { App, Duration, Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, test } from "vitest";
import { stageIds } from "./sample-plan.ts";
import { propertiesOf, templateOf } from "./synth.ts";

const template = templateOf();
type Alarm = {
  readonly MetricName: string;
  readonly Threshold: number;
  readonly AlarmDescription: string;
  readonly AlarmActions?: unknown;
  readonly OKActions?: unknown;
};
const alarms = propertiesOf<Alarm>(template, "AWS::CloudWatch::Alarm").map(([, alarm]) => alarm);
const of = (metric: string): readonly Alarm[] => alarms.filter(({ MetricName }) => MetricName === metric);

describe("alarms", () => {
  test("tell of each stage that falls behind by more than 15 minutes", () => {
    expect(of("IteratorAge").map(({ Threshold }) => Threshold)).toEqual(stageIds.map(() => 900_000));
    for (const [i, id] of stageIds.entries()) expect(of("IteratorAge")[i]?.AlarmDescription).toContain(id);
  });

  test("tell of that sooner where they are told to", () => {
    templateOf({ iteratorAge: Duration.minutes(1) }).resourcePropertiesCountIs(
      "AWS::CloudWatch::Alarm",
      { MetricName: "IteratorAge", Threshold: 60_000 },
      stageIds.length,
    );
  });

  test("tell of each stage that stops at a record, under the dimensions that its function reports", () => {
    expect(of("BatchesStopped")).toMatchObject(
      stageIds.map((stage) => ({
        Namespace: "Millrace",
        EvaluationPeriods: 5,
        Dimensions: [
          { Name: "service", Value: stage },
          { Name: "stage", Value: stage },
        ],
      })),
    );
  });

  test("tell of errors and throttles of each function", () => {
    expect(of("Errors")).toHaveLength(stageIds.length + 3);
    expect(of("Throttles")).toHaveLength(stageIds.length + 3);
  });

  test("tell of records given up and of an API that fails", () => {
    expect(of("ApproximateNumberOfMessagesVisible")).toMatchObject([{ Threshold: 0, EvaluationPeriods: 1 }]);
    expect(of("5XXError")).toHaveLength(1);
  });

  test("are quiet where nothing happens", () => {
    template.allResourcesProperties("AWS::CloudWatch::Alarm", { TreatMissingData: "notBreaching" });
  });

  test("go to a topic where there is one, and so does their end", () => {
    const app = new App({ analyticsReporting: false });
    const alarmTopic = Topic.fromTopicArn(
      new Stack(app, "Other"),
      "Alarms",
      "arn:aws:sns:us-east-1:111111111111:alarms",
    );
    templateOf({ alarmTopic }).allResourcesProperties("AWS::CloudWatch::Alarm", {
      AlarmActions: Match.anyValue(),
      OKActions: Match.anyValue(),
    });
    expect(alarms.every(({ AlarmActions }) => AlarmActions === undefined)).toBe(true);
  });
});
