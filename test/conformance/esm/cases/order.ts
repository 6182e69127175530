import { seconds } from "../../../../shared/time/time.ts";
import type { Case } from "../../harness/case.ts";
import { CREATION, KINESIS, MAPPINGS } from "../pages.ts";
import { type Scenes, streamCase } from "../scenes.ts";
import type { Script } from "../stream-scene.ts";

const FOREVER = new AbortController().signal;

/** What waits for what, and what runs beside it. */
export const order: readonly Case<Scenes>[] = [
  streamCase(
    "a shard's next batch waits for the one that runs",
    {
      source: KINESIS,
      says: "It processes one batch of records at a time from each shard.",
      is: [0, 5, 10],
    },
    async (scene) => {
      scene.put("a-1", "b-1", "c-1");
      scene.map({ batchSize: 1 }, async () => {
        await scene.time.wait(seconds(5), FOREVER);
        return "take" as const;
      });
      await scene.pass(seconds(20));
      return scene.calls.map(({ at }) => at);
    },
  ),
  streamCase(
    "a shard that fails waits, another one goes on",
    {
      source: MAPPINGS,
      says: "To ensure in-order processing, the event source mapping pauses processing for the affected shard until the error is resolved.",
      is: { ofTheStuckShard: 1, allOfTheOther: true },
    },
    async (scene) => {
      scene.put(...Array.from({ length: 20 }, (_, key) => `k${key}-1`));
      const stuck = "shardId-000000000000";
      const fails: Script = (records) => (records[0]?.shardId === stuck ? "throw" : "take");
      const source = scene.map({ batchSize: 1 }, fails);
      await scene.pass(seconds(10));
      const { records } = scene.kinesis.read("flights", "shardId-000000000001", undefined, 100, 1_000_000);
      const ofStuck = scene.calls.filter(({ shardId }) => shardId === stuck).flatMap(({ texts }) => texts);
      return {
        ofTheStuckShard: new Set(ofStuck).size,
        allOfTheOther: records.length > 0 && source.stats().delivered === records.length,
      };
    },
    2,
  ),
  streamCase(
    "ParallelizationFactor gives batches of one shard at once",
    {
      source: KINESIS,
      says: "You can specify the number of concurrent batches that Lambda polls from a shard via a parallelization factor from 1 (default) to 10.",
      is: { calls: 40, most: 10 },
    },
    async (scene) => {
      let [running, most] = [0, 0];
      scene.put(...Array.from({ length: 40 }, (_, key) => `key${key}-1`));
      scene.map({ batchSize: 1, parallelizationFactor: 10 }, async () => {
        running += 1;
        most = Math.max(most, running);
        await scene.time.wait(seconds(1), FOREVER);
        running -= 1;
        return "take" as const;
      });
      await scene.pass(seconds(60));
      return { calls: scene.calls.length, most };
    },
  ),
  streamCase(
    "with a ParallelizationFactor, a partition key stays in order while another one is stuck",
    {
      source: MAPPINGS,
      says: "If you process multiple batches in parallel, in-order processing is still guaranteed for each partition key, but the event source mapping simultaneously processes multiple partition keys in the same shard.",
      is: { stuck: ["a-1"], others: ["b-1", "b-2", "b-3"] },
    },
    async (scene) => {
      scene.put("a-1", "b-1", "a-2", "b-2", "a-3", "b-3");
      scene.map({ batchSize: 1, parallelizationFactor: 2 }, (records) =>
        records[0]?.key === "a" ? "throw" : "take",
      );
      await scene.pass(seconds(30));
      const seen = (key: string) => [
        ...new Set(
          scene
            .batches()
            .flat()
            .filter((text) => text.startsWith(key)),
        ),
      ];
      return { stuck: seen("a"), others: seen("b") };
    },
  ),
  streamCase(
    "with a ParallelizationFactor, what comes again comes before what is newer of its key",
    {
      source: KINESIS,
      says: "If you increase the number of concurrent batches per shard, Lambda still ensures in-order processing at the partition-key level.",
      is: ["a-1", "a-1", "a-2", "a-3", "a-3", "a-4"],
    },
    async (scene) => {
      const failed = new Set<string>();
      scene.put("a-1", "a-2", "a-3", "a-4");
      scene.map({ batchSize: 1, parallelizationFactor: 10 }, (records) => {
        const text = records[0]?.text ?? "";
        if (failed.has(text) || text === "a-2" || text === "a-4") return "take";
        failed.add(text);
        return "throw";
      });
      await scene.pass(seconds(30));
      return scene.batches().flat();
    },
  ),
  streamCase(
    "what comes while the function runs makes up the next batch",
    {
      source: KINESIS,
      says: "When more records are available, Lambda keeps processing batches until the function catches up with the stream.",
      is: [["a-1"], ["a-2", "a-3", "a-4"]],
    },
    async (scene) => {
      scene.put("a-1");
      scene.map({}, (_, call) => {
        if (call === 1) scene.put("a-2", "a-3", "a-4");
        return "take";
      });
      await scene.pass(seconds(5));
      return scene.batches();
    },
  ),
  streamCase(
    "two mappings of one stream each get all records",
    {
      source: CREATION,
      says: "You can create multiple event source mappings to process the same data with multiple Lambda functions, or to process items from multiple data streams with a single function.",
      is: ["a-1", "a-1", "a-2", "a-2"],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      scene.map({ uuid: "one" });
      scene.map({ uuid: "two" });
      await scene.pass(seconds(1));
      return scene.batches().flat().toSorted();
    },
  ),
];
