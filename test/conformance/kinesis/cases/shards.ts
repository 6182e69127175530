import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../../../shared/time/clock.ts";
import type { Case } from "../../harness/case.ts";
import type { Answer, Kinesis } from "../client.ts";
import {
  api,
  COMMON_ERRORS,
  INVALID,
  NOT_FOUND,
  type Scene,
  scene,
  shardId,
  shardsIn,
  streamed,
  VALIDATION,
} from "../scene.ts";

/** Longer than a second, to which a stand-in cuts the times at which shards open and close. */
const PAUSE_MS = 1_100;

/** A page of shards by their index, and the token of the next page. */
async function page(
  stream: Scene,
  input: object,
): Promise<{ readonly ids: unknown; readonly next?: unknown }> {
  const answer = await stream.call("ListShards", input);
  if (answer["refused"] !== undefined) return { ids: answer };
  return { ids: shardsIn(answer["Shards"]).map(({ id }) => id), next: answer["NextToken"] };
}
const filtered = async (stream: Scene, ShardFilter: object): Promise<unknown> =>
  (await page(stream, { StreamName: stream.name, ShardFilter })).ids;

/** Splits a stream's only shard, then merges the halves; returns times, in seconds, between these. */
async function resharded(stream: Scene): Promise<{ readonly [name: string]: number }> {
  const pause = async () => {
    await sleep(PAUSE_MS);
    const at = systemClock.now() / 1_000;
    await sleep(PAUSE_MS);
    return at;
  };
  const beforeSplit = await pause();
  await stream.must("SplitShard", { ShardToSplit: shardId(0), NewStartingHashKey: String(2n ** 127n) });
  const beforeMerge = await pause();
  await stream.must("MergeShards", { ShardToMerge: shardId(1), AdjacentShardToMerge: shardId(2) });
  const afterMerge = await pause();
  return { beforeSplit, beforeMerge, afterMerge };
}

const described = async (stream: Scene, input: object): Promise<unknown> => {
  const answer = await stream.on("DescribeStream", input);
  if (answer["refused"] !== undefined) return answer;
  const { Shards, HasMoreShards } = answer["StreamDescription"] as Answer;
  return { ids: shardsIn(Shards).map(({ id }) => id), more: HasMoreShards };
};

export const shardCases: readonly Case<Kinesis>[] = [
  streamed("shards are listed by their ids", 3, async (stream) => page(stream, { StreamName: stream.name })),
  streamed("shards are listed behind a shard", 4, async (stream) =>
    page(stream, { StreamName: stream.name, ExclusiveStartShardId: shardId(1) }),
  ),
  streamed(
    "shards are listed in pages, by a token that stands for the stream",
    5,
    async (stream) => {
      const first = await page(stream, { StreamName: stream.name, MaxResults: 2 });
      const second = await page(stream, { NextToken: first.next, MaxResults: 2 });
      const third = await page(stream, { NextToken: second.next });
      return [first.ids, second.ids, third.ids, third.next ?? "no more"];
    },
    { is: [[0, 1], [2, 3], [4], "no more"], source: api("ListShards") },
  ),
  streamed(
    "a token stands for nothing else",
    3,
    async (stream) => {
      const { next: NextToken } = await page(stream, { StreamName: stream.name, MaxResults: 1 });
      return [
        (await page(stream, { NextToken, StreamName: stream.name })).ids,
        (await page(stream, { NextToken, ExclusiveStartShardId: shardId(1) })).ids,
      ];
    },
    { is: [INVALID, INVALID], source: api("ListShards") },
  ),
  streamed(
    "a page of shards has 1 to 10,000",
    1,
    async (stream) => {
      const of = async (MaxResults: number) =>
        (await page(stream, { StreamName: stream.name, MaxResults })).ids;
      return [await of(0), await of(10_000), await of(10_001)];
    },
    { is: [VALIDATION, [0], VALIDATION], source: COMMON_ERRORS },
  ),
  scene("shards are listed of a stream", async (stream) => (await page(stream, {})).ids),
  scene(
    "a text that is no token is refused",
    async (stream) => (await page(stream, { NextToken: "bm9uc2Vuc2U=" })).ids,
    { is: INVALID, source: api("ListShards") },
  ),
  streamed(
    "a stream of another time of creation is not there",
    1,
    async (stream) => {
      const created = Number((await stream.summary())["StreamCreationTimestamp"]);
      const of = async (StreamCreationTimestamp: number) =>
        (await page(stream, { StreamName: stream.name, StreamCreationTimestamp })).ids;
      return [await of(created), await of(created - 86_400)];
    },
    { is: [[0], NOT_FOUND], source: api("ListShards") },
  ),
  streamed(
    "AT_LATEST lists the open shards, FROM_TRIM_HORIZON all that still hold records",
    1,
    async (stream) => {
      await resharded(stream);
      return [
        await filtered(stream, { Type: "AT_LATEST" }),
        await filtered(stream, { Type: "FROM_TRIM_HORIZON" }),
      ];
    },
    { is: [[3], [0, 1, 2, 3]], source: api("ShardFilter") },
  ),
  streamed(
    "AT_TRIM_HORIZON lists the shards with which a young stream began",
    2,
    async (stream) => {
      await stream.must("MergeShards", { ShardToMerge: shardId(0), AdjacentShardToMerge: shardId(1) });
      return filtered(stream, { Type: "AT_TRIM_HORIZON" });
    },
    { is: [0, 1], source: api("ShardFilter") },
  ),
  streamed(
    "AT_TIMESTAMP lists the shards that were open then",
    1,
    async (stream) => {
      const { beforeSplit, beforeMerge, afterMerge } = await resharded(stream);
      const at = (Timestamp: number | undefined) => filtered(stream, { Type: "AT_TIMESTAMP", Timestamp });
      return [await at(beforeSplit), await at(beforeMerge), await at(afterMerge)];
    },
    { is: [[0], [1, 2], [3]], source: api("ShardFilter") },
  ),
  streamed(
    "FROM_TIMESTAMP lists the shards that were open then or later",
    1,
    async (stream) => {
      const { beforeSplit, beforeMerge, afterMerge } = await resharded(stream);
      const from = (Timestamp: number | undefined) => filtered(stream, { Type: "FROM_TIMESTAMP", Timestamp });
      return [await from(1), await from(beforeSplit), await from(beforeMerge), await from(afterMerge)];
    },
    {
      is: [[0, 1, 2, 3], [0, 1, 2, 3], [1, 2, 3], [3]],
      source: api("ShardFilter"),
    },
  ),
  streamed(
    "AFTER_SHARD_ID lists the shards behind a shard",
    3,
    (stream) => filtered(stream, { Type: "AFTER_SHARD_ID", ShardId: shardId(0) }),
    { is: [1, 2], source: api("ShardFilter") },
  ),
  streamed(
    "a filter is kept from page to page",
    2,
    async (stream) => {
      const split = { ShardToSplit: shardId(1), NewStartingHashKey: String(2n ** 127n + 1_000n) };
      await stream.must("SplitShard", split);
      const ShardFilter = { Type: "AT_LATEST" };
      const first = await page(stream, { StreamName: stream.name, ShardFilter, MaxResults: 1 });
      return [first.ids, (await page(stream, { NextToken: first.next })).ids];
    },
    { is: [[0], [2, 3]], source: api("ListShards") },
  ),
  streamed(
    "a filter has a type, and what the type needs",
    1,
    async (stream) => [
      await filtered(stream, {}),
      await filtered(stream, { Type: "AT_NOON" }),
      await filtered(stream, { Type: "AFTER_SHARD_ID" }),
      await filtered(stream, { Type: "AT_TIMESTAMP" }),
      await filtered(stream, { Type: "FROM_TIMESTAMP" }),
    ],
    { is: [VALIDATION, VALIDATION, INVALID, INVALID, INVALID], source: api("ListShards") },
  ),
  streamed(
    "DescribeStream gives shards in pages",
    5,
    async (stream) => [
      await described(stream, { Limit: 2 }),
      await described(stream, { Limit: 2, ExclusiveStartShardId: shardId(1) }),
      await described(stream, { Limit: 2, ExclusiveStartShardId: shardId(3) }),
    ],
    {
      is: [
        { ids: [0, 1], more: true },
        { ids: [2, 3], more: true },
        { ids: [4], more: false },
      ],
      source: api("DescribeStream"),
    },
  ),
  streamed(
    "DescribeStream gives at most 100 shards",
    105,
    async (stream) => {
      const answer = (await stream.on("DescribeStream", { Limit: 1_000 }))["StreamDescription"] as Answer;
      return [shardsIn(answer["Shards"]).length, answer["HasMoreShards"]];
    },
    { is: [100, true], source: api("DescribeStream") },
  ),
  streamed(
    "DescribeStream gives pages of 1 to 10,000",
    1,
    async (stream) => [
      await described(stream, { Limit: 0 }),
      await described(stream, { Limit: 10_000 }),
      await described(stream, { Limit: 10_001 }),
    ],
    { is: [VALIDATION, { ids: [0], more: false }, VALIDATION], source: COMMON_ERRORS },
  ),
];
