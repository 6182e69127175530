import type { Case } from "../../harness/case.ts";
import type { Answer, Kinesis } from "../client.ts";
import {
  api,
  base64,
  EXCEEDED,
  guide,
  IN_USE,
  INVALID,
  NOT_FOUND,
  type Scene,
  scene,
  shardId,
  streamed,
  VALIDATION,
} from "../scene.ts";

const KEYS = 2n ** 128n;
const HALF = String(KEYS / 2n);
const LOW = { ExplicitHashKey: "0" };
const HIGH = { ExplicitHashKey: String(KEYS - 1n) };
const ON_DEMAND = { StreamMode: "ON_DEMAND" };
const PROVISIONED = { StreamMode: "PROVISIONED" };

const split = (stream: Scene, shard: number, NewStartingHashKey: string): Promise<Answer> =>
  stream.change("SplitShard", { ShardToSplit: shardId(shard), NewStartingHashKey });
const merge = (stream: Scene, shard: number, adjacent: number): Promise<Answer> =>
  stream.change("MergeShards", { ShardToMerge: shardId(shard), AdjacentShardToMerge: shardId(adjacent) });
const scale = (stream: Scene, TargetShardCount: number): Promise<Answer> =>
  stream.change("UpdateShardCount", { TargetShardCount, ScalingType: "UNIFORM_SCALING" });
const mode = async (stream: Scene, StreamModeDetails: object): Promise<Answer> => {
  const answer = await stream.call("UpdateStreamMode", { StreamARN: stream.arn, StreamModeDetails });
  await stream.settled();
  return answer;
};
const retain = async (stream: Scene, way: "Increase" | "Decrease", hours: number): Promise<unknown> => {
  const answer = await stream.change(`${way}StreamRetentionPeriod`, { RetentionPeriodHours: hours });
  return answer["refused"] ?? (await stream.summary())["RetentionPeriodHours"];
};

/** The sizes of the open shards: "equal" where none differs by more than the rest of the division. */
async function sizes(stream: Scene): Promise<unknown> {
  const all = (await stream.open()).map(({ from, to }) => BigInt(to) - BigInt(from) + 1n);
  const [first = 0n] = all;
  const count = BigInt(all.length);
  const equal = all.every((size) => size - first < count && first - size < count);
  return {
    count: all.length,
    sizes: equal ? "equal" : all.map(String),
    whole: all.reduce((a, b) => a + b) === KEYS,
  };
}

export const reshardingCases: readonly Case<Kinesis>[] = [
  streamed("a split closes a shard and opens two, which share its hash keys", 1, async (stream) => [
    await split(stream, 0, "1000"),
    await stream.shards(),
  ]),
  streamed(
    "a shard is split inside its hash keys",
    2,
    async (stream) => [
      await split(stream, 1, "1000"),
      await split(stream, 0, HALF),
      await split(stream, 0, String(KEYS - 1n)),
      await split(stream, 0, "0"),
    ],
    { is: [INVALID, INVALID, INVALID, INVALID], source: api("SplitShard") },
  ),
  streamed("a split starts at a decimal number", 1, (stream) => split(stream, 0, "half"), {
    is: VALIDATION,
    source: api("SplitShard"),
  }),
  streamed("a shard that is not there is not split", 1, (stream) => split(stream, 5, HALF)),
  streamed(
    "a merge closes two shards and opens one with the hash keys of both",
    2,
    async (stream) => [await merge(stream, 0, 1), await stream.shards()],
    {
      is: [
        {},
        [
          { id: 0, parents: [], from: "0", to: String(KEYS / 2n - 1n), open: false },
          { id: 1, parents: [], from: HALF, to: String(KEYS - 1n), open: false },
          { id: 2, parents: [0, 1], from: "0", to: String(KEYS - 1n), open: true },
        ],
      ],
      source: api("MergeShards"),
    },
  ),
  streamed("the shard to merge is the lower one, the adjacent one follows it", 2, async (stream) => [
    await merge(stream, 1, 0),
    await merge(stream, 0, 1),
  ]),
  streamed("two shards with a gap between them are not merged", 3, (stream) => merge(stream, 0, 2), {
    is: INVALID,
    source: api("MergeShards"),
  }),
  streamed("a shard that is not there is not merged", 2, (stream) => merge(stream, 1, 2), {
    is: NOT_FOUND,
    source: api("MergeShards"),
  }),
  streamed("records go to the shard that has their hash key, before and after a split", 1, async (stream) => {
    const before = [(await stream.put("a", LOW)).shard, (await stream.put("b", HIGH)).shard];
    await split(stream, 0, HALF);
    const after = [(await stream.put("c", LOW)).shard, (await stream.put("d", HIGH)).shard];
    return { before, after };
  }),
  streamed(
    "a closed shard is read to its end, which names its children",
    1,
    async (stream) => {
      await stream.putAll("a", "b");
      await split(stream, 0, HALF);
      await stream.put("c", LOW);
      await stream.put("d", HIGH);
      const of = (shard: number) => stream.read("TRIM_HORIZON", { ShardId: shardId(shard) });
      return [await of(0), await of(1), await of(2)];
    },
    {
      is: [
        {
          texts: ["a", "b"],
          ended: [
            { id: 1, parents: [0] },
            { id: 2, parents: [0] },
          ],
        },
        { texts: ["c"], ended: false },
        { texts: ["d"], ended: false },
      ],
      source: api("GetRecords"),
    },
  ),
  streamed(
    "a merged shard's end names the child with both parents",
    2,
    async (stream) => {
      await stream.put("a", LOW);
      await merge(stream, 0, 1);
      return [await stream.read("TRIM_HORIZON"), await stream.read("TRIM_HORIZON", { ShardId: shardId(1) })];
    },
    {
      is: [
        { texts: ["a"], ended: [{ id: 2, parents: [0, 1] }] },
        { texts: [], ended: [{ id: 2, parents: [0, 1] }] },
      ],
      source: api("ChildShard"),
    },
  ),
  streamed(
    "an iterator behind the last record of a closed shard reads its end",
    1,
    async (stream) => {
      const [, last] = await stream.putAll("a", "b");
      await split(stream, 0, HALF);
      const seen = await stream.read("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber: last });
      return "ended" in seen ? [seen.texts, seen.ended === false ? "open" : "ended"] : seen;
    },
    { is: [[], "ended"], source: api("GetShardIterator") },
  ),
  streamed("an iterator that was given before a split reads the rest of the shard", 1, async (stream) => {
    await stream.putAll("a");
    const { ShardIterator } = await stream.iterator("LATEST");
    await stream.putAll("b");
    await split(stream, 0, HALF);
    const seen = await stream.readOn(ShardIterator);
    return "ended" in seen ? [seen.texts, seen.ended === false ? "open" : "ended"] : seen;
  }),
  streamed("the sequence numbers of children are above those of their parents", 2, async (stream) => {
    const first = await stream.put("a", LOW);
    await merge(stream, 0, 1);
    const second = await stream.put("b", LOW);
    await split(stream, 2, HALF);
    const third = await stream.put("c", HIGH);
    return BigInt(first.number) < BigInt(second.number) && BigInt(second.number) < BigInt(third.number);
  }),
  streamed(
    "a closed shard's numbers end above its last record's",
    1,
    async (stream) => {
      const [number = "0"] = await stream.putAll("a");
      await split(stream, 0, HALF);
      const [shard] = (await stream.on("ListShards"))["Shards"] as readonly Answer[];
      const range = shard?.["SequenceNumberRange"] as Answer | undefined;
      return BigInt(String(range?.["EndingSequenceNumber"])) > BigInt(number);
    },
    { is: true, source: api("SequenceNumberRange") },
  ),
  streamed(
    "a stream whose shards change is UPDATING, takes and gives records, and is not changed again",
    2,
    async (stream) => {
      await stream.on("MergeShards", { ShardToMerge: shardId(0), AdjacentShardToMerge: shardId(1) });
      const status = await stream.status();
      const put = await stream.on("PutRecord", { PartitionKey: "a", Data: base64("a") });
      const again = await stream.on("SplitShard", { ShardToSplit: shardId(0), NewStartingHashKey: "99" });
      return [status, typeof put["ShardId"], again];
    },
    { is: ["UPDATING", "string", IN_USE], source: api("MergeShards") },
  ),
  streamed(
    "UpdateShardCount doubles the shards, all of the same size",
    2,
    async (stream) => {
      const answer = await scale(stream, 4);
      const { StreamName, CurrentShardCount, TargetShardCount } = answer;
      return [{ StreamName, CurrentShardCount, TargetShardCount }, await sizes(stream)];
    },
    {
      is: [
        { StreamName: "stream", CurrentShardCount: 2, TargetShardCount: 4 },
        { count: 4, sizes: "equal", whole: true },
      ],
      source: api("UpdateShardCount"),
    },
  ),
  streamed(
    "UpdateShardCount halves the shards, all of the same size",
    4,
    async (stream) => [(await scale(stream, 2))["refused"], await sizes(stream)],
    { is: [undefined, { count: 2, sizes: "equal", whole: true }], source: api("UpdateShardCount") },
  ),
  streamed(
    "UpdateShardCount makes shards of the same size of any count",
    2,
    async (stream) => [(await scale(stream, 3))["refused"], await sizes(stream)],
    { is: [undefined, { count: 3, sizes: "equal", whole: true }], source: api("UpdateShardCount") },
  ),
  streamed(
    "UpdateShardCount goes no higher than double and no lower than half",
    5,
    async (stream) => [await scale(stream, 11), await scale(stream, 2)],
    { is: [INVALID, INVALID], source: api("UpdateShardCount") },
  ),
  streamed(
    "UpdateShardCount counts the open shards",
    1,
    async (stream) => {
      await split(stream, 0, HALF);
      await merge(stream, 1, 2);
      return [await scale(stream, 3), (await scale(stream, 2))["refused"], (await stream.open()).length];
    },
    { is: [INVALID, undefined, 2], source: api("UpdateShardCount") },
  ),
  streamed(
    "UpdateShardCount scales uniformly, to at least one shard",
    1,
    async (stream) => [
      await stream.on("UpdateShardCount", { TargetShardCount: 2 }),
      await stream.on("UpdateShardCount", { TargetShardCount: 2, ScalingType: "BY_HEAT" }),
      await scale(stream, 0),
    ],
    { is: [VALIDATION, VALIDATION, VALIDATION], source: api("UpdateShardCount") },
  ),
  streamed(
    "a stream is scaled ten times in 24 hours",
    1,
    async (stream) => {
      const answers: unknown[] = [];
      for (let i = 0; i < 11; i += 1)
        answers.push((await scale(stream, i % 2 === 0 ? 2 : 1))["refused"] ?? "scaled");
      return answers;
    },
    { is: [...Array(10).fill("scaled"), "LimitExceededException"], source: api("UpdateShardCount") },
  ),
  scene(
    "the shards of a stream on demand are not its caller's",
    async (stream) => {
      await stream.must("CreateStream", { StreamModeDetails: ON_DEMAND });
      return [await split(stream, 0, "1000"), await merge(stream, 0, 1), await scale(stream, 8)];
    },
    { is: [VALIDATION, VALIDATION, VALIDATION], source: api("SplitShard") },
  ),
  streamed(
    "a stream that goes on demand keeps its shards",
    3,
    async (stream) => {
      const answer = await mode(stream, ON_DEMAND);
      const { StreamModeDetails, OpenShardCount } = await stream.summary();
      return [answer, StreamModeDetails, OpenShardCount];
    },
    { is: [{}, ON_DEMAND, 3], source: guide("how-do-i-size-a-stream") },
  ),
  streamed(
    "a stream changes its mode twice in 24 hours",
    1,
    async (stream) => [
      await mode(stream, ON_DEMAND),
      await mode(stream, PROVISIONED),
      await mode(stream, ON_DEMAND),
    ],
    { is: [{}, {}, EXCEEDED], source: guide("how-do-i-size-a-stream") },
  ),
  streamed(
    "a change of mode names the stream's ARN and the mode",
    1,
    async (stream) => [
      await stream.call("UpdateStreamMode", { StreamARN: stream.arn }),
      await stream.on("UpdateStreamMode", { StreamModeDetails: ON_DEMAND }),
    ],
    { is: [VALIDATION, VALIDATION], source: api("UpdateStreamMode") },
  ),
  streamed(
    "records are kept longer, up to a year, and shorter again",
    1,
    async (stream) => [
      await retain(stream, "Increase", 48),
      await retain(stream, "Increase", 8_760),
      await retain(stream, "Decrease", 168),
      await retain(stream, "Decrease", 24),
    ],
    { is: [48, 8_760, 168, 24], source: api("IncreaseStreamRetentionPeriod") },
  ),
  streamed(
    "records are kept for 24 to 8,760 hours",
    1,
    async (stream) => [
      await retain(stream, "Increase", 8_761),
      await retain(stream, "Increase", 23),
      await retain(stream, "Increase", 100),
      await retain(stream, "Decrease", 23),
    ],
    {
      is: ["InvalidArgumentException", "InvalidArgumentException", 100, "InvalidArgumentException"],
      source: api("IncreaseStreamRetentionPeriod"),
    },
  ),
  streamed("a retention is increased to more and decreased to less", 1, async (stream) => {
    await retain(stream, "Increase", 48);
    return [await retain(stream, "Increase", 36), await retain(stream, "Decrease", 60)];
  }),
  streamed(
    "a retention is not increased or decreased to what it is",
    1,
    async (stream) => [await retain(stream, "Increase", 24), await retain(stream, "Decrease", 24)],
    {
      is: ["InvalidArgumentException", "InvalidArgumentException"],
      source: api("IncreaseStreamRetentionPeriod"),
    },
  ),
];
