import { hash } from "node:crypto";
import type { Clock } from "../../../shared/time/clock.ts";
import { ACCOUNT_ID, arnOf, nameInArn } from "../arn.ts";
import { type ServiceFaults, underFaults } from "../faults.ts";
import { ServiceError } from "../service-error.ts";
import { type Message, Queue } from "./queue.ts";
import type * as api from "./sqs-api.ts";

const MAX_BATCH = 10;
const MAX_MESSAGE_BYTES = 1_048_576;

export type SqsOptions = {
  readonly clock: Clock;
  /** The front of every queue's URL, without a slash at the end. @default "http://127.0.0.1" */
  readonly baseUrl?: string;
  readonly faults?: ServiceFaults;
};

/** Standard SQS queues in memory, with redrive to a dead-letter queue. Throws ServiceError with the codes of the API. */
export class SqsModel {
  readonly #clock: Clock;
  readonly #baseUrl: string;
  readonly #faults: ServiceFaults | undefined;
  readonly #queues = new Map<string, Queue>();

  constructor(options: SqsOptions) {
    this.#clock = options.clock;
    this.#baseUrl = options.baseUrl ?? "http://127.0.0.1";
    this.#faults = options.faults;
  }

  /** Makes a queue; the same name again is the same queue. */
  createQueue(input: api.CreateQueueInput): api.QueueRef {
    return this.#run("CreateQueue", input, () => {
      const { QueueName: name, Attributes = {} } = input;
      if (name.endsWith(".fifo"))
        throw new ServiceError("UnsupportedOperation", "FIFO queues are not modelled: use a standard queue");
      if (!/^[\w-]{1,80}$/.test(name))
        throw new ServiceError("InvalidParameterValue", `"${name}" is no name of a queue`);
      if (!this.#queues.has(name)) this.#queues.set(name, new Queue(name, Attributes, this.#clock.now()));
      return { QueueUrl: this.#urlOf(name) };
    });
  }

  deleteQueue(input: api.QueueRef): void {
    this.#run("DeleteQueue", input, () => this.#queues.delete(this.#queue(input).name));
  }

  getQueueUrl(input: { readonly QueueName: string }): api.QueueRef {
    return this.#run("GetQueueUrl", input, () => ({
      QueueUrl: this.#urlOf(this.#named(input.QueueName).name),
    }));
  }

  listQueues(): { readonly QueueUrls: readonly string[] } {
    return this.#run("ListQueues", {}, () => ({
      QueueUrls: [...this.#queues.keys()].sort().map((name) => this.#urlOf(name)),
    }));
  }

  sendMessage(input: api.SendMessageInput): api.SendMessageOutput {
    return this.#run("SendMessage", input, () => this.#send(this.#queue(input), input));
  }

  sendMessageBatch(input: api.SendMessageBatchInput): api.SendMessageBatchOutput {
    return this.#run("SendMessageBatch", input, (failed) => {
      const queue = this.#queue(input);
      checkBatch(input.Entries);
      const bytes = input.Entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.MessageBody), 0);
      if (bytes > MAX_MESSAGE_BYTES)
        throw new ServiceError(
          "AWS.SimpleQueueService.BatchRequestTooLong",
          "The batch is longer than 1 MiB",
        );
      const kept = input.Entries.filter((_, index) => !failed.has(index));
      return {
        Successful: kept.map((entry) => ({ Id: entry.Id, ...this.#send(queue, entry) })),
        Failed: failuresOf(input.Entries, failed),
      };
    });
  }

  /** Up to ten visible messages; there is no long polling: with none, the answer is empty at once. */
  receiveMessage(input: api.ReceiveMessageInput): api.ReceiveMessageOutput {
    return this.#run("ReceiveMessage", input, () => {
      const queue = this.#queue(input);
      const now = this.#clock.now();
      const { MaxNumberOfMessages: most = 1 } = input;
      if (!(most >= 1 && most <= MAX_BATCH))
        throw new ServiceError(
          "InvalidParameterValue",
          `MaxNumberOfMessages must be between 1 and ${MAX_BATCH}`,
        );
      const redrive = redriveOf(queue);
      const messages: api.ReceivedMessage[] = [];
      for (const message of queue.visible(now)) {
        if (redrive !== undefined && message.receives >= redrive.maxReceives) {
          this.#named(redrive.target).adopt(message, now);
          queue.delete(message);
          continue;
        }
        messages.push(queue.take(message, input.VisibilityTimeout ?? queue.number("VisibilityTimeout"), now));
        if (messages.length === most) break;
      }
      return { Messages: messages };
    });
  }

  /** Deletes a received message; one that is gone already is no error. */
  deleteMessage(input: api.DeleteMessageInput): void {
    this.#run("DeleteMessage", input, () => this.#delete(this.#queue(input), input.ReceiptHandle));
  }

  deleteMessageBatch(input: api.DeleteMessageBatchInput): api.DeleteMessageBatchOutput {
    return this.#run("DeleteMessageBatch", input, (failed) => {
      const queue = this.#queue(input);
      checkBatch(input.Entries);
      const kept = input.Entries.filter((_, index) => !failed.has(index));
      for (const { ReceiptHandle } of kept) this.#delete(queue, ReceiptHandle);
      return { Successful: kept.map(({ Id }) => ({ Id })), Failed: failuresOf(input.Entries, failed) };
    });
  }

  changeMessageVisibility(input: api.ChangeVisibilityInput): void {
    this.#run("ChangeMessageVisibility", input, () => {
      const message = this.#queue(input).received(input.ReceiptHandle);
      if (message === undefined)
        throw new ServiceError("ReceiptHandleIsInvalid", "The receipt handle is not of a message in flight");
      message.visibleAt = (this.#clock.now() + input.VisibilityTimeout * 1_000) as Message["visibleAt"];
    });
  }

  getQueueAttributes(input: api.QueueRef): { readonly Attributes: api.QueueAttributes } {
    return this.#run("GetQueueAttributes", input, () => {
      const queue = this.#queue(input);
      const { waiting, inFlight, delayed } = queue.counts(this.#clock.now());
      return {
        Attributes: {
          ...queue.attributes,
          QueueArn: arnOf("sqs", queue.name),
          CreatedTimestamp: String(Math.floor(queue.createdAt / 1_000)),
          ApproximateNumberOfMessages: String(waiting),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          ApproximateNumberOfMessagesDelayed: String(delayed),
        },
      };
    });
  }

  /** Changes attributes; an empty RedrivePolicy takes it away. What is left out stays. */
  setQueueAttributes(input: api.QueueRef & { readonly Attributes: api.QueueAttributes }): void {
    this.#run("SetQueueAttributes", input, () => {
      const queue = this.#queue(input);
      const attributes = Object.entries({ ...queue.attributes, ...input.Attributes });
      queue.attributes = Object.fromEntries(
        attributes.filter(([name, value]) => name !== "RedrivePolicy" || value !== ""),
      );
    });
  }

  purgeQueue(input: api.QueueRef): void {
    this.#run("PurgeQueue", input, () => this.#queue(input).purge());
  }

  #run<T>(operation: string, input: unknown, run: (failed: ReadonlySet<number>) => T): T {
    return underFaults(this.#faults, "sqs", operation, input, run);
  }

  #urlOf(name: string): string {
    return `${this.#baseUrl}/${ACCOUNT_ID}/${name}`;
  }

  /** The queue of a URL; only its last part counts, so that any host and port will do. */
  #queue({ QueueUrl: url }: api.QueueRef): Queue {
    return this.#named(nameInArn(url));
  }

  #named(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined)
      throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }

  #send(queue: Queue, entry: api.SendMessageEntry): api.SendMessageOutput {
    const { MessageBody: body, MessageAttributes, DelaySeconds } = entry;
    if (Buffer.byteLength(body) > MAX_MESSAGE_BYTES)
      throw new ServiceError("InvalidParameterValue", "A message must be shorter than 1 MiB");
    const delay = DelaySeconds ?? queue.number("DelaySeconds");
    const { id } = queue.send(body, MessageAttributes, delay, this.#clock.now());
    return { MessageId: id, MD5OfMessageBody: hash("md5", body, "hex") };
  }

  #delete(queue: Queue, receiptHandle: string): void {
    const message = queue.received(receiptHandle);
    if (message !== undefined) queue.delete(message);
  }
}

/** Where messages go after too many receives, by the queue's RedrivePolicy. */
function redriveOf(queue: Queue): { readonly target: string; readonly maxReceives: number } | undefined {
  const text = queue.attributes["RedrivePolicy"];
  if (text === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as {
    readonly deadLetterTargetArn: string;
    readonly maxReceiveCount: number | string;
  };
  return { target: nameInArn(deadLetterTargetArn), maxReceives: Number(maxReceiveCount) };
}

function checkBatch(entries: readonly { readonly Id: string }[]): void {
  if (entries.length === 0)
    throw new ServiceError("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (entries.length > MAX_BATCH)
    throw new ServiceError("TooManyEntriesInBatchRequest", `A batch has at most ${MAX_BATCH} entries`);
  if (new Set(entries.map(({ Id }) => Id)).size !== entries.length)
    throw new ServiceError("BatchEntryIdsNotDistinct", "Two or more entries have the same Id");
}

const failuresOf = (
  entries: readonly { readonly Id: string }[],
  failed: ReadonlySet<number>,
): api.BatchFailure[] =>
  entries
    .filter((_, index) => failed.has(index))
    .map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false, Message: "made to fail" }));
