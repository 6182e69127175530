import { hours, minutes, seconds } from "../../../../shared/time/time.ts";
import type { Case } from "../../harness/case.ts";
import { ERRORS, KINESIS, MAPPINGS, PARAMETERS } from "../pages.ts";
import { type Scenes, streamCase } from "../scenes.ts";
import type { Script } from "../stream-scene.ts";

/** Takes every batch but those with the poison record. */
const poisoned: Script = (records) => (records.some(({ text }) => text === "a-poison") ? "throw" : "take");

const countOf = (batches: readonly (readonly string[])[], ...texts: readonly string[]): number =>
  batches.filter((batch) => batch.join() === texts.join()).length;

/** What becomes of a batch that the function does not take. */
export const errors: readonly Case<Scenes>[] = [
  streamCase(
    "a failed batch comes again as a whole until it is taken",
    {
      source: MAPPINGS,
      says: "By default, if your function returns an error, the event source mapping reprocesses the entire batch until the function succeeds, or the items in the batch expire.",
      is: [...Array.from({ length: 20 }, () => ["a-1", "a-2"]), ["a-3"]],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      scene.map({}, (_, call) => {
        if (call === 1) scene.put("a-3");
        return call < 20 ? "throw" : "take";
      });
      await scene.pass(minutes(5));
      return scene.batches();
    },
  ),
  streamCase(
    "without a limit of retries a batch comes until its records leave the stream",
    {
      source: ERRORS,
      says: "If the function is invoked but returns an error, Lambda retries until the records expire, exceed the maximum age, or reach the configured retry quota.",
      is: { discarded: 1, next: ["a-young"], notBefore: true },
    },
    async (scene) => {
      scene.put("a-old");
      await scene.pass(hours(23.99));
      const source = scene.map({}, (records) => (records[0]?.text === "a-old" ? "throw" : "take"));
      await scene.pass(seconds(10));
      scene.put("a-young");
      const before = source.stats().discarded;
      await scene.pass(minutes(1));
      return { discarded: source.stats().discarded, next: scene.batches().at(-1), notBefore: before === 0 };
    },
  ),
  ...[0, 2, 5].map((maximumRetryAttempts) =>
    streamCase(
      `MaximumRetryAttempts ${maximumRetryAttempts} gives up after so many retries and goes on`,
      {
        source: PARAMETERS,
        says: "MaximumRetryAttempts: -1 means infinite: failed records are retried until the record expires. Minimum: -1, maximum: 10,000",
        is: { attempts: maximumRetryAttempts + 1, next: ["a-next"], discarded: 1 },
      },
      async (scene) => {
        scene.put("a-poison", "a-next");
        const source = scene.map({ maximumRetryAttempts, batchSize: 1 }, poisoned);
        await scene.pass(minutes(5));
        const attempts = countOf(scene.batches(), "a-poison");
        return { attempts, next: scene.batches().at(-1), discarded: source.stats().discarded };
      },
    ),
  ),
  streamCase(
    "a throttle spends no retry",
    {
      source: KINESIS,
      says: "Retry attempts – The maximum number of times that Lambda retries when the function returns an error. This doesn't apply to service errors or throttles where the batch didn't reach the function.",
      is: { delivered: 1, discarded: 0 },
    },
    async (scene) => {
      scene.put("a-1");
      const source = scene.map({ maximumRetryAttempts: 0 }, (_, call) => (call <= 30 ? "throttle" : "take"));
      await scene.pass(minutes(5));
      const { delivered, discarded } = source.stats();
      return { delivered, discarded };
    },
  ),
  streamCase(
    "a throttled batch is tried again until it is too old",
    {
      source: ERRORS,
      says: "Before invocation: If a Lambda event source mapping is unable to invoke the function due to throttling or other issues, it retries until the records expire or exceed the maximum age configured on the event source mapping.",
      is: { discarded: 1, lastTryBefore: true, condition: "RecordAgeExceeded" },
    },
    async (scene) => {
      scene.put("a-1");
      const mapping = { maximumRecordAge: seconds(60), maximumRetryAttempts: 0 };
      const source = scene.map(mapping, () => "throttle", { onFailure: "queue" });
      await scene.pass(minutes(2));
      const [record] = scene.queued() as { readonly requestContext: { readonly condition: string } }[];
      return {
        discarded: source.stats().discarded,
        lastTryBefore: (scene.calls.at(-1)?.at ?? 0) <= 60,
        condition: record?.requestContext.condition,
      };
    },
  ),
  streamCase(
    "records older than MaximumRecordAge are not given at all",
    {
      source: KINESIS,
      says: "Maximum age of record – The maximum age of a record that Lambda sends to your function.",
      is: { batches: [["a-young"]], discarded: 2 },
    },
    async (scene) => {
      scene.put("a-old", "a-older");
      await scene.pass(seconds(61));
      scene.put("a-young");
      const source = scene.map({ maximumRecordAge: seconds(60) });
      await scene.pass(seconds(1));
      return { batches: scene.batches(), discarded: source.stats().discarded };
    },
  ),
  streamCase(
    "without MaximumRecordAge a record is given however old it is",
    {
      source: PARAMETERS,
      says: "MaximumRecordAgeInSeconds: -1 means infinite: Lambda doesn't discard records (Kinesis Data Streams data retention settings still apply)",
      is: [["a-old"]],
    },
    async (scene) => {
      scene.put("a-old");
      await scene.pass(hours(23));
      scene.map();
      await scene.pass(seconds(1));
      return scene.batches();
    },
  ),
  streamCase(
    "a batch that grows too old while it is retried is given up, younger records are not",
    {
      source: ERRORS,
      says: "Lambda retries until the records expire, exceed the maximum age (MaximumRecordAgeInSeconds), or reach the configured retry quota (MaximumRetryAttempts).",
      is: { last: ["a-young"], discarded: 1 },
    },
    async (scene) => {
      scene.put("a-old");
      await scene.pass(seconds(50));
      scene.put("a-young");
      const source = scene.map({ maximumRecordAge: seconds(60) }, (records) =>
        records.some(({ text }) => text === "a-old") ? "throw" : "take",
      );
      await scene.pass(seconds(30));
      return { last: scene.batches().at(-1), discarded: source.stats().discarded };
    },
  ),
  streamCase(
    "BisectBatchOnFunctionError halves a failed batch until the bad record is alone",
    {
      source: ERRORS,
      says: "BisectBatchOnFunctionError splits a failed batch into two smaller batches, isolating bad records and avoiding timeouts.",
      is: [["a-1", "a-2", "a-poison", "a-4"], ["a-1", "a-2"], ["a-poison", "a-4"], ["a-poison"], ["a-4"]],
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-poison", "a-4");
      scene.map({ bisectOnError: true, maximumRetryAttempts: 0 }, poisoned);
      await scene.pass(minutes(1));
      return scene.batches();
    },
  ),
  streamCase(
    "splitting spends no retry: the bad record alone has all of them",
    {
      source: ERRORS,
      says: "Splitting batches doesn't consume the retry quota.",
      is: { alone: 4, discarded: 1, delivered: 7 },
    },
    async (scene) => {
      scene.put(...Array.from({ length: 7 }, (_, index) => `a-${index}`), "a-poison");
      const source = scene.map({ bisectOnError: true, maximumRetryAttempts: 3 }, poisoned);
      await scene.pass(minutes(1));
      const { discarded, delivered } = source.stats();
      return { alone: countOf(scene.batches(), "a-poison"), discarded, delivered };
    },
  ),
  streamCase(
    "after a split, later batches have their full size again",
    {
      source: KINESIS,
      says: "Split batch on error – When the function returns an error, split the batch into two before retrying. Your original batch size setting remains unchanged.",
      is: ["b-1", "b-2", "b-3", "b-4"],
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-poison", "a-4", "b-1", "b-2", "b-3", "b-4");
      scene.map({ bisectOnError: true, maximumRetryAttempts: 0, batchSize: 4 }, poisoned);
      await scene.pass(minutes(1));
      return scene.batches().at(-1);
    },
  ),
  streamCase(
    "without BisectBatchOnFunctionError a batch is given up as a whole",
    {
      source: ERRORS,
      says: "If the error handling measures fail, Lambda discards the records and continues processing batches from the stream.",
      is: { batches: 3, discarded: 4, next: 1 },
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-poison", "a-4", "a-next");
      const source = scene.map({ maximumRetryAttempts: 2, batchSize: 4 }, poisoned);
      await scene.pass(minutes(1));
      return {
        batches: countOf(scene.batches(), "a-1", "a-2", "a-poison", "a-4"),
        discarded: source.stats().discarded,
        next: countOf(scene.batches(), "a-next"),
      };
    },
  ),
  streamCase(
    "the function's answer does not count where it may not report failures",
    {
      source: KINESIS,
      says: "By default, Lambda checkpoints to the highest sequence number of a batch only when the batch is a complete success.",
      is: [["a-1", "a-2"]],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      scene.map({}, (records) => ({
        answers: { batchItemFailures: [{ itemIdentifier: records[0]?.sequenceNumber }] },
      }));
      await scene.pass(minutes(1));
      return scene.batches();
    },
  ),
];
