import { type CloudWatchClient, paginateListMetrics } from "@aws-sdk/client-cloudwatch";
import {
  type CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";

/** A line of a function's log, or of its metrics in CloudWatch's embedded format. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly service?: string;
  readonly level?: string;
};

/**
 * What the stack's functions have logged, line for line, without what Lambda itself says. LocalStack writes into
 * log groups that it names after the functions, whatever group a function was given.
 */
export async function logLines(client: CloudWatchLogsClient, stack: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  const logGroupNamePrefix = `/aws/lambda/${stack}-`;
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix }))
    for (const { logGroupName } of logGroups)
      for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName }))
        for (const { message = "" } of events)
          if (message.startsWith("{")) lines.push(JSON.parse(message) as LogLine);
  return lines;
}

/** The sum of a metric in the lines that a service has written in the embedded metric format. */
export const metricTotal = (lines: readonly LogLine[], service: string, metric: string): number =>
  lines
    .filter((line) => line.service === service && line["_aws"] !== undefined)
    .reduce((sum, line) => sum + Number(line[metric] ?? 0), 0);

/** Names of the functions of which CloudWatch has counted invocations. */
export async function invokedFunctions(client: CloudWatchClient): Promise<Set<string>> {
  const names = new Set<string>();
  const query = { Namespace: "AWS/Lambda", MetricName: "Invocations" };
  for await (const { Metrics = [] } of paginateListMetrics({ client }, query))
    for (const { Dimensions = [] } of Metrics)
      for (const { Name, Value } of Dimensions)
        if (Name === "FunctionName" && Value !== undefined) names.add(Value);
  return names;
}
