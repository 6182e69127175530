import { createHash } from "node:crypto";
import { epochMs, milliseconds, seconds } from "../../../shared/time/time.ts";
import { nameInArn } from "../../models/arn.ts";
import { closeSource } from "../../sources/close-source.ts";
import { type OnFailure, toBucket, toQueue } from "../../sources/discarded-batch.ts";
import type { EventSource, Invoke } from "../../sources/event-source.ts";
import type { KinesisCheckpoint } from "../../sources/kinesis-checkpoint.ts";
import type { StartingPosition } from "../../sources/kinesis-mapping.ts";
import { KinesisSource } from "../../sources/kinesis-source.ts";
import { SqsSource } from "../../sources/sqs-source.ts";
import type { Properties } from "../properties.ts";
import type { Request, Resource, ResourceKind, Services } from "../resource-kind.ts";
import { streamOfConsumer } from "./stream-consumer.ts";

/** AWS::Lambda::EventSourceMapping of a Kinesis stream, one of its consumers, or an SQS queue. */
export const eventSourceMapping: ResourceKind = (request) => {
  const source = sourceOf(request, undefined);
  request.services.sources.push(source);
  return { ref: source.id, attributes: { Id: source.id } };
};

/**
 * Changes a mapping. Its running invocations finish first; a stream's goes on at its checkpoint, whatever its
 * starting position says, as on AWS. One that is to start anew is removed and made again.
 */
export async function updateEventSourceMapping(request: Request): Promise<Resource> {
  const { sources } = request.services;
  const old = await closeSource(sources, uuidOf(request));
  const source = sourceOf(request, old instanceof KinesisSource ? old.checkpoint() : undefined);
  sources.push(source);
  return { ref: source.id, attributes: { Id: source.id } };
}

/** Ends a mapping, by what its Ref yields; its checkpoint goes with it. */
export async function removeEventSourceMapping({ sources }: Services, ref: string): Promise<void> {
  await closeSource(sources, ref);
}

function sourceOf(request: Request, resumeFrom: KinesisCheckpoint | undefined): EventSource {
  const { properties, services } = request;
  for (const name of ["FilterCriteria", "TumblingWindowInSeconds"])
    if (properties.has(name)) properties.unsupported(name, "is not modelled locally");
  const { arn: functionArn } = services.lambda.configOf(properties.text("FunctionName"));
  const invoke: Invoke = (payload) => services.lambda.invoke(functionArn, payload);
  const sourceArn = properties.text("EventSourceArn");
  const parts: Parts = { uuid: uuidOf(request), functionArn, sourceArn, invoke };
  const service = sourceArn.split(":")[2];
  const source: EventSource =
    service === "kinesis"
      ? kinesisSource(request, parts, resumeFrom)
      : service === "sqs"
        ? sqsSource(request, parts)
        : properties.unsupported(
            "EventSourceArn",
            `is of ${service}; only Kinesis and SQS are followed locally`,
          );
  if (!properties.flag("Enabled", true)) void source.disable();
  return source;
}

type Parts = {
  readonly uuid: string;
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly invoke: Invoke;
};

function kinesisSource(
  { properties, services }: Request,
  parts: Parts,
  resumeFrom: KinesisCheckpoint | undefined,
): KinesisSource {
  const age = properties.number("MaximumRecordAgeInSeconds", -1);
  return new KinesisSource({
    kinesis: services.kinesis,
    clock: services.clock,
    invoke: parts.invoke,
    resumeFrom,
    onFailure: onFailureOf(properties, services),
    mapping: {
      uuid: parts.uuid,
      streamArn: streamOfConsumer(parts.sourceArn),
      functionArn: parts.functionArn,
      startingPosition: startingPosition(properties),
      batchSize: Math.min(services.batches.records, properties.number("BatchSize", 100)),
      batchingWindow: milliseconds(
        Math.min(services.batches.window, seconds(properties.number("MaximumBatchingWindowInSeconds", 0))),
      ),
      parallelizationFactor: properties.number("ParallelizationFactor", 1),
      maximumRetryAttempts: properties.number("MaximumRetryAttempts", -1),
      maximumRecordAge: age < 0 ? undefined : seconds(age),
      bisectOnError: properties.flag("BisectBatchOnFunctionError"),
      reportBatchItemFailures: reportsFailures(properties),
      childrenWaitForParents: services.childrenWaitForParents,
    },
  });
}

function sqsSource({ properties, services }: Request, parts: Parts): SqsSource {
  return new SqsSource({
    sqs: services.sqs,
    invoke: parts.invoke,
    mapping: {
      uuid: parts.uuid,
      queueArn: parts.sourceArn,
      queueUrl: services.sqs.getQueueUrl({ QueueName: nameInArn(parts.sourceArn) }).QueueUrl,
      functionArn: parts.functionArn,
      batchSize: properties.number("BatchSize", 10),
      batchingWindow: seconds(properties.number("MaximumBatchingWindowInSeconds", 0)),
      reportBatchItemFailures: reportsFailures(properties),
      maximumConcurrency: properties.object("ScalingConfig").number("MaximumConcurrency", 2),
    },
  });
}

const reportsFailures = (properties: Properties): boolean =>
  properties.list("FunctionResponseTypes").includes("ReportBatchItemFailures");

function startingPosition(properties: Properties): StartingPosition {
  const at = properties.text("StartingPosition");
  if (at === "TRIM_HORIZON" || at === "LATEST") return { at };
  if (at !== "AT_TIMESTAMP") return properties.unsupported("StartingPosition", `is ${at}`);
  return { at, timestamp: epochMs(milliseconds(properties.number("StartingPositionTimestamp", 0) * 1_000)) };
}

function onFailureOf(properties: Properties, { sqs, s3, clock }: Services): OnFailure | undefined {
  const onFailure = properties.object("DestinationConfig").object("OnFailure");
  const arn = onFailure.optionalText("Destination");
  if (arn === undefined) return undefined;
  const name = nameInArn(arn);
  if (arn.startsWith("arn:aws:s3:")) {
    s3.headBucket({ Bucket: name });
    return toBucket(s3, name, clock);
  }
  if (arn.startsWith("arn:aws:sqs:"))
    return toQueue(sqs, sqs.getQueueUrl({ QueueName: name }).QueueUrl, clock);
  return onFailure.unsupported("Destination", `is ${arn}; only SQS and S3 are modelled locally`);
}

/** The same for the same resource each time, so that object keys can be compared between runs. */
function uuidOf({ stack, logicalId }: Request): string {
  const hex = createHash("sha256").update(`${stack.name}/${logicalId}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
