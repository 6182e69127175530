import { arnOf } from "../../models/arn.ts";
import type { Ask } from "../iam.ts";
import type { ServiceCalls } from "./call.ts";

type Input = { readonly QueueUrl?: string; readonly QueueName?: string };

const on =
  (action: string) =>
  (input: Input): readonly Ask[] => [
    {
      action: `sqs:${action}`,
      resource: arnOf("sqs", String(input.QueueName ?? input.QueueUrl?.split("/").at(-1))),
    },
  ];

/** Batches ask for the action of their parts. Source: "… for Amazon SQS", Service Authorization Reference. */
export const SQS_CALLS: ServiceCalls = {
  CreateQueue: on("CreateQueue"),
  DeleteQueue: on("DeleteQueue"),
  GetQueueUrl: on("GetQueueUrl"),
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
