/** Inputs and outputs of SQS as its API names them; binary is Uint8Array. Attributes are strings, as AWS has them. */

export type QueueAttributes = Readonly<Record<string, string>>;
export type QueueRef = { readonly QueueUrl: string };

export type MessageAttribute = {
  /** `String`, `Number` or `Binary`, with or without a label of the sender's behind a dot. */
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
};
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export type CreateQueueInput = {
  readonly QueueName: string;
  /** Understood: the timeouts, sizes and periods, RedrivePolicy, RedriveAllowPolicy; others of SQS are kept. */
  readonly Attributes?: QueueAttributes | undefined;
};
export type SetQueueAttributesInput = QueueRef & {
  /** An empty text takes RedrivePolicy, RedriveAllowPolicy, Policy or KmsMasterKeyId away. */
  readonly Attributes: QueueAttributes;
};
export type GetQueueAttributesInput = QueueRef & {
  /** Names, or `All`. @default all; over HTTP none, as on AWS */
  readonly AttributeNames?: readonly string[] | undefined;
};
export type GetQueueUrlInput = { readonly QueueName: string };
export type ListQueuesInput = {
  readonly QueueNamePrefix?: string | undefined;
  /** 1 to 1,000; without it there is one page of 1,000 and no token for another. */
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
};
export type ListQueuesOutput = { readonly QueueUrls: readonly string[]; readonly NextToken?: string };
export type ListDeadLetterSourceQueuesInput = QueueRef & Omit<ListQueuesInput, "QueueNamePrefix">;
export type ListDeadLetterSourceQueuesOutput = {
  /** In lower case, as the API has it. */
  readonly queueUrls: readonly string[];
  readonly NextToken?: string;
};

export type SendMessageEntry = {
  readonly MessageBody: string;
  /** 0 to 900 seconds; the queue's own if left out. */
  readonly DelaySeconds?: number | undefined;
  /** Ten at most. */
  readonly MessageAttributes?: MessageAttributes | undefined;
  /** Only AWSTraceHeader. */
  readonly MessageSystemAttributes?: MessageAttributes | undefined;
  /** On a standard queue it orders nothing and is given back. */
  readonly MessageGroupId?: string | undefined;
  /** Refused: it belongs to FIFO queues. */
  readonly MessageDeduplicationId?: string | undefined;
};
export type SendMessageInput = QueueRef & SendMessageEntry;
export type SendMessageOutput = {
  readonly MessageId: string;
  readonly MD5OfMessageBody: string;
  readonly MD5OfMessageAttributes?: string;
  readonly MD5OfMessageSystemAttributes?: string;
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
  /** 0 to 43,200 seconds; the queue's own if left out. */
  readonly VisibilityTimeout?: number | undefined;
  /** 0 to 20 seconds; the queue's own if left out. The model answers at once; see its longPoll. */
  readonly WaitTimeSeconds?: number | undefined;
  /** Names, or `All`. @default all; over HTTP none, as on AWS */
  readonly MessageSystemAttributeNames?: readonly string[] | undefined;
  /** Names, `prefix.*`, `.*` or `All`. @default all; over HTTP none, as on AWS */
  readonly MessageAttributeNames?: readonly string[] | undefined;
};
export type ReceivedMessage = {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly MD5OfBody: string;
  readonly Body: string;
  /** SenderId, SentTimestamp, ApproximateReceiveCount …; only those that were asked for. */
  readonly Attributes: Readonly<Record<string, string>>;
  /** Of those below. */
  readonly MD5OfMessageAttributes?: string;
  readonly MessageAttributes?: MessageAttributes;
};
export type ReceiveMessageOutput = { readonly Messages: readonly ReceivedMessage[] };

export type DeleteMessageInput = QueueRef & { readonly ReceiptHandle: string };
export type DeleteMessageBatchInput = QueueRef & {
  readonly Entries: readonly { readonly Id: string; readonly ReceiptHandle: string }[];
};
export type BatchOutput = {
  readonly Successful: readonly { readonly Id: string }[];
  readonly Failed: readonly BatchFailure[];
};
export type ChangeVisibilityInput = DeleteMessageInput & {
  /** 0 to 43,200 seconds from now, and no more than that since the message was received. */
  readonly VisibilityTimeout: number;
};
export type ChangeVisibilityBatchInput = QueueRef & {
  readonly Entries: readonly {
    readonly Id: string;
    readonly ReceiptHandle: string;
    readonly VisibilityTimeout: number;
  }[];
};
