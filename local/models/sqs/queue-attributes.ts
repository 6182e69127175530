import { ServiceError } from "../service-error.ts";
import type { QueueAttributes } from "./sqs-api.ts";

/** Attributes that are integers, with the span that SQS allows. */
const SPANS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1_024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
};
/** Attributes that an empty text takes away. */
const REMOVABLE = new Set(["RedrivePolicy", "RedriveAllowPolicy", "Policy", "KmsMasterKeyId"]);
const SETTABLE = new Set([...Object.keys(SPANS), ...REMOVABLE, "SqsManagedSseEnabled"]);
const FIFO = new Set(["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]);

export const DEFAULT_ATTRIBUTES: QueueAttributes = {
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  VisibilityTimeout: "30",
  SqsManagedSseEnabled: "true",
};

/** What may be asked for. */
export const KNOWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...SETTABLE,
  ...FIFO,
  "QueueArn",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
]);

/** Throws InvalidAttributeName or InvalidAttributeValue; UnsupportedOperation for what belongs to FIFO queues. */
export function checkAttributes(attributes: QueueAttributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (FIFO.has(name) && value !== "false")
      throw new ServiceError("UnsupportedOperation", `${name}: FIFO queues are not modelled`);
    if (!SETTABLE.has(name) && !FIFO.has(name)) throw unknownAttribute(name);
    const span = SPANS[name];
    if (span === undefined) continue;
    const number = Number(value);
    if (!(/^\d+$/.test(value) && number >= span[0] && number <= span[1]))
      throw new ServiceError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
  }
}

export const unknownAttribute = (name: string): ServiceError =>
  new ServiceError("InvalidAttributeName", `Unknown Attribute ${name}.`);

/** What a queue has after a change: an empty text takes away what may be missing. */
export const changedAttributes = (before: QueueAttributes, changes: QueueAttributes): QueueAttributes =>
  Object.fromEntries(
    Object.entries({ ...before, ...changes }).filter(
      ([name, value]) => !FIFO.has(name) && !(value === "" && REMOVABLE.has(name)),
    ),
  );

/** Throws QueueNameExists where a queue that is there has other attributes than are asked for. */
export function checkSame(there: QueueAttributes, asked: QueueAttributes): void {
  for (const [name, value] of Object.entries(asked))
    if ((there[name] ?? "") !== value && value !== "false")
      throw new ServiceError(
        "QueueNameExists",
        `A queue already exists with the same name and a different value for attribute ${name}`,
      );
}
