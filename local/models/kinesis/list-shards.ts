import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type { ListShardsInput, ListShardsOutput, ShardFilter } from "./kinesis-api.ts";
import { readToken, tokenOf } from "./page-token.ts";
import type { ShardLog } from "./shard-log.ts";
import type { Stream } from "./stream.ts";

const MAX_SHARDS_PER_PAGE = 1_000;

/** What a ListShards asks for: with a NextToken the caller names no stream. */
export type ShardQuery = {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
  readonly StreamCreationTimestamp?: EpochMs | undefined;
  readonly after: string;
  readonly filter: ShardFilter;
  readonly most: number;
};

/** Throws InvalidArgumentException where a NextToken comes with what it stands for. */
export function shardQuery(input: ListShardsInput, now: EpochMs): ShardQuery {
  const { NextToken, StreamName, StreamARN, StreamCreationTimestamp, ExclusiveStartShardId } = input;
  const most = Math.min(input.MaxResults ?? MAX_SHARDS_PER_PAGE, MAX_SHARDS_PER_PAGE);
  const filter = input.ShardFilter ?? { Type: "FROM_TRIM_HORIZON" };
  checkFilter(filter);
  if (NextToken === undefined) {
    const after = ExclusiveStartShardId ?? filter.ShardId ?? "";
    return { StreamName, StreamARN, StreamCreationTimestamp, after, filter, most };
  }
  for (const given of [StreamName, StreamCreationTimestamp, ExclusiveStartShardId])
    if (given !== undefined) throw refused("NextToken stands for the stream and the shard to start after");
  const rest = readToken(NextToken, now);
  return {
    StreamName: String(rest["stream"]),
    StreamCreationTimestamp: Number(rest["createdAt"]) as EpochMs,
    after: String(rest["after"]),
    filter: { Type: "FROM_TRIM_HORIZON", ...(rest["filter"] as Partial<ShardFilter>) },
    most,
  };
}

export function listShards(stream: Stream, query: ShardQuery, now: EpochMs): ListShardsOutput {
  const { StreamCreationTimestamp: createdAt, after, filter, most } = query;
  // Wire timestamps may be cut to seconds.
  if (createdAt !== undefined && Math.abs(createdAt - stream.createdAt) >= 1_000)
    throw new ServiceError(
      "ResourceNotFoundException",
      `Stream ${stream.name} created at ${createdAt} not found.`,
    );
  const isAsked = filterOf(stream, filter, now);
  const shards = stream.shards(now).filter((shard) => shard.origin.id > after && isAsked(shard));
  const page = shards.slice(0, most).map((shard) => shard.describe());
  const last = page.at(-1);
  if (shards.length <= most || last === undefined) return { Shards: page };
  const next = { stream: stream.name, createdAt: stream.createdAt, after: last.ShardId, filter };
  return { Shards: page, NextToken: tokenOf(next, now) };
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html */
function filterOf(stream: Stream, filter: ShardFilter, now: EpochMs): (shard: ShardLog) => boolean {
  switch (filter.Type) {
    case "AT_LATEST":
      return ({ closedAt }) => closedAt === undefined;
    case "AT_TRIM_HORIZON":
      return wasOpenAt(stream.trimHorizon(now));
    case "AT_TIMESTAMP":
      return wasOpenAt(filter.Timestamp ?? now);
    case "FROM_TIMESTAMP":
      // of what was closed before the horizon, nothing is left
      return ({ closedAt }) => closedAt === undefined || closedAt >= (filter.Timestamp ?? now);
    default:
      return () => true;
  }
}

const wasOpenAt =
  (at: EpochMs) =>
  ({ origin, closedAt }: ShardLog): boolean =>
    origin.openedAt <= at && (closedAt === undefined || closedAt >= at);

function checkFilter({ Type, ShardId, Timestamp }: ShardFilter): void {
  const needsShard = Type === "AFTER_SHARD_ID";
  const needsTime = Type === "AT_TIMESTAMP" || Type === "FROM_TIMESTAMP";
  if (needsShard !== (ShardId !== undefined))
    throw refused(`A ShardFilter of type ${Type} takes ${needsShard ? "a" : "no"} ShardId`);
  if (needsTime !== (Timestamp !== undefined))
    throw refused(`A ShardFilter of type ${Type} takes ${needsTime ? "a" : "no"} Timestamp`);
}

const refused = (why: string): ServiceError => new ServiceError("InvalidArgumentException", `${why}.`);
