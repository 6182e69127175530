import { isoOf } from "../../shared/time/clock.ts";
import type { AlarmInput } from "../models/cloudwatch/alarm.ts";
import type { Alarm, CloudWatchModel } from "../models/cloudwatch/cloudwatch-model.ts";
import type { JsonOperations } from "./json-operations.ts";

/** GraniteServiceVersion20100801, CloudWatch's JSON protocol: times are seconds. */
export function cloudwatchOperations(cloudwatch: CloudWatchModel): JsonOperations {
  return {
    PutMetricData: (input: Parameters<CloudWatchModel["putMetricData"]>[0]) =>
      cloudwatch.putMetricData(input),
    ListMetrics: (input: Parameters<CloudWatchModel["listMetrics"]>[0]) => cloudwatch.listMetrics(input),
    GetMetricStatistics: (input: Parameters<CloudWatchModel["getMetricStatistics"]>[0]) =>
      cloudwatch.getMetricStatistics(input),
    GetMetricData: (input: Parameters<CloudWatchModel["getMetricData"]>[0]) =>
      cloudwatch.getMetricData(input),
    PutMetricAlarm: (input: AlarmInput) => void cloudwatch.putMetricAlarm(input),
    DeleteAlarms: (input: Parameters<CloudWatchModel["deleteAlarms"]>[0]) => cloudwatch.deleteAlarms(input),
    SetAlarmState: (input: Parameters<CloudWatchModel["setAlarmState"]>[0]) =>
      cloudwatch.setAlarmState(input),
    DescribeAlarms: (input: Parameters<CloudWatchModel["describeAlarms"]>[0]) => ({
      MetricAlarms: cloudwatch.describeAlarms(input).MetricAlarms.map(described),
      CompositeAlarms: [],
    }),
    DescribeAlarmHistory: ({ AlarmName }: { readonly AlarmName?: string }) => ({
      AlarmHistoryItems: cloudwatch
        .history()
        .filter(({ alarm }) => AlarmName === undefined || alarm.AlarmName === AlarmName)
        .map(({ alarm, from, to, at }) => ({
          AlarmName: alarm.AlarmName,
          AlarmType: "MetricAlarm",
          Timestamp: at / 1_000,
          HistoryItemType: "StateUpdate",
          HistorySummary: `Alarm updated from ${from} to ${to}`,
          HistoryData: JSON.stringify({ at: isoOf(at), reason: alarm.StateReason }),
        }))
        .reverse(),
    }),
  };
}

const described = (alarm: Alarm) => ({
  ...alarm,
  StateUpdatedTimestamp: alarm.StateUpdatedTimestamp / 1_000,
});
