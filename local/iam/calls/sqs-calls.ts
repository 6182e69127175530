import { arnOf, nameInArn } from "../../models/arn.ts";
import type { Ask } from "../iam.ts";
import type { ServiceCalls } from "./call.ts";

const ask = (action: string, queueName: string): readonly Ask[] => [
  { action: `sqs:${action}`, resource: arnOf("sqs", queueName) },
];

/** On the queue that the model would take: the last part of a URL is its name. */
const on = (action: string) => (input: { readonly QueueUrl?: string }) =>
  ask(action, nameInArn(String(input.QueueUrl)));
const onNamed = (action: string) => (input: { readonly QueueName?: string }) =>
  ask(action, String(input.QueueName));

/** Batches ask for the action of their parts. Source: "… for Amazon SQS", Service Authorization Reference. */
export const SQS_CALLS: ServiceCalls = {
  CreateQueue: onNamed("CreateQueue"),
  DeleteQueue: on("DeleteQueue"),
  GetQueueUrl: onNamed("GetQueueUrl"),
  ListDeadLetterSourceQueues: on("ListDeadLetterSourceQueues"),
  ListQueues: () => [{ action: "sqs:ListQueues", resource: "*" }],
  SendMessage: on("SendMessage"),
  SendMessageBatch: on("SendMessage"),
  ReceiveMessage: on("ReceiveMessage"),
  DeleteMessage: on("DeleteMessage"),
  DeleteMessageBatch: on("DeleteMessage"),
  ChangeMessageVisibility: on("ChangeMessageVisibility"),
  ChangeMessageVisibilityBatch: on("ChangeMessageVisibility"),
  GetQueueAttributes: on("GetQueueAttributes"),
  SetQueueAttributes: on("SetQueueAttributes"),
  PurgeQueue: on("PurgeQueue"),
};
