import { type Apply, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";

const DEFAULT_RETENTION_HOURS = 24;
const DEFAULT_RECORD_KIB = 1_024;

/** What the template says of a stream. */
function wantedOf({ properties }: Request) {
  const mode = properties.object("StreamModeDetails").optionalText("StreamMode");
  const StreamMode = mode === "ON_DEMAND" ? ("ON_DEMAND" as const) : ("PROVISIONED" as const);
  return {
    ShardCount: properties.optionalNumber("ShardCount") ?? (StreamMode === "ON_DEMAND" ? undefined : 1),
    RetentionPeriodHours: properties.number("RetentionPeriodHours", DEFAULT_RETENTION_HOURS),
    StreamModeDetails: { StreamMode },
    MaxRecordSizeInKiB: properties.number("MaxRecordSizeInKiB", DEFAULT_RECORD_KIB),
  };
}

const summaryOf = ({ services }: Request, StreamName: string) =>
  services.kinesis.describeStreamSummary({ StreamName }).StreamDescriptionSummary;

/** A stream on demand keeps the shards that it has. */
const scale: Apply = (request, { ref: StreamName }) => {
  const { ShardCount: TargetShardCount = 0, StreamModeDetails } = wantedOf(request);
  const isThere = summaryOf(request, StreamName).OpenShardCount === TargetShardCount;
  if (StreamModeDetails.StreamMode === "ON_DEMAND" || isThere) return;
  request.services.kinesis.updateShardCount({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" });
};

const retain: Apply = (request, { ref: StreamName }) => {
  const { kinesis } = request.services;
  const { RetentionPeriodHours } = wantedOf(request);
  const before = summaryOf(request, StreamName).RetentionPeriodHours;
  const input = { StreamName, RetentionPeriodHours };
  if (RetentionPeriodHours > before) kinesis.increaseStreamRetentionPeriod(input);
  if (RetentionPeriodHours < before) kinesis.decreaseStreamRetentionPeriod(input);
};

/** AWS::Kinesis::Stream */
export const stream: ResourceKind = {
  identity: ["Name"],
  create: (request) => {
    const StreamName = request.properties.optionalText("Name") ?? request.name;
    request.services.kinesis.createStream({ StreamName, ...wantedOf(request) });
    return { ref: StreamName, attributes: { Arn: summaryOf(request, StreamName).StreamARN } };
  },
  remove: ({ services }, { ref: StreamName }) =>
    services.kinesis.deleteStream({ StreamName, EnforceConsumerDeletion: true }),
  properties: {
    ...replacement("Name"),
    // before the shards, whose number only a provisioned stream lets itself be given
    StreamModeDetails: (request, { attributes: { Arn = "" } }) =>
      request.services.kinesis.updateStreamMode({
        StreamARN: Arn,
        StreamModeDetails: wantedOf(request).StreamModeDetails,
      }),
    ShardCount: scale,
    RetentionPeriodHours: retain,
    MaxRecordSizeInKiB: (request, { attributes: { Arn = "" } }) =>
      request.services.kinesis.updateMaxRecordSize({
        StreamARN: Arn,
        MaxRecordSizeInKiB: wantedOf(request).MaxRecordSizeInKiB,
      }),
    ...withoutEffect(
      "DesiredShardLevelMetrics",
      "RecordDistributionStrategy",
      "StreamEncryption",
      "Tags",
      "WarmThroughputMiBps",
    ),
  },
};
