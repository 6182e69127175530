import type { ResourceKind } from "../resource-kind.ts";

/** AWS::Kinesis::Stream */
export const stream: ResourceKind = ({ properties, name, services: { kinesis } }) => {
  const StreamName = properties.optionalText("Name") ?? name;
  const mode = properties.object("StreamModeDetails").optionalText("StreamMode");
  const StreamMode = mode === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED";
  kinesis.createStream({
    StreamName,
    ShardCount: properties.optionalNumber("ShardCount") ?? (StreamMode === "ON_DEMAND" ? undefined : 1),
    RetentionPeriodHours: properties.number("RetentionPeriodHours", 24),
    StreamModeDetails: { StreamMode },
    MaxRecordSizeInKiB: properties.optionalNumber("MaxRecordSizeInKiB"),
  });
  const { StreamARN } = kinesis.describeStreamSummary({ StreamName }).StreamDescriptionSummary;
  return { ref: StreamName, attributes: { Arn: StreamARN } };
};
