import { createHash } from "node:crypto";
import { type DurationMs, epochMs, milliseconds, seconds } from "../../../shared/time/time.ts";
import { deliveryTo, readingOf } from "../../iam/mapping-rights.ts";
import { nameInArn } from "../../models/arn.ts";
import { closeSource } from "../../sources/close-source.ts";
import { type OnFailure, toBucket, toQueue, toTopic } from "../../sources/discarded-batch.ts";
import type { EventSource, Invoke } from "../../sources/event-source.ts";
import type { KinesisCheckpoint } from "../../sources/kinesis-checkpoint.ts";
import type { StartingPosition } from "../../sources/kinesis-mapping.ts";
import { KinesisSource } from "../../sources/kinesis-source.ts";
import { kinesisFilter, sqsFilter } from "../../sources/record-filter.ts";
import { SqsSource } from "../../sources/sqs-source.ts";
import type { Properties } from "../properties.ts";
import {
  inPlace,
  type Request,
  type Resource,
  type ResourceKind,
  replacement,
  type Services,
  withoutEffect,
} from "../resource-kind.ts";
import { requireRights } from "./rights.ts";
import { streamOfConsumer } from "./stream-consumer.ts";

/** AWS::Lambda::EventSourceMapping of a Kinesis stream, one of its consumers, or an SQS queue. */
export const eventSourceMapping: ResourceKind = {
  // so that one that is to start elsewhere cannot be replaced: AWS finds that it exists already
  identity: ["EventSourceArn", "FunctionName"],
  create: (request) => {
    const { sources, progress } = request.services;
    const uuid = uuidOf(request.name);
    const source = preparedSource(request, uuid)(progress?.checkpointOf(uuid));
    sources.push(source);
    return { ref: source.id, attributes: { Id: source.id } };
  },
  remove: ({ services }, { ref }) => closeSource(services.sources, ref),
  properties: {
    ...replacement(
      "AmazonManagedKafkaEventSourceConfig",
      "EventSourceArn",
      "SelfManagedEventSource",
      "SelfManagedKafkaEventSourceConfig",
      "StartingPosition",
      "StartingPositionTimestamp",
    ),
    ...inPlace(
      change,
      "BatchSize",
      "BisectBatchOnFunctionError",
      "DestinationConfig",
      "FilterCriteria",
      "FunctionName",
      "FunctionResponseTypes",
      "MaximumBatchingWindowInSeconds",
      "MaximumRecordAgeInSeconds",
      "MaximumRetryAttempts",
      "ParallelizationFactor",
      "ScalingConfig",
      "TumblingWindowInSeconds",
    ),
    ...inPlace(({ properties, services }, { ref }) => {
      const source = services.sources.find(({ id }) => id === ref);
      return properties.flag("Enabled", true) ? source?.enable() : source?.disable();
    }, "Enabled"),
    ...withoutEffect(
      "DocumentDBEventSourceConfig",
      "KmsKeyArn",
      "LoggingConfig",
      "MetricsConfig",
      "ProvisionedPollerConfig",
      "Queues",
      "SourceAccessConfigurations",
      "Tags",
      "Topics",
    ),
  },
};

/** Makes the source of a mapping, once nothing of it can be refused any more. */
type Make = (resumeFrom: KinesisCheckpoint | undefined) => EventSource;

/** Changes a mapping. Its running invocations finish first, and a stream's goes on at its checkpoint. */
async function change(request: Request, { ref }: Resource): Promise<void> {
  const { sources } = request.services;
  const make = preparedSource(request, ref);
  const old = await closeSource(sources, ref);
  sources.push(make(old instanceof KinesisSource ? old.checkpoint() : undefined));
}

function preparedSource(request: Request, uuid: string): Make {
  const { properties, services } = request;
  if (properties.number("TumblingWindowInSeconds", 0) > 0)
    properties.unsupported("TumblingWindowInSeconds", "is not modelled locally");
  const { functionName, arn: functionArn, role } = services.lambda.configOf(properties.text("FunctionName"));
  const once: Invoke = (payload) => services.lambda.invoke(functionArn, payload);
  const invoke = services.faultDriver?.delivering(functionName, once) ?? once;
  const sourceArn = properties.text("EventSourceArn");
  requireRights(properties, "EventSourceArn", role, readingOf(sourceArn), services);
  const parts: Parts = { functionName, uuid, functionArn, role: role ?? "", sourceArn, invoke };
  const enabled = properties.flag("Enabled", true);
  const make = madeOf(request, parts);
  return (resumeFrom) => {
    const source = make(resumeFrom);
    if (!enabled) void source.disable();
    return source;
  };
}

function madeOf(request: Request, parts: Parts): Make {
  const service = parts.sourceArn.split(":")[2];
  if (service === "kinesis") return kinesisSource(request, parts);
  if (service === "sqs") return sqsSource(request, parts);
  return request.properties.unsupported(
    "EventSourceArn",
    `is of ${service}; only Kinesis and SQS are followed locally`,
  );
}

type Parts = {
  readonly functionName: string;
  readonly uuid: string;
  readonly functionArn: string;
  readonly role: string;
  readonly sourceArn: string;
  readonly invoke: Invoke;
};

/** The limits are those of https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html. */
function kinesisSource(
  { properties, services }: Request,
  { functionName, uuid, functionArn, role, sourceArn, invoke }: Parts,
): Make {
  const { kinesis, clock, batches, childrenWaitForParents } = services;
  const age = properties.between("MaximumRecordAgeInSeconds", -1, 604_800, -1);
  const mapping = {
    uuid,
    streamArn: streamOfConsumer(sourceArn),
    functionArn,
    role,
    startingPosition: startingPosition(properties),
    batchSize: Math.min(batches.records, properties.between("BatchSize", 1, 10_000, 100)),
    batchingWindow: milliseconds(Math.min(batches.window, batchingWindow(properties))),
    parallelizationFactor: properties.between("ParallelizationFactor", 1, 10, 1),
    maximumRetryAttempts: properties.between("MaximumRetryAttempts", -1, 10_000, -1),
    maximumRecordAge: age < 0 ? undefined : seconds(age),
    bisectOnError: properties.flag("BisectBatchOnFunctionError"),
    reportBatchItemFailures: reportsFailures(properties),
    filter: kinesisFilter(patternsOf(properties)),
    childrenWaitForParents,
  };
  const onBatch = (iteratorAge: DurationMs) => services.onBatch?.(functionName, iteratorAge);
  const onFailure = onFailureOf(properties, role, services);
  return (resumeFrom) =>
    new KinesisSource({ kinesis, clock, invoke, resumeFrom, onBatch, onFailure, mapping });
}

function sqsSource({ properties, services }: Request, { uuid, functionArn, sourceArn, invoke }: Parts): Make {
  const { sqs, clock } = services;
  const window = batchingWindow(properties);
  const batchSize = properties.between("BatchSize", 1, window === 0 ? 10 : 10_000, 10);
  const scaling = properties.object("ScalingConfig");
  const mapping = {
    uuid,
    queueArn: sourceArn,
    queueUrl: sqs.getQueueUrl({ QueueName: nameInArn(sourceArn) }).QueueUrl,
    functionArn,
    batchSize,
    batchingWindow: window,
    reportBatchItemFailures: reportsFailures(properties),
    filter: sqsFilter(patternsOf(properties)),
    maximumConcurrency: scaling.between("MaximumConcurrency", 2, 1_000, 5),
  };
  return () => new SqsSource({ sqs, clock, invoke, mapping });
}

const batchingWindow = (properties: Properties): DurationMs =>
  seconds(properties.between("MaximumBatchingWindowInSeconds", 0, 300, 0));

const patternsOf = (properties: Properties): readonly string[] =>
  properties
    .object("FilterCriteria")
    .objects("Filters")
    .map((filter) => filter.text("Pattern"));

const reportsFailures = (properties: Properties): boolean =>
  properties.list("FunctionResponseTypes").includes("ReportBatchItemFailures");

function startingPosition(properties: Properties): StartingPosition {
  const at = properties.text("StartingPosition");
  if (at === "TRIM_HORIZON" || at === "LATEST") return { at };
  if (at !== "AT_TIMESTAMP") return properties.unsupported("StartingPosition", `is ${at}`);
  return { at, timestamp: epochMs(milliseconds(properties.number("StartingPositionTimestamp", 0) * 1_000)) };
}

function onFailureOf(
  properties: Properties,
  role: string | undefined,
  services: Services,
): OnFailure | undefined {
  const { sqs, sns, s3, clock } = services;
  const onFailure = properties.object("DestinationConfig").object("OnFailure");
  const arn = onFailure.optionalText("Destination");
  if (arn === undefined) return undefined;
  requireRights(onFailure, "Destination", role, deliveryTo(arn), services);
  const name = nameInArn(arn);
  if (arn.startsWith("arn:aws:s3:")) {
    s3.headBucket({ Bucket: name });
    return toBucket(s3, name, clock);
  }
  if (arn.startsWith("arn:aws:sqs:"))
    return toQueue(sqs, sqs.getQueueUrl({ QueueName: name }).QueueUrl, clock);
  if (arn.startsWith("arn:aws:sns:")) return toTopic(sns, arn, clock);
  return onFailure.unsupported("Destination", `is ${arn}; only SQS, SNS and S3 are modelled locally`);
}

/** The same for the same resource each time, so that object keys can be compared between runs. */
function uuidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
