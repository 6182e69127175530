import type { Clock } from "../../../shared/time/clock.ts";
import type { ServiceFaults } from "../faults.ts";
import type * as api from "./sqs-api.ts";

export type SqsOptions = {
  readonly clock: Clock;
  /** The front of every queue's URL, without a slash at the end. @default "http://127.0.0.1" */
  readonly baseUrl?: string;
  readonly faults?: ServiceFaults;
};

export declare class SqsModel {
  constructor(options: SqsOptions);
  createQueue(input: api.CreateQueueInput): api.QueueRef;
  deleteQueue(input: api.QueueRef): void;
  getQueueUrl(input: { readonly QueueName: string }): api.QueueRef;
  listQueues(): { readonly QueueUrls: readonly string[] };
  sendMessage(input: api.SendMessageInput): api.SendMessageOutput;
  sendMessageBatch(input: api.SendMessageBatchInput): api.SendMessageBatchOutput;
  receiveMessage(input: api.ReceiveMessageInput): api.ReceiveMessageOutput;
  deleteMessage(input: api.DeleteMessageInput): void;
  deleteMessageBatch(input: api.DeleteMessageBatchInput): api.DeleteMessageBatchOutput;
  changeMessageVisibility(input: api.ChangeVisibilityInput): void;
  getQueueAttributes(input: api.QueueRef): { readonly Attributes: api.QueueAttributes };
  purgeQueue(input: api.QueueRef): void;
}
