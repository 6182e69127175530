import type { AlarmInput } from "../../models/cloudwatch/alarm.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";

const NOT_MODELLED = ["Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile"];

/** AWS::CloudWatch::Alarm on one metric; expressions and anomaly bands are refused by the property's name. */
export const alarm: ResourceKind = {
  identity: ["AlarmName"],
  create: (request) => {
    const input = inputOf(request);
    const { AlarmArn } = request.services.cloudwatch.putMetricAlarm(input);
    return { ref: input.AlarmName, attributes: { Arn: AlarmArn } };
  },
  remove: ({ services }, { ref }) => services.cloudwatch.deleteAlarms({ AlarmNames: [ref] }),
  properties: {
    ...replacement("AlarmName"),
    // its state stays until it is evaluated again
    ...inPlace(
      (request) => request.services.cloudwatch.putMetricAlarm(inputOf(request)),
      "ActionsEnabled",
      "AlarmActions",
      "AlarmDescription",
      "ComparisonOperator",
      "DatapointsToAlarm",
      "Dimensions",
      "EvaluationPeriods",
      "ExtendedStatistic",
      "InsufficientDataActions",
      "MetricName",
      "Namespace",
      "OKActions",
      "Period",
      "Statistic",
      "Threshold",
      "TreatMissingData",
      ...NOT_MODELLED,
    ),
    ...withoutEffect(
      "ActionConfiguration",
      "EvaluationCriteria",
      "EvaluationInterval",
      "EvaluationWindow",
      "Tags",
      "Unit",
      "WarmUpConfiguration",
    ),
  },
};

function inputOf({ properties, name }: Request): AlarmInput {
  for (const property of NOT_MODELLED)
    if (properties.has(property)) properties.unsupported(property, "is not modelled locally");
  const optional = {
    AlarmDescription: properties.optionalText("AlarmDescription"),
    Statistic: properties.optionalText("Statistic"),
    ExtendedStatistic: properties.optionalText("ExtendedStatistic"),
    DatapointsToAlarm: properties.optionalNumber("DatapointsToAlarm"),
    TreatMissingData: properties.optionalText("TreatMissingData"),
  };
  return {
    AlarmName: properties.optionalText("AlarmName") ?? name,
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
}
