import { arnOf } from "../../models/arn.ts";
import type { Ask } from "../iam.ts";
import { keysFrom, type ServiceCalls } from "./call.ts";

const onAll = (action: string) => (): readonly Ask[] => [{ action: `cloudwatch:${action}`, resource: "*" }];
const alarm = (action: string, name: unknown): Ask => ({
  action: `cloudwatch:${action}`,
  resource: arnOf("cloudwatch", `alarm:${name}`),
});
const onAlarm =
  (action: string) =>
  ({ AlarmName }: { readonly AlarmName?: string }): readonly Ask[] => [alarm(action, AlarmName ?? "*")];
const onAlarms =
  (action: string) =>
  ({ AlarmNames }: { readonly AlarmNames?: readonly string[] }): readonly Ask[] =>
    (AlarmNames ?? ["*"]).map((name) => alarm(action, name));

/** Source: "… for Amazon CloudWatch", Service Authorization Reference. */
export const CLOUDWATCH_CALLS: ServiceCalls = {
  PutMetricData: ({ Namespace }: { readonly Namespace?: string }) => [
    {
      action: "cloudwatch:PutMetricData",
      resource: "*",
      keys: keysFrom({ "cloudwatch:namespace": Namespace }),
    },
  ],
  ListMetrics: onAll("ListMetrics"),
  GetMetricStatistics: onAll("GetMetricStatistics"),
  GetMetricData: onAll("GetMetricData"),
  PutMetricAlarm: onAlarm("PutMetricAlarm"),
  SetAlarmState: onAlarm("SetAlarmState"),
  DeleteAlarms: onAlarms("DeleteAlarms"),
  DescribeAlarms: onAlarms("DescribeAlarms"),
  DescribeAlarmHistory: onAlarm("DescribeAlarmHistory"),
};
