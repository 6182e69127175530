import { kinesisFilter } from "../../../../local/sources/record-filter.ts";
import { minutes, seconds } from "../../../../shared/time/time.ts";
import { STREAM } from "../../../local/sources/kinesis-fixture.ts";
import type { Case } from "../../harness/case.ts";
import { FILTERING, KINESIS, LIMITS, MAPPINGS } from "../pages.ts";
import { type Scenes, streamCase } from "../scenes.ts";

const SIX_MEGABYTES = 6 * 1024 * 1024;
const texts = (count: number, key = "a"): string[] =>
  Array.from({ length: count }, (_, index) => `${key}-${index}`);

/** When a batch is given to the function, and what is in it. */
export const batches: readonly Case<Scenes>[] = [
  streamCase(
    "a record is given as soon as it is there, alone where it is alone",
    {
      source: KINESIS,
      says: "By default, Lambda invokes your function as soon as records are available. If the batch that Lambda reads from the event source has only one record in it, Lambda sends only one record to the function.",
      is: [{ at: 60, texts: ["a-1"] }],
    },
    async (scene) => {
      scene.map();
      await scene.pass(minutes(1));
      scene.put("a-1");
      await scene.pass(seconds(1));
      return scene.calls.map(({ at, texts: taken }) => ({ at, texts: taken }));
    },
  ),
  streamCase(
    "a stream without records invokes nothing",
    {
      source: KINESIS,
      says: "Lambda reads records from the data stream and invokes your function synchronously with an event that contains stream records.",
      is: 0,
    },
    async (scene) => {
      scene.map({ batchingWindow: seconds(10) });
      await scene.pass(minutes(10));
      return scene.calls.length;
    },
  ),
  streamCase(
    "a batch has at most BatchSize records",
    {
      source: KINESIS,
      says: "Batch size – The number of records to send to the function in each batch, up to 10,000.",
      is: [100, 100, 50],
    },
    async (scene) => {
      scene.put(...texts(250));
      scene.map({ batchSize: 100 });
      await scene.pass(seconds(1));
      return scene.batches().map(({ length }) => length);
    },
  ),
  streamCase(
    "a batching window gathers until it is over",
    {
      source: MAPPINGS,
      says: "Lambda invokes your function when one of the following three criteria is met: The batching window reaches its maximum value …",
      is: [{ at: 40, count: 5 }],
    },
    async (scene) => {
      scene.map({ batchingWindow: seconds(40), batchSize: 10 });
      // the window does not wait for its first record
      await scene.pass(seconds(5));
      for (let record = 0; record < 5; record++) {
        scene.put(`a-${record}`);
        await scene.pass(seconds(8));
      }
      return scene.calls.map(({ at, texts: taken }) => ({ at, count: taken.length }));
    },
  ),
  streamCase(
    "a batching window ends early where the batch size is met",
    {
      source: MAPPINGS,
      says: "In the second scenario, the batch size reaches 10 before the batching window expires, so the batching window ends early.",
      is: [{ at: 20, count: 10 }],
    },
    async (scene) => {
      scene.map({ batchingWindow: seconds(40), batchSize: 10 });
      await scene.pass(seconds(20));
      scene.put(...texts(10));
      await scene.pass(seconds(10));
      return scene.calls.map(({ at, texts: taken }) => ({ at, count: taken.length }));
    },
  ),
  streamCase(
    "a batching window ends early where the payload reaches 6 MB",
    {
      source: MAPPINGS,
      says: "In the third scenario, the maximum payload size is reached before the batching window expires, so the batching window ends early.",
      is: [{ at: 5, count: 4 }],
    },
    async (scene) => {
      scene.map({ batchingWindow: seconds(300), batchSize: 100 });
      await scene.pass(seconds(5));
      scene.put(...Array.from({ length: 5 }, () => `a-${"x".repeat(1_000_000)}`));
      await scene.pass(seconds(10));
      return scene.calls.map(({ at, texts: taken }) => ({ at, count: taken.length }));
    },
  ),
  streamCase(
    "the next batching window begins as the invocation completes",
    {
      source: MAPPINGS,
      says: "If you configure a MaximumBatchingWindowInSeconds, the next batching window begins as soon as the previous function invocation completes.",
      is: [10, 27],
    },
    async (scene) => {
      const script = async (_: unknown, call: number) => {
        if (call === 1) await scene.time.wait(seconds(7), new AbortController().signal);
        return "take" as const;
      };
      scene.map({ batchingWindow: seconds(10) }, script);
      scene.put("a-1");
      await scene.pass(seconds(12));
      scene.put("a-2");
      await scene.pass(seconds(20));
      return scene.calls.map(({ at }) => at);
    },
  ),
  streamCase(
    "an event is at most 6 MB of JSON, base64 included",
    {
      source: LIMITS,
      says: "Invocation payload (request and response): 6 MB each for request and response (synchronous)",
      is: { batches: 3, all: 12, atMost6MB: true, nearly6MB: true },
    },
    async (scene) => {
      scene.put(...Array.from({ length: 12 }, () => `a-${"x".repeat(1_000_000)}`));
      scene.map();
      await scene.pass(seconds(1));
      const sizes = scene.calls.map(({ bytes }) => bytes);
      return {
        batches: sizes.length,
        all: scene.batches().flat().length,
        atMost6MB: Math.max(...sizes) <= SIX_MEGABYTES,
        nearly6MB: Math.min(...sizes) > 5_000_000,
      };
    },
  ),
  streamCase(
    "small records fill an event up to the last one that fits into 6 MB",
    {
      source: KINESIS,
      says: "Lambda passes all of the records in the batch to the function in a single call, as long as the total size of the events doesn't exceed the payload limit for synchronous invocation (6 MB).",
      is: { fits: true, anotherWouldNot: true },
    },
    async (scene) => {
      for (let record = 0; record < 9_000; record++) scene.put(`a"é-${"x".repeat(500)}`);
      scene.map({ batchSize: 10_000 });
      await scene.pass(seconds(1));
      const [first = { bytes: 0, texts: [] }] = scene.calls;
      const oneMore = first.bytes / first.texts.length;
      return { fits: first.bytes <= SIX_MEGABYTES, anotherWouldNot: first.bytes + oneMore > SIX_MEGABYTES };
    },
  ),
  streamCase(
    "a batch is of one shard",
    {
      source: KINESIS,
      says: "Each batch contains records from a single shard/data stream.",
      is: { records: 20, shards: 2, mixed: 0 },
    },
    async (scene) => {
      scene.put(...Array.from({ length: 20 }, (_, key) => `k${key}-1`));
      scene.map();
      await scene.pass(seconds(1));
      const shardsOf = scene.events.map(
        (event) => new Set([...event.matchAll(/"eventID":"(shardId-\d+)/g)].map(([, shard]) => shard)).size,
      );
      return {
        records: scene.batches().flat().length,
        shards: new Set(scene.calls.map(({ shardId }) => shardId)).size,
        mixed: shardsOf.filter((count) => count !== 1).length,
      };
    },
    2,
  ),
  streamCase(
    "an event looks as documented",
    {
      source: KINESIS,
      says: "Example Kinesis event",
      is: {
        Records: [
          {
            kinesis: {
              kinesisSchemaVersion: "1.0",
              partitionKey: "a",
              sequenceNumber: "the record's",
              data: "YS0x",
              approximateArrivalTimestamp: 1_700_000_000.25,
            },
            eventSource: "aws:kinesis",
            eventVersion: "1.0",
            eventID: "shardId-000000000000:the record's",
            eventName: "aws:kinesis:record",
            invokeIdentityArn: "arn:aws:iam::000000000000:role/lambda-role",
            awsRegion: "us-east-1",
            eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
          },
        ],
      },
    },
    async (scene) => {
      await scene.pass(seconds(0.25));
      scene.put("a-1");
      scene.map();
      await scene.pass(seconds(1));
      const [, number = ""] = /"sequenceNumber":"(\d+)"/.exec(scene.events[0] ?? "") ?? [];
      return JSON.parse((scene.events[0] ?? "").replaceAll(number, "the record's"));
    },
  ),
  streamCase(
    "records that fit no filter are passed over",
    {
      source: FILTERING,
      says: "Once your filter criteria processes an Kinesis or DynamoDB record, the streams iterator advances past this record.",
      is: { batches: [["b-1"], ["b-2"]], caughtUp: true },
    },
    async (scene) => {
      const source = scene.map({ filter: kinesisFilter(['{"partitionKey":["b"]}']) });
      scene.put(...texts(500), "b-1", "a-x");
      await scene.pass(seconds(1));
      scene.put("a-y", "b-2", "a-z");
      await scene.pass(seconds(1));
      return { batches: scene.batches(), caughtUp: source.caughtUp() };
    },
  ),
  streamCase(
    "a batching window counts only records that fit the filter",
    {
      source: FILTERING,
      says: "If you're using batching windows, Lambda applies your filter criteria to each new event to determine whether to add it to the current batch.",
      is: [{ at: 3, texts: ["b-1", "b-2"] }],
    },
    async (scene) => {
      const filter = kinesisFilter(['{"partitionKey":["b"]}']);
      scene.map({ filter, batchSize: 2, batchingWindow: seconds(60) });
      for (const text of ["a-1", "b-1", "a-2", "b-2", "a-3"]) {
        scene.put(text);
        await scene.pass(seconds(1));
      }
      return scene.calls.map(({ at, texts: taken }) => ({ at, texts: taken }));
    },
  ),
  streamCase(
    "data that is no JSON fits no pattern that looks at data, and every other one",
    {
      source: FILTERING,
      says: "Incoming data format Non-JSON, filter pattern format Valid JSON: Lambda drops the record. No filter pattern for data properties: Lambda filters (on the other metadata properties only).",
      is: [['a-{"city":"Oslo"}', "b-text"]],
    },
    async (scene) => {
      const wanted = ['{"data":{"city":["Oslo"]}}', '{"partitionKey":["b"]}'];
      const filter = kinesisFilter(wanted);
      const put = (PartitionKey: string, text: string) =>
        scene.kinesis.putRecord({ StreamName: STREAM, PartitionKey, Data: new TextEncoder().encode(text) });
      put("a", '{"city":"Oslo"}');
      put("a", "text");
      put("a", '{"city":"Rome"}');
      put("b", "text");
      scene.map({ filter });
      await scene.pass(seconds(1));
      return scene.events.map((event) =>
        JSON.parse(event).Records.map(
          ({ kinesis }: { readonly kinesis: { readonly partitionKey: string; readonly data: string } }) =>
            `${kinesis.partitionKey}-${Buffer.from(kinesis.data, "base64")}`,
        ),
      );
    },
  ),
  streamCase(
    "a pattern for data that is no JSON is refused",
    {
      source: FILTERING,
      says: "Lambda throws an exception at the time of the event source mapping creation or update. The filter pattern for data properties must be in a valid JSON format.",
      is: "InvalidParameterValueException",
    },
    async () => {
      try {
        return kinesisFilter(['{"data":["text"]}']);
      } catch (error) {
        return (error as Error).name;
      }
    },
  ),
];
