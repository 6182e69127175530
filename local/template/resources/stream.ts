import type { ResourceKind } from "../resource-kind.ts";

/** What AWS gives a new on-demand stream. */
const ON_DEMAND_SHARDS = 4;

/** AWS::Kinesis::Stream */
export const stream: ResourceKind = ({ properties, name, services: { kinesis } }) => {
  const StreamName = properties.optionalText("Name") ?? name;
  const mode = properties.object("StreamModeDetails").optionalText("StreamMode");
  const StreamMode = mode === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED";
  kinesis.createStream({
    StreamName,
    ShardCount: properties.number("ShardCount", StreamMode === "ON_DEMAND" ? ON_DEMAND_SHARDS : 1),
    RetentionPeriodHours: properties.number("RetentionPeriodHours", 24),
    StreamModeDetails: { StreamMode },
  });
  const { StreamARN } = kinesis.describeStreamSummary({ StreamName }).StreamDescriptionSummary;
  return { ref: StreamName, attributes: { Arn: StreamARN } };
};
