import { minutes } from "../../../../shared/time/time.ts";
import type { Case } from "../../harness/case.ts";
import { ERRORS, REPORTING } from "../pages.ts";
import { type Scenes, streamCase } from "../scenes.ts";
import { reports, type Script, type Verdict } from "../stream-scene.ts";

const REPORTS = { reportBatchItemFailures: true };

/** Answers the first batch with this, and takes all others. */
const first =
  (answers: (sequenceNumbers: readonly string[]) => Verdict): Script =>
  (records, call) =>
    call === 1 ? answers(records.map(({ sequenceNumber }) => sequenceNumber)) : "take";

const SUCCESSES: readonly (readonly [string, unknown])[] = [
  ["an empty batchItemFailures list", { batchItemFailures: [] }],
  ["a null batchItemFailures list", { batchItemFailures: null }],
  ["an empty EventResponse", {}],
  ["a null EventResponse", null],
];

const FAILURES: readonly (readonly [string, unknown])[] = [
  ["an empty string itemIdentifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
  ["a null itemIdentifier", { batchItemFailures: [{ itemIdentifier: null }] }],
  ["an itemIdentifier with a bad key name", { batchItemFailures: [{ itemIdentifer: "1" }] }],
];

/** ReportBatchItemFailures. */
export const reported: readonly Case<Scenes>[] = [
  ...SUCCESSES.map(([what, answers]) =>
    streamCase(
      `${what} is a complete success`,
      {
        source: REPORTING,
        says: `Lambda treats a batch as a complete success if you return any of the following: … ${what}`,
        is: [["a-1", "a-2"]],
      },
      async (scene) => {
        scene.put("a-1", "a-2");
        scene.map(REPORTS, () => ({ answers }));
        await scene.pass(minutes(1));
        return scene.batches();
      },
    ),
  ),
  ...FAILURES.map(([what, answers]) =>
    streamCase(
      `${what} is a complete failure`,
      {
        source: REPORTING,
        says: `Lambda treats a batch as a complete failure if you return any of the following: … ${what}`,
        is: [
          ["a-1", "a-2"],
          ["a-1", "a-2"],
        ],
      },
      async (scene) => {
        scene.put("a-1", "a-2");
        scene.map(
          REPORTS,
          first(() => ({ answers })),
        );
        await scene.pass(minutes(1));
        return scene.batches();
      },
    ),
  ),
  streamCase(
    "the lowest reported sequence number becomes the checkpoint",
    {
      source: REPORTING,
      says: "If the batchItemFailures array contains multiple items, Lambda uses the record with the lowest sequence number as the checkpoint. Lambda then retries all records starting from that checkpoint.",
      is: [
        ["a-1", "a-2", "a-3", "a-4"],
        ["a-2", "a-3", "a-4"],
      ],
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-3", "a-4");
      scene.map(
        REPORTS,
        first((numbers) => reports(numbers[3], numbers[1])),
      );
      await scene.pass(minutes(1));
      return scene.batches();
    },
  ),
  streamCase(
    "a function that throws fails the whole batch, whatever it would report",
    {
      source: REPORTING,
      says: "Lambda treats all other results as a complete failure and retries processing the batch up to the retry limit.",
      is: [
        ["a-1", "a-2"],
        ["a-1", "a-2"],
      ],
    },
    async (scene) => {
      scene.put("a-1", "a-2");
      scene.map(
        REPORTS,
        first(() => "throw"),
      );
      await scene.pass(minutes(1));
      return scene.batches();
    },
  ),
  streamCase(
    "a record that is reported again and again is given up after its retries",
    {
      source: REPORTING,
      says: "Lambda retries failures based on your retry strategy.",
      is: { batches: [["a-1", "a-bad"], ["a-bad"], ["a-bad"], ["a-3"]], discarded: 1 },
    },
    async (scene) => {
      scene.put("a-1", "a-bad");
      const source = scene.map({ ...REPORTS, maximumRetryAttempts: 2 }, (records) => {
        const bad = records.find(({ text }) => text === "a-bad");
        return bad === undefined ? "take" : reports(bad.sequenceNumber);
      });
      await scene.pass(minutes(1));
      scene.put("a-3");
      await scene.pass(minutes(1));
      return { batches: scene.batches(), discarded: source.stats().discarded };
    },
  ),
  streamCase(
    "with BisectBatchOnFunctionError a partial success is cut at the reported record",
    {
      source: REPORTING,
      says: "When a partial batch success response is received and both BisectBatchOnFunctionError and ReportBatchItemFailures are turned on, the batch is bisected at the returned sequence number and Lambda retries only the remaining records.",
      is: [
        ["a-1", "a-2", "a-3", "a-4"],
        ["a-3", "a-4"],
      ],
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-3", "a-4");
      scene.map(
        { ...REPORTS, bisectOnError: true },
        first((numbers) => reports(numbers[2])),
      );
      await scene.pass(minutes(1));
      return scene.batches();
    },
  ),
  streamCase(
    "with BisectBatchOnFunctionError an invocation that fails is halved all the same",
    {
      source: REPORTING,
      says: "If your invocation fails and BisectBatchOnFunctionError is turned on, the batch is bisected regardless of your ReportBatchItemFailures setting.",
      is: [
        ["a-1", "a-2", "a-3", "a-4"],
        ["a-1", "a-2"],
        ["a-3", "a-4"],
      ],
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-3", "a-4");
      scene.map(
        { ...REPORTS, bisectOnError: true },
        first(() => "throw"),
      );
      await scene.pass(minutes(1));
      return scene.batches();
    },
  ),
  streamCase(
    "a partial success spends no retry with BisectBatchOnFunctionError",
    {
      source: ERRORS,
      says: "Splitting batches doesn't consume the retry quota.",
      is: { delivered: 4, discarded: 0 },
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-3", "a-4");
      const mapping = { ...REPORTS, bisectOnError: true, maximumRetryAttempts: 0 };
      const source = scene.map(mapping, (records) =>
        records.length > 1 ? reports(records[1]?.sequenceNumber) : "take",
      );
      await scene.pass(minutes(1));
      const { delivered, discarded } = source.stats();
      return { delivered, discarded };
    },
  ),
];
