import { setTimeout as sleep } from "node:timers/promises";
import type { Case } from "../../harness/case.ts";
import type { Answer, Kinesis } from "../client.ts";
import {
  api,
  INVALID,
  NOT_FOUND,
  type Scene,
  scene,
  shardId,
  streamed,
  textsOf,
  VALIDATION,
} from "../scene.ts";

/** Longer than any rounding of a time of arrival. */
const PAUSE_MS = 1_100;

/** The seconds at which the record with this text arrived. */
async function arrivalOf(stream: Scene, text: string): Promise<number> {
  const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
  const page = await stream.get(ShardIterator);
  const at = textsOf(page).indexOf(text);
  return Number((page["Records"] as readonly Answer[])[at]?.["ApproximateArrivalTimestamp"]);
}

/** Whether there is an iterator, or why there is none. */
const outcome = (answer: Answer): unknown =>
  typeof answer["ShardIterator"] === "string" ? "an iterator" : answer;

export const readingCases: readonly Case<Kinesis>[] = [
  streamed("TRIM_HORIZON reads from the oldest record on", 1, async (stream) => {
    await stream.putAll("a", "b", "c");
    return stream.read("TRIM_HORIZON");
  }),
  streamed("LATEST reads what comes after it", 1, async (stream) => {
    await stream.putAll("a");
    const { ShardIterator } = await stream.iterator("LATEST");
    await stream.putAll("b", "c");
    return stream.readOn(ShardIterator);
  }),
  streamed(
    "AT_SEQUENCE_NUMBER reads from a record on, AFTER_SEQUENCE_NUMBER behind it",
    1,
    async (stream) => {
      const [, b] = await stream.putAll("a", "b", "c");
      return [
        await stream.read("AT_SEQUENCE_NUMBER", { StartingSequenceNumber: b }),
        await stream.read("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber: b }),
      ];
    },
  ),
  streamed("AFTER_SEQUENCE_NUMBER of the newest record reads what comes then", 1, async (stream) => {
    const [, b] = await stream.putAll("a", "b");
    const { ShardIterator } = await stream.iterator("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber: b });
    await stream.putAll("c");
    return stream.readOn(ShardIterator);
  }),
  streamed("the number at which a shard starts is before its first record", 1, async (stream) => {
    await stream.putAll("a");
    const [shard] = (await stream.on("ListShards"))["Shards"] as readonly Answer[];
    const range = shard?.["SequenceNumberRange"] as Answer;
    const from = { StartingSequenceNumber: range["StartingSequenceNumber"] };
    return [await stream.read("AT_SEQUENCE_NUMBER", from), await stream.read("AFTER_SEQUENCE_NUMBER", from)];
  }),
  streamed("AT_TIMESTAMP reads what arrived then or later", 1, async (stream) => {
    await stream.putAll("a");
    await sleep(PAUSE_MS);
    await stream.putAll("b", "c");
    const Timestamp = (await arrivalOf(stream, "b")) - PAUSE_MS / 2_000;
    return stream.read("AT_TIMESTAMP", { Timestamp });
  }),
  streamed("AT_TIMESTAMP of a record's own time reads it", 1, async (stream) => {
    await stream.putAll("a");
    await sleep(PAUSE_MS);
    await stream.putAll("b");
    return stream.read("AT_TIMESTAMP", { Timestamp: await arrivalOf(stream, "b") });
  }),
  streamed("AT_TIMESTAMP of long ago reads from the oldest record on", 1, async (stream) => {
    await stream.putAll("a", "b");
    return stream.read("AT_TIMESTAMP", { Timestamp: 1_000_000_000 });
  }),
  streamed(
    "AT_TIMESTAMP behind the newest record reads what comes then",
    1,
    async (stream) => {
      await stream.putAll("a");
      const Timestamp = (await arrivalOf(stream, "a")) + 0.01;
      await sleep(PAUSE_MS);
      const { ShardIterator } = await stream.iterator("AT_TIMESTAMP", { Timestamp });
      await stream.putAll("b");
      return stream.readOn(ShardIterator);
    },
    { is: { texts: ["b"], ended: false }, source: api("GetShardIterator") },
  ),
  streamed(
    "an iterator has what its type needs",
    1,
    async (stream) => [
      outcome(await stream.iterator("AT_TIMESTAMP")),
      outcome(await stream.iterator("AT_SEQUENCE_NUMBER")),
      outcome(await stream.iterator("AFTER_SEQUENCE_NUMBER")),
    ],
    { is: [INVALID, INVALID, INVALID], source: api("GetShardIterator") },
  ),
  streamed(
    "a sequence number is for the types that start at one",
    1,
    async (stream) => {
      const [StartingSequenceNumber] = await stream.putAll("a");
      return [
        outcome(await stream.iterator("TRIM_HORIZON", { StartingSequenceNumber })),
        outcome(await stream.iterator("LATEST", { StartingSequenceNumber })),
      ];
    },
    { is: [INVALID, INVALID], source: api("GetShardIterator") },
  ),
  streamed("an iterator's type is one of five", 1, (stream) => stream.iterator("NEWEST"), {
    is: VALIDATION,
    source: api("GetShardIterator"),
  }),
  streamed(
    "a sequence number is a decimal number",
    1,
    (stream) => stream.iterator("AT_SEQUENCE_NUMBER", { StartingSequenceNumber: "first" }),
    { is: VALIDATION, source: api("GetShardIterator") },
  ),
  streamed(
    "a sequence number of another shard starts no iterator",
    2,
    async (stream) => {
      const { number } = await stream.put("x", { ExplicitHashKey: "0" });
      const from = { StartingSequenceNumber: number, ShardId: shardId(1) };
      return outcome(await stream.iterator("AT_SEQUENCE_NUMBER", from));
    },
    { is: INVALID, source: api("GetShardIterator") },
  ),
  streamed("a shard that is not there has no iterator", 1, async (stream) => [
    await stream.iterator("LATEST", { ShardId: shardId(7) }),
    await stream.iterator("TRIM_HORIZON", { ShardId: "shard" }),
  ]),
  scene("a stream that is not there has no iterator", (stream) => stream.iterator("LATEST")),
  scene("a text that is no iterator is refused", (stream) => stream.get("bm9uc2Vuc2U="), {
    is: INVALID,
    source: api("GetRecords"),
  }),
  scene("a read has an iterator", (stream) => stream.call("GetRecords"), {
    is: VALIDATION,
    source: api("GetRecords"),
  }),
  streamed("pages follow each other without gap or overlap", 1, async (stream) => {
    const texts = Array.from({ length: 10 }, (_, i) => `${i}`);
    await stream.putAll(...texts);
    let iterator = (await stream.iterator("TRIM_HORIZON"))["ShardIterator"];
    const pages: string[][] = [];
    for (let i = 0; i < 4; i += 1) {
      const page = await stream.get(iterator, { Limit: 3 });
      pages.push(textsOf(page));
      iterator = page["NextShardIterator"];
    }
    return pages;
  }),
  streamed("an iterator reads the same again", 1, async (stream) => {
    await stream.putAll("a", "b");
    const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
    return [textsOf(await stream.get(ShardIterator)), textsOf(await stream.get(ShardIterator))];
  }),
  streamed(
    "a page has at least one record",
    1,
    async (stream) => {
      const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
      return stream.get(ShardIterator, { Limit: 0 });
    },
    { is: VALIDATION, source: api("GetRecords") },
  ),
  streamed(
    "a page of more than 10,000 records is an invalid argument",
    1,
    async (stream) => {
      const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
      return stream.get(ShardIterator, { Limit: 10_001 });
    },
    { is: INVALID, source: api("GetRecords") },
  ),
  streamed("a record comes back as it was put", 1, async (stream) => {
    const Data = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i)).toString("base64");
    const PartitionKey = "kÄ日🙂";
    const put = await stream.on("PutRecord", { PartitionKey, Data });
    const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
    const [record] = (await stream.get(ShardIterator))["Records"] as readonly Answer[];
    return {
      data: record?.["Data"] === Data,
      key: record?.["PartitionKey"],
      number: record?.["SequenceNumber"] === put["SequenceNumber"],
      arrival: typeof record?.["ApproximateArrivalTimestamp"],
    };
  }),
  streamed("an empty shard gives no records and another iterator", 1, async (stream) => {
    const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
    const page = await stream.get(ShardIterator);
    return [page["Records"], page["MillisBehindLatest"], typeof page["NextShardIterator"]];
  }),
  streamed("a reader at the tip is not behind", 1, async (stream) => {
    await stream.putAll("a", "b");
    const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
    return (await stream.get(ShardIterator))["MillisBehindLatest"];
  }),
  streamed(
    "a reader that has records before it is behind",
    1,
    async (stream) => {
      await stream.putAll("a", "b");
      await sleep(PAUSE_MS);
      await stream.putAll("c");
      const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
      const page = await stream.get(ShardIterator, { Limit: 1 });
      return Number(page["MillisBehindLatest"]) >= PAUSE_MS;
    },
    { is: true, source: api("GetRecords") },
  ),
  streamed(
    "an iterator of a stream that was deleted reads nothing",
    1,
    async (stream) => {
      const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
      await stream.change("DeleteStream");
      return stream.get(ShardIterator);
    },
    { is: NOT_FOUND, source: api("GetRecords") },
  ),
  streamed(
    "a shard is read five times a second",
    1,
    async (stream) => {
      const { ShardIterator } = await stream.iterator("TRIM_HORIZON");
      const reads = Array.from({ length: 11 }, () => stream.call("GetRecords", { ShardIterator }));
      const codes = (await Promise.all(reads)).map((answer) => answer["refused"] ?? "read");
      return [...new Set(codes)].sort();
    },
    { is: ["ProvisionedThroughputExceededException", "read"], source: api("GetRecords") },
  ),
  streamed(
    "a shard gives five iterators a second",
    1,
    async (stream) => {
      const start = { ShardId: shardId(0), ShardIteratorType: "LATEST" };
      const calls = Array.from({ length: 11 }, () => stream.on("GetShardIterator", start));
      const codes = (await Promise.all(calls)).map((answer) => answer["refused"] ?? "an iterator");
      return [...new Set(codes)].sort();
    },
    { is: ["ProvisionedThroughputExceededException", "an iterator"], source: api("GetShardIterator") },
  ),
];
