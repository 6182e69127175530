import type * as api from "../models/sqs/sqs-api.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import { bytesOf, type JsonOperations, wireOf } from "./json-operations.ts";

/** AmazonSQS, the JSON protocol: binary message attributes are base64. */
export function sqsOperations(sqs: SqsModel): JsonOperations {
  return {
    CreateQueue: (input: api.CreateQueueInput) => sqs.createQueue(input),
    DeleteQueue: (input: api.QueueRef) => sqs.deleteQueue(input),
    GetQueueUrl: (input: { readonly QueueName: string }) => sqs.getQueueUrl(input),
    ListQueues: () => sqs.listQueues(),
    SendMessage: (input: api.SendMessageInput) => sqs.sendMessage(received(input)),
    SendMessageBatch: (input: api.SendMessageBatchInput) =>
      sqs.sendMessageBatch({ ...input, Entries: input.Entries.map(received) }),
    ReceiveMessage: (input: api.ReceiveMessageInput) => wireOf(sqs.receiveMessage(input)),
    DeleteMessage: (input: api.DeleteMessageInput) => sqs.deleteMessage(input),
    DeleteMessageBatch: (input: api.DeleteMessageBatchInput) => sqs.deleteMessageBatch(input),
    ChangeMessageVisibility: (input: api.ChangeVisibilityInput) => sqs.changeMessageVisibility(input),
    GetQueueAttributes: (input: api.QueueRef) => sqs.getQueueAttributes(input),
    SetQueueAttributes: (input: Parameters<SqsModel["setQueueAttributes"]>[0]) =>
      sqs.setQueueAttributes(input),
    PurgeQueue: (input: api.QueueRef) => sqs.purgeQueue(input),
  };
}

function received<T extends api.SendMessageEntry>(entry: T): T {
  if (entry.MessageAttributes === undefined) return entry;
  const attributes = Object.entries(entry.MessageAttributes).map(([name, attribute]) => {
    const binary: unknown = attribute.BinaryValue;
    return [name, typeof binary === "string" ? { ...attribute, BinaryValue: bytesOf(binary) } : attribute];
  });
  return { ...entry, MessageAttributes: Object.fromEntries(attributes) };
}
