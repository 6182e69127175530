import type { LogsModel } from "../models/logs/logs-model.ts";
import type { JsonOperations } from "./json-operations.ts";

/** Logs_20140328: times are milliseconds. */
export function logsOperations(logs: LogsModel): JsonOperations {
  return {
    CreateLogGroup: (input: Parameters<LogsModel["createLogGroup"]>[0]) => logs.createLogGroup(input),
    DeleteLogGroup: (input: Parameters<LogsModel["deleteLogGroup"]>[0]) => logs.deleteLogGroup(input),
    PutRetentionPolicy: (input: Parameters<LogsModel["putRetentionPolicy"]>[0]) =>
      logs.putRetentionPolicy(input),
    DeleteRetentionPolicy: (input: Parameters<LogsModel["deleteRetentionPolicy"]>[0]) =>
      logs.deleteRetentionPolicy(input),
    DescribeLogGroups: (input: Parameters<LogsModel["describeLogGroups"]>[0]) =>
      logs.describeLogGroups(input),
    DescribeLogStreams: (input: Parameters<LogsModel["describeLogStreams"]>[0]) =>
      logs.describeLogStreams(input),
    FilterLogEvents: (input: Parameters<LogsModel["filterLogEvents"]>[0]) => logs.filterLogEvents(input),
    GetLogEvents: (input: Parameters<LogsModel["getLogEvents"]>[0]) => logs.getLogEvents(input),
  };
}
