import { hours, seconds } from "../../../../shared/time/time.ts";
import { STREAM } from "../../../local/sources/kinesis-fixture.ts";
import type { Case } from "../../harness/case.ts";
import { CREATION, DELETION, KINESIS, RESHARDING, UPDATE } from "../pages.ts";
import { type Scenes, streamCase } from "../scenes.ts";
import type { StreamScene } from "../stream-scene.ts";

const split = (scene: StreamScene): void =>
  scene.kinesis.splitShard({
    StreamName: STREAM,
    ShardToSplit: "shardId-000000000000",
    NewStartingHashKey: (2n ** 127n).toString(),
  });

const LATEST = { startingPosition: { at: "LATEST" } } as const;
const seen = (scene: StreamScene): readonly string[] => scene.batches().flat();

/** Where reading starts, stops and goes on. */
export const positions: readonly Case<Scenes>[] = [
  streamCase(
    "TRIM_HORIZON starts with the oldest record",
    {
      source: KINESIS,
      says: "Trim horizon – Process all records in the stream.",
      is: ["a-1", "a-2", "a-3"],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      scene.map();
      await scene.pass(seconds(1));
      scene.put("a-3");
      await scene.pass(seconds(1));
      return seen(scene);
    },
  ),
  streamCase(
    "TRIM_HORIZON starts with the oldest record that the stream still keeps",
    {
      source: KINESIS,
      says: "Trim horizon – Process all records in the stream.",
      is: ["a-2"],
    },
    async (scene) => {
      scene.put("a-1");
      await scene.pass(hours(23));
      scene.put("a-2");
      await scene.pass(hours(2));
      scene.map();
      await scene.pass(seconds(1));
      return seen(scene);
    },
  ),
  streamCase(
    "LATEST starts with the first record after the mapping",
    {
      source: KINESIS,
      says: "Latest – Process new records that are added to the stream.",
      is: ["a-3"],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      scene.map(LATEST);
      await scene.pass(seconds(1));
      scene.put("a-3");
      await scene.pass(seconds(1));
      return seen(scene);
    },
  ),
  streamCase(
    "AT_TIMESTAMP starts with the first record of that time",
    {
      source: KINESIS,
      says: "At timestamp – Process records starting from a specific time.",
      is: ["a-2", "a-3"],
    },
    async (scene) => {
      scene.put("a-1");
      await scene.pass(seconds(10));
      const timestamp = scene.time.now();
      scene.put("a-2");
      await scene.pass(seconds(10));
      scene.put("a-3");
      scene.map({ startingPosition: { at: "AT_TIMESTAMP", timestamp } });
      await scene.pass(seconds(1));
      return seen(scene);
    },
  ),
  streamCase(
    "a reshard loses nothing: new shards are read from their start, also with LATEST",
    {
      source: RESHARDING,
      says: "After a reshard, data records that were flowing to the parent shards are re-routed to flow to the child shards.",
      is: ["a-1", "a-2", "b-1", "b-2"],
    },
    async (scene) => {
      scene.put("a-0", "b-0");
      scene.map(LATEST);
      await scene.pass(seconds(1));
      scene.put("a-1", "b-1");
      split(scene);
      scene.put("a-2", "b-2");
      await scene.pass(seconds(1));
      return seen(scene).toSorted();
    },
  ),
  streamCase(
    "LATEST skips what the children of an earlier reshard hold",
    {
      source: KINESIS,
      says: "Latest – Process new records that are added to the stream.",
      is: ["a-2", "b-2"],
    },
    async (scene) => {
      scene.put("a-0", "b-0");
      split(scene);
      scene.put("a-1", "b-1");
      scene.map(LATEST);
      await scene.pass(seconds(1));
      scene.put("a-2", "b-2");
      await scene.pass(seconds(1));
      return seen(scene).toSorted();
    },
  ),
  streamCase(
    "a shard's children are read after all of it was taken",
    {
      source: RESHARDING,
      says: "Assuming that the order of the data is important, you should, after a reshard, always continue to read data from the parent shards until it is exhausted.",
      is: ["a-1", "a-2", "a-3"],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      split(scene);
      scene.put("a-3");
      scene.map({ batchSize: 1 });
      await scene.pass(seconds(5));
      return seen(scene);
    },
  ),
  streamCase(
    "a mapping that is switched off goes on where it was",
    {
      source: KINESIS,
      says: "Enabled – Set to true to enable the event source mapping. Set to false to stop processing records. Lambda keeps track of the last record processed and resumes processing from that point when it's reenabled.",
      is: { meanwhile: ["a-1"], after: ["a-1", "a-2", "a-3"] },
    },
    async (scene) => {
      const source = scene.map();
      scene.put("a-1");
      await scene.pass(seconds(1));
      await source.disable();
      scene.put("a-2", "a-3");
      await scene.pass(hours(1));
      const meanwhile = seen(scene);
      source.enable();
      await scene.pass(seconds(1));
      return { meanwhile, after: seen(scene) };
    },
  ),
  streamCase(
    "an invocation that runs when the mapping is switched off finishes and counts",
    {
      source: KINESIS,
      says: "Lambda keeps track of the last record processed and resumes processing from that point when it's reenabled.",
      is: ["a-1", "a-2"],
    },
    async (scene) => {
      scene.put("a-1");
      const source = scene.map({}, async (_, call) => {
        if (call === 1) await scene.time.wait(seconds(10), new AbortController().signal);
        return "take" as const;
      });
      await scene.pass(seconds(5));
      const disabled = source.disable();
      scene.put("a-2");
      await scene.pass(seconds(60));
      await disabled;
      source.enable();
      await scene.pass(seconds(1));
      return seen(scene);
    },
  ),
  streamCase(
    "a mapping whose batch size changes goes on at its checkpoint",
    {
      source: UPDATE,
      says: "Updates an event source mapping. You can change the function that Lambda invokes, or pause invocation and resume later from the same location.",
      is: [["a-1", "a-2", "a-3"], ["a-4"], ["a-5"]],
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-3");
      const source = scene.map({ batchSize: 3 });
      await scene.pass(seconds(1));
      await source.close();
      scene.put("a-4", "a-5");
      scene.map({ ...LATEST, batchSize: 1 }, () => "take", { resumeFrom: source.checkpoint() });
      await scene.pass(seconds(1));
      return scene.batches();
    },
  ),
  streamCase(
    "a mapping that changes in the middle of a failed batch goes on with its first record that was not taken",
    {
      source: UPDATE,
      says: "You can … pause invocation and resume later from the same location.",
      is: { before: ["a-1", "a-2"], after: ["a-2", "a-3"] },
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      const reporting = { reportBatchItemFailures: true };
      const source = scene.map(reporting, (records) => ({
        answers: { batchItemFailures: [{ itemIdentifier: records.at(-1)?.sequenceNumber }] },
      }));
      await scene.pass(seconds(1));
      await source.close();
      const before = scene.batches()[0];
      scene.put("a-3");
      scene.map({}, () => "take", { resumeFrom: source.checkpoint() });
      await scene.pass(seconds(1));
      return { before, after: scene.batches().at(-1) };
    },
  ),
  streamCase(
    "a mapping that is deleted and made again at TRIM_HORIZON gives all records again",
    {
      source: DELETION,
      says: "Deletes an event source mapping. You can get the identifier of a mapping from the output of ListEventSourceMappings.",
      is: ["a-1", "a-2", "a-1", "a-2", "a-3"],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      const source = scene.map();
      await scene.pass(seconds(1));
      await source.close();
      scene.put("a-3");
      scene.map();
      await scene.pass(seconds(1));
      return seen(scene);
    },
  ),
  streamCase(
    "a mapping that is deleted and made again at LATEST misses what came between",
    {
      source: CREATION,
      says: "This behavior means that if you specify LATEST as the starting position for the stream, the event source mapping could miss events during creation or updates.",
      is: ["a-1", "a-3"],
    },
    async (scene) => {
      scene.put("a-1");
      const source = scene.map();
      await scene.pass(seconds(1));
      await source.close();
      scene.put("a-2");
      scene.map(LATEST);
      await scene.pass(seconds(1));
      scene.put("a-3");
      await scene.pass(seconds(1));
      return seen(scene);
    },
  ),
  streamCase(
    "a mapping that is deleted lets its invocation finish, and starts no other",
    {
      source: DELETION,
      says: "When you delete an event source mapping, it enters a Deleting state and might not be completely deleted for several seconds.",
      is: { calls: 1, closedAfter: 10 },
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      const source = scene.map({ batchSize: 1 }, async () => {
        await scene.time.wait(seconds(10), new AbortController().signal);
        return "take" as const;
      });
      await scene.pass(seconds(1));
      let closedAfter = 0;
      const closed = source.close().then(() => {
        closedAfter = scene.time.passed;
      });
      await scene.pass(seconds(60));
      await closed;
      return { calls: scene.calls.length, closedAfter };
    },
  ),
];
