import type { EpochMs } from "../../../shared/time/time.ts";
import type {
  DescribeStreamInput,
  ListStreamsInput,
  ListStreamsOutput,
  StreamDescription,
  StreamDescriptionSummary,
  StreamSummary,
} from "./kinesis-api.ts";
import { readToken, tokenOf } from "./page-token.ts";
import type { Stream } from "./stream.ts";

const MAX_SHARDS_PER_PAGE = 100;
const MAX_STREAMS_PER_PAGE = 100;

export function summarise(stream: Stream, now: EpochMs): StreamDescriptionSummary {
  const creating = stream.lifecycle.at(now) === "CREATING";
  return {
    ...described(stream, now),
    OpenShardCount: creating ? 0 : stream.open.length,
    ConsumerCount: stream.consumers.list(now).length,
    MaxRecordSizeInKiB: stream.maxRecordKiB,
  };
}

/** At most 100 shards, whatever the limit asks for. A stream that is being created has none yet. */
export function describeStream(stream: Stream, input: DescribeStreamInput, now: EpochMs): StreamDescription {
  const { Limit = MAX_SHARDS_PER_PAGE, ExclusiveStartShardId: after = "" } = input;
  const creating = stream.lifecycle.at(now) === "CREATING";
  const shards = creating ? [] : stream.shards(now).filter(({ origin }) => origin.id > after);
  const page = shards.slice(0, Math.min(Limit, MAX_SHARDS_PER_PAGE));
  return {
    ...described(stream, now),
    Shards: page.map((shard) => shard.describe()),
    HasMoreShards: page.length < shards.length,
  };
}

/** At most 100 streams, whatever the limit asks for. */
export function listStreams(
  streams: readonly Stream[],
  input: ListStreamsInput,
  now: EpochMs,
): ListStreamsOutput {
  const { Limit = MAX_STREAMS_PER_PAGE, ExclusiveStartStreamName, NextToken } = input;
  const after =
    NextToken === undefined ? (ExclusiveStartStreamName ?? "") : String(readToken(NextToken, now)["after"]);
  const rest = streams.filter(({ name }) => name > after);
  const page = rest.slice(0, Math.min(Limit, MAX_STREAMS_PER_PAGE));
  const more = page.length < rest.length;
  return {
    StreamNames: page.map(({ name }) => name),
    HasMoreStreams: more,
    ...(more && { NextToken: tokenOf({ after: page.at(-1)?.name ?? after }, now) }),
    StreamSummaries: page.map((stream) => identified(stream, now)),
  };
}

function described(stream: Stream, now: EpochMs): Omit<StreamDescription, "Shards" | "HasMoreShards"> {
  return {
    ...identified(stream, now),
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: "NONE",
  };
}

function identified(stream: Stream, now: EpochMs): StreamSummary {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: stream.lifecycle.at(now) ?? "DELETING",
    StreamModeDetails: { StreamMode: stream.mode },
    StreamCreationTimestamp: stream.createdAt,
  };
}
