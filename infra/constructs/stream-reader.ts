import { type Duration, Names } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { BundledFunction } from "./bundled-function.ts";

export type StreamReaderProps = {
  readonly reader: BundledFunction;
  readonly stream: kinesis.Stream;
  /** Gets the shard and the sequence numbers of records that Lambda gave up. */
  readonly abandoned: sqs.Queue;
  /** 0 to 300 s: how long to gather a batch. */
  readonly batchingWindow: Duration;
  /** Lambdas per shard, 1 to 10; a partition stays in order, because its name is the partition key. @default 1 */
  readonly parallelism?: number | undefined;
  /** Whether it has a connection and 2 MB/s of its own; else all readers of a shard share five reads a second. */
  readonly fanOut?: boolean;
  /** The mapping is made anew with each, and reads the stream from its beginning. @default 0 */
  readonly epoch?: number;
};

/**
 * Lambda's own limit. Its other limit, 6 MB a batch, is reached first by packed records; with single events a
 * larger batch makes fewer commits.
 */
const BATCH_SIZE = 10_000;

/**
 * Lets Lambda read a stream into a stage. Nothing is keyed on where a batch starts or ends, and the position that
 * counts is in the commit log: the mapping may be deleted and made again from the start of the stream.
 *
 * - It retries for ever and drops nothing for its age. A stage commits records that it cannot decode or fold as
 *   failed events, so that what fails a whole batch is a service that is down, or a user's `halt`: skipping it
 *   would be a loss. The iterator-age alarm calls somebody before the stream forgets.
 * - It halves a failed batch: one that ran out of time or memory gets through in parts, and a `halt` stops at its
 *   record instead of at its batch.
 */
export class StreamReader extends Construct {
  constructor(scope: Construct, id: string, props: StreamReaderProps) {
    super(scope, id);
    const { reader, stream, abandoned, batchingWindow, parallelism = 1, fanOut = false, epoch = 0 } = props;
    if (!Number.isInteger(parallelism) || parallelism < 1 || parallelism > 10)
      throw new MillraceError(
        "PLAN_OPTION",
        `stage "${reader.node.id}": parallelism must be 1 to 10, not ${parallelism}`,
        { next: "refused" },
      );
    allow(reader, stream.streamArn, "kinesis", [
      "DescribeStream",
      "DescribeStreamSummary",
      "GetRecords",
      "GetShardIterator",
      "ListShards",
    ]);
    // not grantSendMessages: Lambda neither looks the queue up nor asks for its attributes
    allow(reader, abandoned.queueArn, "sqs", ["SendMessage"]);
    const consumer = fanOut ? this.#consumer(stream) : undefined;
    if (consumer !== undefined)
      allow(reader, consumer.streamConsumerArn, "kinesis", ["DescribeStreamConsumer", "SubscribeToShard"]);
    new lambda.CfnEventSourceMapping(this, epoch > 0 ? `Mapping${epoch}` : "Mapping", {
      functionName: reader.function.functionName,
      eventSourceArn: consumer?.streamConsumerArn ?? stream.streamArn,
      // LATEST can miss records while a mapping is made or changed
      startingPosition: "TRIM_HORIZON",
      batchSize: BATCH_SIZE,
      maximumBatchingWindowInSeconds: batchingWindow.toSeconds(),
      parallelizationFactor: parallelism,
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: -1,
      maximumRecordAgeInSeconds: -1,
      destinationConfig: { onFailure: { destination: abandoned.queueArn } },
    });
  }

  #consumer(stream: kinesis.Stream): kinesis.StreamConsumer {
    const streamConsumerName = Names.uniqueResourceName(this, { maxLength: 128 });
    return new kinesis.StreamConsumer(this, "Consumer", { stream, streamConsumerName });
  }
}

const allow = (
  { role }: BundledFunction,
  arn: string,
  service: "kinesis" | "sqs",
  calls: readonly string[],
): iam.Grant =>
  iam.Grant.addToPrincipal({
    grantee: role,
    actions: calls.map((call) => `${service}:${call}`),
    resourceArns: [arn],
  });
