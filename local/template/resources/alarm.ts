import type { AlarmInput } from "../../models/cloudwatch/alarm.ts";
import type { ResourceKind } from "../resource-kind.ts";

/** AWS::CloudWatch::Alarm on one metric; expressions and anomaly bands are refused by the property's name. */
export const alarm: ResourceKind = ({ properties, name, services: { cloudwatch } }) => {
  for (const property of ["Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile"])
    if (properties.has(property)) properties.unsupported(property, "is not modelled locally");
  const AlarmName = properties.optionalText("AlarmName") ?? name;
  const optional = {
    AlarmDescription: properties.optionalText("AlarmDescription"),
    Statistic: properties.optionalText("Statistic"),
    ExtendedStatistic: properties.optionalText("ExtendedStatistic"),
    DatapointsToAlarm: properties.optionalNumber("DatapointsToAlarm"),
    TreatMissingData: properties.optionalText("TreatMissingData"),
  };
  const input: AlarmInput = {
    AlarmName,
    ActionsEnabled: properties.flag("ActionsEnabled", true),
    AlarmActions: properties.list("AlarmActions").map(String),
    OKActions: properties.list("OKActions").map(String),
    InsufficientDataActions: properties.list("InsufficientDataActions").map(String),
    Namespace: properties.text("Namespace"),
    MetricName: properties.text("MetricName"),
    Dimensions: properties
      .objects("Dimensions")
      .map((dimension) => ({ Name: dimension.text("Name"), Value: dimension.text("Value") })),
    Period: properties.number("Period", 60),
    EvaluationPeriods: properties.number("EvaluationPeriods", 1),
    Threshold: properties.number("Threshold", 0),
    ComparisonOperator: properties.text("ComparisonOperator"),
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<AlarmInput>),
  };
  const { AlarmArn } = cloudwatch.putMetricAlarm(input);
  return { ref: AlarmName, attributes: { Arn: AlarmArn } };
};
