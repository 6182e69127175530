import type { EpochMs } from "../../../shared/time/time.ts";
import { arnOf } from "../arn.ts";
import type { StreamDescription, StreamDescriptionSummary } from "./kinesis-api.ts";
import type { Stream } from "./stream.ts";

export function summarise(stream: Stream): StreamDescriptionSummary {
  return {
    StreamName: stream.name,
    StreamARN: arnOf("kinesis", `stream/${stream.name}`),
    StreamStatus: "ACTIVE",
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdAt,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: "NONE",
    OpenShardCount: stream.openCount,
    ConsumerCount: 0,
  };
}

export function describeStream(stream: Stream, now: EpochMs): StreamDescription {
  const { OpenShardCount: _open, ConsumerCount: _consumers, ...rest } = summarise(stream);
  return { ...rest, Shards: stream.shards(now).map((shard) => shard.describe()), HasMoreShards: false };
}
