import type { Case } from "../../harness/case.ts";
import type { Answer, Kinesis } from "../client.ts";
import { SHARD_LIMIT } from "../conditions.ts";
import {
  api,
  COMMON_ERRORS,
  EXCEEDED,
  guide,
  IN_USE,
  INVALID,
  NOT_FOUND,
  type Scene,
  SERIALIZATION,
  scene,
  shardsIn,
  streamed,
  VALIDATION,
} from "../scene.ts";

const pick = (answer: Answer, ...names: readonly string[]): Answer =>
  Object.fromEntries(names.map((name) => [name, answer[name]]));
const ON_DEMAND = { StreamModeDetails: { StreamMode: "ON_DEMAND" } };

/** The streams of a case that come after a name, by ListStreams. */
const listed = (stream: Scene, more: object): Promise<Answer> =>
  stream.call("ListStreams", { ExclusiveStartStreamName: stream.name.slice(0, -1), ...more });

export const streamCases: readonly Case<Kinesis>[] = [
  streamed(
    "a new stream keeps its records for 24 hours, and is neither encrypted nor monitored by shard",
    2,
    async (stream) =>
      pick(
        await stream.summary(),
        "StreamName",
        "StreamARN",
        "StreamStatus",
        "RetentionPeriodHours",
        "EnhancedMonitoring",
        "EncryptionType",
        "OpenShardCount",
        "ConsumerCount",
      ),
  ),
  streamed(
    "a new stream is in provisioned mode",
    1,
    async (stream) => (await stream.summary())["StreamModeDetails"] ?? "not said",
    { is: { StreamMode: "PROVISIONED" }, source: api("DescribeStreamSummary") },
  ),
  streamed(
    "a new stream takes records of 1 MiB",
    1,
    async (stream) => (await stream.summary())["MaxRecordSizeInKiB"] ?? "not said",
    { is: 1_024, source: guide("large-records") },
  ),
  streamed(
    "a stream's shards are ranges of hash keys of the same size, of which the last takes the rest",
    5,
    async (stream) => shardsIn((await stream.on("ListShards"))["Shards"]),
    {
      is: [
        ["0", "68056473384187692692674921486353642290"],
        ["68056473384187692692674921486353642291", "136112946768375385385349842972707284581"],
        ["136112946768375385385349842972707284582", "204169420152563078078024764459060926872"],
        ["204169420152563078078024764459060926873", "272225893536750770770699685945414569163"],
        ["272225893536750770770699685945414569164", "340282366920938463463374607431768211455"],
      ].map(([from, to], id) => ({ id, parents: [], from, to, open: true })),
      source: api("ListShards"),
    },
  ),
  streamed("DescribeStream gives the shards of a stream", 3, async (stream) => {
    const description = (await stream.on("DescribeStream"))["StreamDescription"] as Answer;
    return {
      ...pick(description, "StreamName", "StreamStatus", "HasMoreShards", "RetentionPeriodHours"),
      shards: shardsIn(description["Shards"]).map(({ id, parents, open }) => ({ id, parents, open })),
    };
  }),
  scene("a stream is CREATING before it is ACTIVE", async (stream) => {
    await stream.on("CreateStream", { ShardCount: 1 });
    const first = await stream.status();
    await stream.settled();
    return [first, await stream.status()];
  }),
  scene(
    "a stream that is being created takes no records",
    async (stream) => {
      await stream.on("CreateStream", { ShardCount: 1 });
      return stream.on("PutRecord", { PartitionKey: "k", Data: "" });
    },
    { is: NOT_FOUND, source: api("PutRecord") },
  ),
  scene(
    "a stream that is being created cannot be changed",
    async (stream) => {
      await stream.on("CreateStream", { ShardCount: 2 });
      return stream.on("MergeShards", {
        ShardToMerge: "shardId-000000000000",
        AdjacentShardToMerge: "shardId-000000000001",
      });
    },
    { is: IN_USE, source: api("MergeShards") },
  ),
  streamed("a stream's name is taken while it is there", 1, (stream) =>
    stream.on("CreateStream", { ShardCount: 1 }),
  ),
  scene(
    "a stream's name has letters, digits, dots, dashes and underscores, 128 at most",
    async (stream) => {
      const create = (StreamName: unknown) => stream.call("CreateStream", { StreamName, ShardCount: 1 });
      return [
        await create("a b"),
        await create(""),
        await create("é"),
        await create("x".repeat(129)),
        await create(5),
      ];
    },
    { is: [VALIDATION, VALIDATION, VALIDATION, VALIDATION, SERIALIZATION], source: api("CreateStream") },
  ),
  scene(
    "a stream in provisioned mode is created with a count of shards",
    async (stream) => [await stream.on("CreateStream", { ShardCount: 0 }), await stream.on("CreateStream")],
    { is: [VALIDATION, INVALID], source: api("CreateStream") },
  ),
  scene(
    "no more shards are created than the account may have",
    (stream) => stream.on("CreateStream", { ShardCount: SHARD_LIMIT + 1 }),
    { is: EXCEEDED, source: api("CreateStream") },
  ),
  scene(
    "a stream on demand starts with 4 MB a second, which is four shards",
    async (stream) => {
      await stream.must("CreateStream", ON_DEMAND);
      return pick(await stream.summary(), "StreamModeDetails", "OpenShardCount");
    },
    { is: { ...ON_DEMAND, OpenShardCount: 4 }, source: guide("service-sizes-and-limits") },
  ),
  scene(
    "a stream's mode is one of two",
    (stream) => stream.on("CreateStream", { StreamModeDetails: { StreamMode: "SERVERLESS" } }),
    { is: VALIDATION, source: api("StreamModeDetails") },
  ),
  streamed("a stream that is deleted is DELETING, and then gone", 1, async (stream) => {
    const answer = await stream.on("DeleteStream");
    const first = await stream.status();
    await stream.settled();
    return [answer, first, await stream.on("DescribeStreamSummary")];
  }),
  scene("a stream that is not there is neither described, listed, changed nor deleted", async (stream) => [
    await stream.on("DescribeStream"),
    await stream.on("DescribeStreamSummary"),
    await stream.on("ListShards"),
    await stream.on("DeleteStream"),
    await stream.on("SplitShard", { ShardToSplit: "shardId-000000000000", NewStartingHashKey: "9" }),
    await stream.on("IncreaseStreamRetentionPeriod", { RetentionPeriodHours: 48 }),
  ]),
  streamed(
    "a stream goes by its name, by its ARN or by both",
    1,
    async (stream) => {
      const named = async (ref: object) => {
        const answer = await stream.call("DescribeStreamSummary", ref);
        return answer["refused"] ?? (answer["StreamDescriptionSummary"] as Answer)["StreamName"];
      };
      const [StreamName, StreamARN] = [stream.name, stream.arn];
      return [
        await named({ StreamName }),
        await named({ StreamARN }),
        await named({ StreamName, StreamARN }),
      ];
    },
    { is: ["stream", "stream", "stream"], source: api("DescribeStreamSummary") },
  ),
  scene(
    "a call that names no stream is refused",
    async (stream) => [await stream.call("DescribeStreamSummary"), await stream.call("DeleteStream")],
    { is: [INVALID, INVALID], source: api("DescribeStreamSummary") },
  ),
  scene(
    "an ARN that is none of a stream is refused",
    (stream) => stream.call("DescribeStreamSummary", { StreamARN: "arn:aws:sqs:us-east-1:000000000000:q" }),
    { is: VALIDATION, source: api("DescribeStreamSummary") },
  ),
  scene("streams are listed by name, in pages that follow a name", async (stream) => {
    const streams = ["c", "a", "d", "b"].map((letter) => stream.sibling(letter));
    for (const each of streams) await each.on("CreateStream", { ShardCount: 1 });
    const behind = (letter: string) => ({ ExclusiveStartStreamName: `${stream.name}-${letter}` });
    const first = await stream.call("ListStreams", { ...behind("a"), Limit: 2 });
    const next = await stream.call("ListStreams", behind("c"));
    for (const each of streams) await each.remove();
    return [first, next].map((page) => pick(page, "StreamNames", "HasMoreStreams"));
  }),
  streamed(
    "a list of streams tells of each its state, its mode and its ARN",
    1,
    async (stream) => {
      const page = await listed(stream, {});
      const [summary] = ((page["StreamSummaries"] ?? []) as readonly Answer[]).filter(
        ({ StreamName }) => StreamName === stream.name,
      );
      return pick(summary ?? {}, "StreamName", "StreamARN", "StreamStatus", "StreamModeDetails");
    },
    {
      is: {
        StreamName: "stream",
        StreamARN: "arn:aws:kinesis:us-east-1:000000000000:stream/stream",
        StreamStatus: "ACTIVE",
        StreamModeDetails: { StreamMode: "PROVISIONED" },
      },
      source: api("StreamSummary"),
    },
  ),
  scene(
    "a page of streams has 1 to 10,000",
    async (stream) => [
      await stream.call("ListStreams", { Limit: 0 }),
      await stream.call("ListStreams", { Limit: 10_001 }),
    ],
    { is: [VALIDATION, VALIDATION], source: COMMON_ERRORS },
  ),
  streamed(
    "an account's limits are told with what of them is used",
    3,
    async (stream) => {
      const before = await stream.call("DescribeLimits");
      const more = (
        await stream.change("SplitShard", { ShardToSplit: "shardId-000000000000", NewStartingHashKey: "99" })
      )["refused"];
      const after = await stream.call("DescribeLimits");
      return {
        ...pick(after, "ShardLimit", "OnDemandStreamCount", "OnDemandStreamCountLimit"),
        grown: Number(after["OpenShardCount"]) - Number(before["OpenShardCount"]),
        more,
      };
    },
    {
      is: {
        ShardLimit: SHARD_LIMIT,
        OnDemandStreamCount: 0,
        OnDemandStreamCountLimit: 50,
        grown: 1,
        more: undefined,
      },
      source: api("DescribeLimits"),
    },
  ),
  scene("an operation that is none is refused", async (stream) => {
    const answer = await stream.on("ListenToStream");
    return answer["status"];
  }),
  scene(
    "an operation that is none is an UnknownOperationException",
    async (stream) => (await stream.on("ListenToStream"))["refused"],
    { is: "UnknownOperationException", source: COMMON_ERRORS },
  ),
];
