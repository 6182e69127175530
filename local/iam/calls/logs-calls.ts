import { arnOf } from "../../models/arn.ts";
import type { Ask } from "../iam.ts";
import type { ServiceCalls } from "./call.ts";

type Input = { readonly logGroupName?: string; readonly logStreamName?: string };

const groupArn = ({ logGroupName }: Input): string => arnOf("logs", `log-group:${logGroupName}`);

/** Logs names the streams of a group, all of them, where it asks for the group. */
const onGroup = (action: string) => (input: Input) => onStream(action)({ ...input, logStreamName: "" });
const onStream =
  (action: string) =>
  (input: Input): readonly Ask[] => [
    { action: `logs:${action}`, resource: `${groupArn(input)}:log-stream:${input.logStreamName}` },
  ];

/** Source: "… for Amazon CloudWatch Logs", Service Authorization Reference. */
export const LOGS_CALLS: ServiceCalls = {
  CreateLogGroup: onGroup("CreateLogGroup"),
  DeleteLogGroup: onGroup("DeleteLogGroup"),
  PutRetentionPolicy: onGroup("PutRetentionPolicy"),
  DeleteRetentionPolicy: onGroup("DeleteRetentionPolicy"),
  DescribeLogGroups: () => [
    { action: "logs:DescribeLogGroups", resource: arnOf("logs", "log-group::log-stream:") },
  ],
  DescribeLogStreams: onGroup("DescribeLogStreams"),
  FilterLogEvents: onGroup("FilterLogEvents"),
  GetLogEvents: onStream("GetLogEvents"),
};

/**
 * What the Lambda service does in a function's name for the lines that the function writes.
 * @param exists - whether there is such a group: one that no template declares is made by the first line
 */
export const loggingOf = (logGroupName: string, logStreamName: string, exists: boolean): readonly Ask[] => [
  ...(exists ? [] : onGroup("CreateLogGroup")({ logGroupName })),
  ...onStream("CreateLogStream")({ logGroupName, logStreamName }),
  ...onStream("PutLogEvents")({ logGroupName, logStreamName }),
];
