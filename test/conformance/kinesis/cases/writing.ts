import type { Case } from "../../harness/case.ts";
import type { Answer, Kinesis } from "../client.ts";
import {
  api,
  base64,
  COMMON_ERRORS,
  INVALID,
  type Scene,
  SERIALIZATION,
  scene,
  shardId,
  streamed,
  VALIDATION,
} from "../scene.ts";

const KIB = 1_024;
const MIB = 1_024 * KIB;
const HALF = 2n ** 127n;

const record = (bytes: number, PartitionKey = "k") => ({
  PartitionKey,
  Data: Buffer.alloc(bytes).toString("base64"),
});
const records = (count: number, bytes: number) => Array.from({ length: count }, () => record(bytes));

/** What a PutRecord answers: its shard, or its refusal. */
async function landed(stream: Scene, entry: object): Promise<unknown> {
  const answer = await stream.on("PutRecord", { PartitionKey: "k", Data: base64("x"), ...entry });
  return answer["refused"] === undefined ? answer["ShardId"] : answer;
}

/** The shards and errors that a PutRecords answers, in its order. */
async function putAll(stream: Scene, entries: readonly object[]): Promise<Answer> {
  const answer = await stream.on("PutRecords", { Records: entries });
  if (answer["refused"] !== undefined) return answer;
  const results = answer["Records"] as readonly Answer[];
  return {
    failed: answer["FailedRecordCount"],
    results: results.map(({ ShardId, ErrorCode }) => ShardId ?? ErrorCode),
  };
}

export const writingCases: readonly Case<Kinesis>[] = [
  streamed("a record is answered with its shard and a sequence number of 56 digits", 1, async (stream) => {
    const { shard, number } = await stream.put("a");
    return { shard, isLong: /^\d{56}$/.test(number) };
  }),
  streamed("sequence numbers grow within a shard, over both ways to put", 1, async (stream) => {
    const [first = ""] = await stream.putAll("a");
    const batch = await stream.on("PutRecords", { Records: records(5, 3) });
    const [last = ""] = await stream.putAll("b");
    const middle = (batch["Records"] as readonly Answer[]).map(({ SequenceNumber }) =>
      String(SequenceNumber),
    );
    const numbers = [first, ...middle, last].map(BigInt);
    return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? number));
  }),
  streamed("a partition key finds its shard by its MD5", 8, async (stream) => {
    const shards: number[] = [];
    for (const key of ["a", "b", "c", "key 1", "key 2", "ä", "日本", "🙂"])
      shards.push((await stream.put(key)).shard);
    return shards;
  }),
  streamed(
    "an explicit hash key finds its shard instead of the partition key",
    4,
    async (stream) => {
      const at = (key: bigint) => landed(stream, { ExplicitHashKey: String(key) });
      const size = 2n ** 126n;
      return [
        await at(0n),
        await at(size - 1n),
        await at(size),
        await at(3n * size),
        await at(4n * size - 1n),
      ];
    },
    { is: [0, 0, 1, 3, 3].map(shardId), source: api("PutRecord") },
  ),
  streamed("an explicit hash key is below 2^128", 1, (stream) =>
    landed(stream, { ExplicitHashKey: String(2n ** 128n) }),
  ),
  streamed(
    "an explicit hash key is a decimal number without leading zeros",
    1,
    async (stream) => {
      const at = (ExplicitHashKey: string) => landed(stream, { ExplicitHashKey });
      return [await at("x"), await at("-1"), await at("007"), await at("0x7"), await at("1".repeat(40))];
    },
    { is: Array(5).fill(VALIDATION), source: api("PutRecord") },
  ),
  streamed(
    "a partition key has 1 to 256 characters",
    1,
    async (stream) => {
      const key = (PartitionKey: string) => landed(stream, { PartitionKey });
      return [
        await key(""),
        await key("k".repeat(256)),
        await key("ä".repeat(256)),
        await key("k".repeat(257)),
      ];
    },
    { is: [VALIDATION, shardId(0), shardId(0), VALIDATION], source: COMMON_ERRORS },
  ),
  streamed(
    "a record has data and a partition key",
    1,
    async (stream) => [
      await landed(stream, { Data: undefined }),
      await landed(stream, { PartitionKey: undefined }),
      await landed(stream, { Data: null }),
    ],
    { is: [VALIDATION, VALIDATION, VALIDATION], source: api("PutRecord") },
  ),
  streamed("a record's data may be empty", 1, async (stream) => {
    const answer = await landed(stream, { Data: "" });
    return [answer, await stream.read("TRIM_HORIZON")];
  }),
  streamed(
    "data that is no base64 is the caller's fault",
    1,
    async (stream) => {
      const answers = [await landed(stream, { Data: "a" }), await landed(stream, { Data: "a*==" })];
      return answers.map((answer) => (answer as Answer)["status"]);
    },
    { is: [400, 400], source: api("PutRecord") },
  ),
  streamed("data of another type is refused", 1, async (stream) => [
    await landed(stream, { Data: 5 }),
    await landed(stream, { Data: {} }),
  ]),
  streamed(
    "a record of 1 MiB with its partition key is taken",
    1,
    (stream) => landed(stream, record(MIB - 1)),
    { is: shardId(0), source: api("PutRecord") },
  ),
  streamed(
    "a record whose data and key are together larger than 1 MiB is refused by a new stream",
    1,
    (stream) => landed(stream, record(MIB, "a key")),
    { is: INVALID, source: api("PutRecord") },
  ),
  streamed(
    "a record whose data is larger than 1 MiB is refused by a new stream",
    1,
    (stream) => landed(stream, record(MIB + 1)),
    { is: INVALID, source: api("PutRecord") },
  ),
  streamed(
    "a stream may take records of up to 10 MiB",
    1,
    async (stream) => {
      const size = { StreamARN: stream.arn, MaxRecordSizeInKiB: 10_240 };
      const answer = await stream.call("UpdateMaxRecordSize", size);
      await stream.settled();
      return [
        answer,
        (await stream.summary())["MaxRecordSizeInKiB"],
        await landed(stream, record(MIB + KIB)),
      ];
    },
    { is: [{}, 10_240, shardId(0)], source: api("UpdateMaxRecordSize") },
  ),
  scene(
    "a stream may be created for larger records",
    async (stream) => {
      await stream.create(1, { MaxRecordSizeInKiB: 3_000 });
      return [(await stream.summary())["MaxRecordSizeInKiB"], await landed(stream, record(MIB + KIB))];
    },
    { is: [3_000, shardId(0)], source: api("CreateStream") },
  ),
  streamed(
    "a stream's records are of 1 to 10 MiB at most",
    1,
    async (stream) => {
      const size = (MaxRecordSizeInKiB: number) =>
        stream.call("UpdateMaxRecordSize", { StreamARN: stream.arn, MaxRecordSizeInKiB });
      return [await size(1_023), await size(10_241)];
    },
    { is: [VALIDATION, VALIDATION], source: api("UpdateMaxRecordSize") },
  ),
  streamed("PutRecords answers each record in its place", 4, (stream) =>
    putAll(
      stream,
      ["a", "b", "c", "d", "e", "f", "a"].map((key) => ({ PartitionKey: key, Data: base64(key) })),
    ),
  ),
  streamed("PutRecords keeps the order of records of one shard", 1, async (stream) => {
    const texts = Array.from({ length: 50 }, (_, i) => `text ${i}`);
    const answer = await putAll(
      stream,
      texts.map((text) => ({ PartitionKey: text, Data: base64(text) })),
    );
    const seen = await stream.read("TRIM_HORIZON");
    return [answer["failed"], JSON.stringify("texts" in seen && seen.texts) === JSON.stringify(texts)];
  }),
  streamed(
    "PutRecords takes 1 to 500 records",
    2,
    async (stream) => {
      const count = async (n: number) => {
        const answer = await putAll(stream, records(n, 10));
        return answer["refused"] ?? answer["failed"];
      };
      return [await count(0), await count(1), await count(500), await count(501)];
    },
    { is: ["ValidationException", 0, 0, "ValidationException"], source: api("PutRecords") },
  ),
  streamed(
    "PutRecords is refused whole where one record is wrong, and nothing is kept",
    1,
    async (stream) => {
      const wrong = await putAll(stream, [record(1), { PartitionKey: "", Data: "" }, record(1)]);
      const outside = await putAll(stream, [
        record(1),
        { ...record(1), ExplicitHashKey: String(2n ** 128n) },
      ]);
      return [wrong, outside, await stream.read("TRIM_HORIZON")];
    },
    { is: [VALIDATION, INVALID, { texts: [], ended: false }], source: COMMON_ERRORS },
  ),
  streamed(
    "PutRecords takes a request of 6 MiB",
    8,
    async (stream) => {
      const spread = Array.from({ length: 8 }, (_, i) => ({
        ...record(800 * KIB),
        ExplicitHashKey: String((HALF / 4n) * BigInt(i)),
      }));
      return (await putAll(stream, spread))["failed"];
    },
    { is: 0, source: api("PutRecords") },
  ),
  streamed(
    "a list of records that is none is refused",
    1,
    async (stream) => [await stream.on("PutRecords"), await stream.on("PutRecords", { Records: "none" })],
    { is: [VALIDATION, SERIALIZATION], source: api("PutRecords") },
  ),
  streamed("a record is put after another one's sequence number", 1, async (stream) => {
    const { number } = await stream.put("a");
    const next = await stream.put("b", { SequenceNumberForOrdering: number });
    return BigInt(next.number) > BigInt(number);
  }),
  streamed(
    "a sequence number for ordering is a decimal number",
    1,
    (stream) => landed(stream, { SequenceNumberForOrdering: "first" }),
    { is: VALIDATION, source: api("PutRecord") },
  ),
  scene("a stream that is not there takes no records", async (stream) => [
    await landed(stream, {}),
    await putAll(stream, records(1, 1)),
  ]),
  streamed(
    "a shard takes 1,000 records a second, and refuses others one by one",
    1,
    async (stream) => {
      const calls = Array.from({ length: 5 }, () => putAll(stream, records(500, 10)));
      const answers = await Promise.all(calls);
      const codes = answers.flatMap(({ results }) => results as readonly string[]);
      const failed = answers.reduce((sum, answer) => sum + Number(answer["failed"]), 0);
      return {
        codes: [...new Set(codes)].sort(),
        counted: codes.filter((c) => c !== shardId(0)).length === failed,
      };
    },
    {
      is: { codes: ["ProvisionedThroughputExceededException", shardId(0)], counted: true },
      source: api("PutRecords"),
    },
  ),
  streamed(
    "a shard takes 1 MiB a second",
    1,
    async (stream) => {
      const answers = await Promise.all(Array.from({ length: 4 }, () => landed(stream, record(900 * KIB))));
      const codes = answers.map((answer) =>
        typeof answer === "string" ? answer : (answer as Answer)["refused"],
      );
      return [...new Set(codes)].sort();
    },
    { is: ["ProvisionedThroughputExceededException", shardId(0)], source: api("PutRecord") },
  ),
];
