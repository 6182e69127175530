import { minutes, seconds } from "../../../../shared/time/time.ts";
import { MAPPING } from "../../../local/sources/kinesis-fixture.ts";
import type { Case } from "../../harness/case.ts";
import { ERRORS } from "../pages.ts";
import { type Scenes, streamCase } from "../scenes.ts";
import { reports, type StreamScene } from "../stream-scene.ts";

type Metadata = {
  readonly requestContext: { readonly requestId: string; readonly [name: string]: unknown };
  readonly KinesisBatchInfo: {
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly batchSize: number;
  };
};

const sequenceNumbers = (scene: StreamScene): readonly string[] =>
  scene.kinesis
    .read("flights", "shardId-000000000000", undefined, 100, 1_000_000)
    .records.map(({ SequenceNumber }) => SequenceNumber);

/** The metadata, with the names of records for their sequence numbers. */
function named(metadata: unknown, numbers: readonly string[]): unknown {
  const text = numbers.reduce(
    (named, number, index) => named.replaceAll(number, `record ${index + 1}`),
    JSON.stringify(metadata),
  );
  const parsed = JSON.parse(text) as Metadata;
  return { ...parsed, requestContext: { ...parsed.requestContext, requestId: "the last invocation's" } };
}

const expected = (condition: string, approximateInvokeCount: number, timestamp: string) => ({
  requestContext: {
    requestId: "the last invocation's",
    functionArn: MAPPING.functionArn,
    condition,
    approximateInvokeCount,
  },
  responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
  version: "1.0",
  timestamp,
  KinesisBatchInfo: {
    shardId: "shardId-000000000000",
    startSequenceNumber: "record 1",
    endSequenceNumber: "record 2",
    approximateArrivalOfFirstRecord: "2023-11-14T22:13:20.000Z",
    approximateArrivalOfLastRecord: "2023-11-14T22:13:21.000Z",
    batchSize: 2,
    streamArn: MAPPING.streamArn,
  },
});

async function putTwo(scene: StreamScene): Promise<void> {
  scene.put("a-1");
  await scene.pass(seconds(1));
  scene.put("a-2");
}

/** What is left of records that were given up. */
export const destinations: readonly Case<Scenes>[] = [
  streamCase(
    "a queue gets the metadata of a batch that was given up, without its records",
    {
      source: ERRORS,
      says: "Each record sent to the destination is a JSON document with metadata about the failed invocation. You can use this information to retrieve the affected records from the stream for troubleshooting. The actual records aren't included.",
      is: [expected("RetryAttemptsExhausted", 2, "2023-11-14T22:13:21.020Z")],
    },
    async (scene) => {
      await putTwo(scene);
      scene.map({ maximumRetryAttempts: 1 }, () => "throw", { onFailure: "queue" });
      await scene.pass(minutes(1));
      return scene.queued().map((record) => named(record, sequenceNumbers(scene)));
    },
  ),
  streamCase(
    "a topic gets the metadata, as a queue does",
    {
      source: ERRORS,
      says: "You can configure any Amazon SNS topic or Amazon SQS queue as a destination.",
      is: [expected("RetryAttemptsExhausted", 2, "2023-11-14T22:13:21.020Z")],
    },
    async (scene) => {
      await putTwo(scene);
      scene.map({ maximumRetryAttempts: 1 }, () => "throw", { onFailure: "topic" });
      await scene.pass(minutes(1));
      return scene.published().map((record) => named(record, sequenceNumbers(scene)));
    },
  ),
  streamCase(
    "a bucket gets the metadata and the whole event as text, under the documented key",
    {
      source: ERRORS,
      says: "For Amazon S3 destinations, Lambda sends the entire invocation record along with the metadata. The S3 object is named aws/lambda/<ESM-UUID>/<shardID>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>.",
      is: {
        key: `aws/lambda/${MAPPING.uuid}/shardId-000000000000/2023/11/14/2023-11-14T22.13.21-<uuid>`,
        metadata: expected("RetryAttemptsExhausted", 2, "2023-11-14T22:13:21.020Z"),
        payload: true,
      },
    },
    async (scene) => {
      await putTwo(scene);
      scene.map({ maximumRetryAttempts: 1 }, () => "throw", { onFailure: "bucket" });
      await scene.pass(minutes(1));
      const [object] = scene.stored();
      const { payload, ...metadata } = object?.content ?? {};
      return {
        key: object?.key.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "<uuid>"),
        metadata: named(metadata, sequenceNumbers(scene)),
        payload: payload === scene.events.at(-1),
      };
    },
  ),
  streamCase(
    "records that were too old are reported as such, without an answer where none was asked for",
    {
      source: ERRORS,
      says: "If the error handling measures fail, Lambda discards the records and continues processing batches from the stream.",
      is: [{ condition: "RecordAgeExceeded", approximateInvokeCount: 0, batchSize: 2, answered: false }],
    },
    async (scene) => {
      await putTwo(scene);
      await scene.pass(minutes(2));
      scene.map({ maximumRecordAge: seconds(60) }, () => "take", { onFailure: "queue" });
      await scene.pass(seconds(1));
      return (scene.queued() as Metadata[]).map((record) => ({
        condition: record.requestContext["condition"],
        approximateInvokeCount: record.requestContext["approximateInvokeCount"],
        batchSize: record.KinesisBatchInfo.batchSize,
        answered: "responseContext" in record,
      }));
    },
  ),
  streamCase(
    "the metadata is of the records that are left, not of the batch that they were read in",
    {
      source: ERRORS,
      says: "KinesisBatchInfo: startSequenceNumber, endSequenceNumber, batchSize of the failed batch",
      is: [{ startSequenceNumber: "record 3", endSequenceNumber: "record 3", batchSize: 1 }],
    },
    async (scene) => {
      scene.put("a-1", "a-2", "a-bad", "a-4");
      const mapping = { maximumRetryAttempts: 0, bisectOnError: true, reportBatchItemFailures: true };
      const script = (records: readonly { readonly text: string; readonly sequenceNumber: string }[]) => {
        const bad = records.find(({ text }) => text === "a-bad");
        return bad === undefined ? ("take" as const) : reports(bad.sequenceNumber);
      };
      scene.map(mapping, script, { onFailure: "queue" });
      await scene.pass(minutes(1));
      const numbers = sequenceNumbers(scene);
      return scene.queued().map((record) => {
        const { startSequenceNumber, endSequenceNumber, batchSize } = (named(record, numbers) as Metadata)
          .KinesisBatchInfo;
        return { startSequenceNumber, endSequenceNumber, batchSize };
      });
    },
  ),
  streamCase(
    "what was taken goes to no destination",
    {
      source: ERRORS,
      says: "To retain records of failed event source mapping invocations, add a destination to your function's event source mapping.",
      is: [],
    },
    async (scene) => {
      scene.put("a-1");
      const script = (_: unknown, call: number) => (call === 1 ? ("throw" as const) : ("take" as const));
      scene.map({ maximumRetryAttempts: 1 }, script, { onFailure: "queue" });
      await scene.pass(minutes(1));
      return scene.queued();
    },
  ),
];
