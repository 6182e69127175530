import type * as api from "../models/sqs/sqs-api.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import { bytesOf, type JsonOperations, wireOf } from "./json-operations.ts";
import { receiveWaiting } from "./sqs-long-poll.ts";

/** An input in which attributes may be asked for under an older name too. */
type ReceiveInput = api.ReceiveMessageInput & { readonly AttributeNames?: readonly string[] };

/** AmazonSQS, the JSON protocol: binary attributes are base64, and who asks for no attributes gets none. */
export function sqsOperations(sqs: SqsModel): JsonOperations {
  return {
    CreateQueue: (input: api.CreateQueueInput) => sqs.createQueue(input),
    DeleteQueue: (input: api.QueueRef) => sqs.deleteQueue(input),
    GetQueueUrl: (input: api.GetQueueUrlInput) => sqs.getQueueUrl(input),
    ListQueues: (input: api.ListQueuesInput) => sqs.listQueues(input),
    ListDeadLetterSourceQueues: (input: api.ListDeadLetterSourceQueuesInput) =>
      sqs.listDeadLetterSourceQueues(input),
    SendMessage: (input: api.SendMessageInput) => sqs.sendMessage(received(input)),
    SendMessageBatch: (input: api.SendMessageBatchInput) =>
      sqs.sendMessageBatch({ ...input, Entries: input.Entries?.map(received) }),
    ReceiveMessage: async (input: ReceiveInput, { abandoned }) => {
      const { AttributeNames = [], MessageSystemAttributeNames: names = [] } = input;
      const asked = {
        ...input,
        MessageSystemAttributeNames: [...AttributeNames, ...names],
        MessageAttributeNames: input.MessageAttributeNames ?? [],
      };
      const { Messages } = await receiveWaiting(sqs, asked, abandoned);
      return Messages.length === 0 ? {} : { Messages: Messages.map(sent) };
    },
    DeleteMessage: (input: api.DeleteMessageInput) => sqs.deleteMessage(input),
    DeleteMessageBatch: (input: api.DeleteMessageBatchInput) => sqs.deleteMessageBatch(input),
    ChangeMessageVisibility: (input: api.ChangeVisibilityInput) => sqs.changeMessageVisibility(input),
    ChangeMessageVisibilityBatch: (input: api.ChangeVisibilityBatchInput) =>
      sqs.changeMessageVisibilityBatch(input),
    GetQueueAttributes: (input: api.GetQueueAttributesInput) => {
      const { Attributes } = sqs.getQueueAttributes({ ...input, AttributeNames: input.AttributeNames ?? [] });
      return Object.keys(Attributes).length === 0 ? {} : { Attributes };
    },
    SetQueueAttributes: (input: api.SetQueueAttributesInput) => sqs.setQueueAttributes(input),
    PurgeQueue: (input: api.QueueRef) => sqs.purgeQueue(input),
  };
}

function sent({ Attributes, ...message }: api.ReceivedMessage): unknown {
  return wireOf({ ...message, ...(Object.keys(Attributes).length > 0 && { Attributes }) });
}

function received<T extends api.SendMessageEntry>(entry: T): T {
  const { MessageAttributes, MessageSystemAttributes } = entry;
  return {
    ...entry,
    ...(MessageAttributes !== undefined && { MessageAttributes: decoded(MessageAttributes) }),
    ...(MessageSystemAttributes !== undefined && {
      MessageSystemAttributes: decoded(MessageSystemAttributes),
    }),
  };
}

const decoded = (attributes: api.MessageAttributes): api.MessageAttributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => {
      const binary: unknown = attribute.BinaryValue;
      return [name, typeof binary === "string" ? { ...attribute, BinaryValue: bytesOf(binary) } : attribute];
    }),
  );
