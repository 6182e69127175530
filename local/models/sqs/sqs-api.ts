/** Inputs and outputs of SQS as its API names them; binary is Uint8Array. Attributes are strings, as AWS has them. */

export type QueueAttributes = Readonly<Record<string, string>>;
export type QueueRef = { readonly QueueUrl: string };

export type MessageAttribute = {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
};
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export type CreateQueueInput = {
  readonly QueueName: string;
  /** Understood: VisibilityTimeout, DelaySeconds, MessageRetentionPeriod (seconds), RedrivePolicy; others are kept. */
  readonly Attributes?: QueueAttributes | undefined;
};

export type SendMessageEntry = {
  readonly MessageBody: string;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: MessageAttributes | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
};
export type SendMessageInput = QueueRef & SendMessageEntry;
export type SendMessageOutput = {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
};
export type BatchFailure = {
  readonly Id: string;
  readonly Code: string;
  readonly SenderFault: boolean;
  readonly Message: string;
};
export type SendMessageBatchInput = QueueRef & {
  readonly Entries: readonly (SendMessageEntry & { readonly Id: string })[];
};
export type SendMessageBatchOutput = {
  readonly Successful: readonly (SendMessageOutput & { readonly Id: string })[];
  readonly Failed: readonly BatchFailure[];
};

export type ReceiveMessageInput = QueueRef & {
  /** 1 to 10. @default 1 */
  readonly MaxNumberOfMessages?: number | undefined;
  /** Seconds; the queue's own if left out. */
  readonly VisibilityTimeout?: number | undefined;
};
export type ReceivedMessage = {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  /** SentTimestamp, ApproximateReceiveCount, ApproximateFirstReceiveTimestamp; MessageGroupId where given. */
  readonly Attributes: Readonly<Record<string, string>>;
  readonly MessageAttributes?: MessageAttributes;
};
export type ReceiveMessageOutput = { readonly Messages: readonly ReceivedMessage[] };

export type DeleteMessageInput = QueueRef & { readonly ReceiptHandle: string };
export type DeleteMessageBatchInput = QueueRef & {
  readonly Entries: readonly { readonly Id: string; readonly ReceiptHandle: string }[];
};
export type DeleteMessageBatchOutput = {
  readonly Successful: readonly { readonly Id: string }[];
  readonly Failed: readonly BatchFailure[];
};
export type ChangeVisibilityInput = DeleteMessageInput & { readonly VisibilityTimeout: number };
