import { type Clock, isoOf } from "../../shared/time/clock.ts";
import { recordName } from "../lambda/destinations.ts";
import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";
import type { S3Model } from "../models/s3/s3-model.ts";
import type { SnsModel } from "../models/sns/sns-model.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import type { InvokeOutcome } from "./event-source.ts";
import { type EventOrigin, kinesisEventFormat } from "./kinesis-event.ts";
import type { KinesisMapping } from "./kinesis-mapping.ts";
import type { Batch } from "./retry-plan.ts";

/** A batch that the mapping gave up. */
export type DiscardedBatch = {
  readonly batch: Batch<StoredRecord>;
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  readonly origin: EventOrigin;
  readonly mapping: KinesisMapping;
  /** The last invocation's; undefined where there was none. */
  readonly outcome: InvokeOutcome | undefined;
};

/** Keeps what is left of a discarded batch. */
export type OnFailure = (discarded: DiscardedBatch) => void;

/** Sends the metadata, without the records, to a queue. */
export const toQueue =
  (sqs: Pick<SqsModel, "sendMessage">, queueUrl: string, clock: Clock): OnFailure =>
  (discarded) => {
    sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: JSON.stringify(metadataOf(discarded, clock)) });
  };

/** Publishes the metadata, without the records, to a topic. */
export const toTopic =
  (sns: Pick<SnsModel, "publish">, topicArn: string, clock: Clock): OnFailure =>
  (discarded) => {
    sns.publish(topicArn, JSON.stringify(metadataOf(discarded, clock)));
  };

/** Puts the metadata and the whole event, as a string in `payload`, into a bucket. */
export const toBucket =
  (s3: Pick<S3Model, "putObject">, bucket: string, clock: Clock): OnFailure =>
  (discarded) => {
    const { mapping, origin, batch } = discarded;
    const payload = new TextDecoder().decode(kinesisEventFormat(origin).encode(batch.records));
    s3.putObject({
      Bucket: bucket,
      Key: `aws/lambda/${mapping.uuid}/${origin.shardId}/${recordName(clock)}`,
      ContentType: "application/json",
      Body: new TextEncoder().encode(JSON.stringify({ ...metadataOf(discarded, clock), payload })),
    });
  };

/** The invocation record (https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html). */
function metadataOf({ batch, condition, origin, mapping, outcome }: DiscardedBatch, clock: Clock): object {
  const [first, last] = [batch.records[0], batch.records.at(-1)];
  return {
    requestContext: {
      requestId: outcome?.requestId ?? crypto.randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: batch.invocations,
    },
    ...(outcome && {
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        ...(outcome.functionError !== undefined && { functionError: outcome.functionError }),
      },
    }),
    version: "1.0",
    timestamp: isoOf(clock.now()),
    KinesisBatchInfo: {
      shardId: origin.shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: first && isoOf(first.ApproximateArrivalTimestamp),
      approximateArrivalOfLastRecord: last && isoOf(last.ApproximateArrivalTimestamp),
      batchSize: batch.records.length,
      streamArn: mapping.streamArn,
    },
  };
}
