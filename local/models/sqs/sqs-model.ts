import type { Clock } from "../../../shared/time/clock.ts";
import { type DurationMs, type EpochMs, milliseconds, seconds } from "../../../shared/time/time.ts";
import { ACCOUNT_ID, arnOf, nameInArn } from "../arn.ts";
import { type ServiceFaults, underFaults } from "../faults.ts";
import { blocksBySize } from "../saved-blocks.ts";
import { ServiceError } from "../service-error.ts";
import { checkBatch, eachEntry } from "./batch.ts";
import { messageSize } from "./message-checks.ts";
import { type Message, Queue, type SavedQueue } from "./queue.ts";
import { checkAttributes, checkSame, KNOWN_ATTRIBUTES, unknownAttribute } from "./queue-attributes.ts";
import { pageOf } from "./queue-pages.ts";
import { checkAllowed, redriveOf } from "./redrive.ts";
import { sendTo } from "./send-message.ts";
import type * as api from "./sqs-api.ts";
import { checkSpan, invalidParameter } from "./sqs-error.ts";
import { changeVisibility, checkVisibility } from "./visibility.ts";

const MAX_RECEIVED = 10;
const MAX_BATCH_BYTES = 1_048_576;
const MAX_WAIT_SECONDS = 20;
/** How long a name stays taken after its queue was deleted, and a queue busy after a purge. */
const SETTLE_MS = 60_000;

export type SqsOptions = {
  readonly clock: Clock;
  /** The front of every queue's URL, without a slash at the end. @default "http://127.0.0.1" */
  readonly baseUrl?: string;
  readonly faults?: ServiceFaults;
};

/** What a receive that found nothing may wait for. */
export type LongPoll = {
  /** The longest wait. */
  readonly wait: DurationMs;
  /** Resolves at the next change of what is visible when. */
  readonly arrival: Promise<void>;
  /** How long until a message that is there becomes visible; infinite where there is none. */
  readonly untilVisible: () => DurationMs;
};

type SavedPart =
  | { readonly kind: "deleted"; readonly deletedAt: ReadonlyMap<string, EpochMs> }
  | { readonly kind: "queue"; readonly queue: SavedQueue }
  | { readonly kind: "messages"; readonly queue: string; readonly messages: readonly Message[] };

/**
 * Standard SQS queues in memory, with redrive to a dead-letter queue; FIFO queues are refused. What AWS does within a
 * minute (deletes, purges, changes of attributes) is done at once. Throws ServiceError with the codes of the API.
 */
export class SqsModel {
  readonly #clock: Clock;
  readonly #baseUrl: string;
  readonly #faults: ServiceFaults | undefined;
  readonly #queues = new Map<string, Queue>();
  readonly #deletedAt = new Map<string, EpochMs>();

  constructor(options: SqsOptions) {
    this.#clock = options.clock;
    this.#baseUrl = options.baseUrl ?? "http://127.0.0.1";
    this.#faults = options.faults;
  }

  /** Makes a queue; the same name again is the same queue, but not with other attributes. */
  createQueue(input: api.CreateQueueInput): api.QueueRef {
    return this.#run("CreateQueue", input, () => {
      const { QueueName: name, Attributes = {} } = input;
      if (name.endsWith(".fifo"))
        throw new ServiceError("UnsupportedOperation", "FIFO queues are not modelled: use a standard queue");
      if (!/^[\w-]{1,80}$/.test(name))
        throw new ServiceError(
          "InvalidParameterValue",
          "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        );
      this.#checkAttributes(name, Attributes);
      const there = this.#queues.get(name);
      if (there === undefined) this.#queues.set(name, this.#newQueue(name, Attributes));
      else checkSame(there.attributes, Attributes);
      return { QueueUrl: this.#urlOf(name) };
    });
  }

  deleteQueue(input: api.QueueRef): void {
    this.#run("DeleteQueue", input, () => {
      const { name } = this.#queue(input);
      this.#queues.delete(name);
      this.#deletedAt.set(name, this.#clock.now());
    });
  }

  getQueueUrl(input: api.GetQueueUrlInput): api.QueueRef {
    return this.#run("GetQueueUrl", input, () => ({
      QueueUrl: this.#urlOf(this.#named(input.QueueName).name),
    }));
  }

  listQueues(input: api.ListQueuesInput = {}): api.ListQueuesOutput {
    return this.#run("ListQueues", input, () => {
      const { QueueNamePrefix: prefix = "" } = input;
      const { page, NextToken } = pageOf(
        [...this.#queues.keys()].filter((name) => name.startsWith(prefix)),
        input,
      );
      return {
        QueueUrls: page.map((name) => this.#urlOf(name)),
        ...(NextToken !== undefined && { NextToken }),
      };
    });
  }

  /** The queues that send what they give up to this one. */
  listDeadLetterSourceQueues(
    input: api.ListDeadLetterSourceQueuesInput,
  ): api.ListDeadLetterSourceQueuesOutput {
    return this.#run("ListDeadLetterSourceQueues", input, () => {
      const { arn } = this.#queue(input);
      const sources = [...this.#queues.values()].filter(({ redrive }) => redrive?.targetArn === arn);
      const { page, NextToken } = pageOf(
        sources.map(({ name }) => name),
        input,
      );
      return {
        queueUrls: page.map((name) => this.#urlOf(name)),
        ...(NextToken !== undefined && { NextToken }),
      };
    });
  }

  sendMessage(input: api.SendMessageInput): api.SendMessageOutput {
    return this.#run("SendMessage", input, () => sendTo(this.#queue(input), input, this.#clock.now()));
  }

  sendMessageBatch(input: api.SendMessageBatchInput): api.SendMessageBatchOutput {
    return this.#run("SendMessageBatch", input, (failed) => {
      const queue = this.#queue(input);
      checkBatch(input.Entries);
      const bytes = input.Entries.reduce((sum, entry) => sum + messageSize(entry), 0);
      if (bytes > MAX_BATCH_BYTES)
        throw new ServiceError(
          "BatchRequestTooLong",
          `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
        );
      return eachEntry(input.Entries, failed, (entry) => sendTo(queue, entry, this.#clock.now()));
    });
  }

  /** Up to ten messages that are visible now; with none, the answer is empty at once. */
  receiveMessage(input: api.ReceiveMessageInput): api.ReceiveMessageOutput {
    return this.#run("ReceiveMessage", input, () => {
      const queue = this.#queue(input);
      const now = this.#clock.now();
      const { MaxNumberOfMessages: most = 1 } = input;
      checkSpan("MaxNumberOfMessages", most, 1, MAX_RECEIVED);
      checkVisibility(input.VisibilityTimeout);
      checkSpan("WaitTimeSeconds", input.WaitTimeSeconds, 0, MAX_WAIT_SECONDS);
      const messages: api.ReceivedMessage[] = [];
      for (const message of queue.visible(now)) {
        if (this.#giveUp(queue, message, now)) continue;
        messages.push(queue.take(message, input, now));
        if (messages.length === most) break;
      }
      return { Messages: messages };
    });
  }

  /**
   * When a receive that finds nothing is worth another try: at an arrival, or once a hidden message becomes visible,
   * within the wait that was asked for. Ask before receiving, or an arrival is missed.
   */
  longPoll(input: api.ReceiveMessageInput): LongPoll {
    const queue = this.#queue(input);
    const { WaitTimeSeconds = queue.number("ReceiveMessageWaitTimeSeconds") } = input;
    return {
      wait: seconds(WaitTimeSeconds),
      arrival: queue.arrival(),
      untilVisible: () => milliseconds(queue.nextVisibleAt() - this.#clock.now()),
    };
  }

  /** Deletes a received message; one that is gone already, or that was received again since, is no error. */
  deleteMessage(input: api.DeleteMessageInput): void {
    this.#run("DeleteMessage", input, () =>
      deleteFrom(this.#queue(input), input.ReceiptHandle, this.#clock.now()),
    );
  }

  deleteMessageBatch(input: api.DeleteMessageBatchInput): api.BatchOutput {
    return this.#run("DeleteMessageBatch", input, (failed) => {
      const queue = this.#queue(input);
      checkBatch(input.Entries);
      return eachEntry(input.Entries, failed, ({ ReceiptHandle }) => {
        deleteFrom(queue, ReceiptHandle, this.#clock.now());
        return {};
      });
    });
  }

  changeMessageVisibility(input: api.ChangeVisibilityInput): void {
    this.#run("ChangeMessageVisibility", input, () =>
      changeVisibility(this.#queue(input), input, this.#clock.now()),
    );
  }

  changeMessageVisibilityBatch(input: api.ChangeVisibilityBatchInput): api.BatchOutput {
    return this.#run("ChangeMessageVisibilityBatch", input, (failed) => {
      const queue = this.#queue(input);
      checkBatch(input.Entries);
      return eachEntry(input.Entries, failed, (entry) => {
        changeVisibility(queue, entry, this.#clock.now());
        return {};
      });
    });
  }

  getQueueAttributes(input: api.GetQueueAttributesInput): { readonly Attributes: api.QueueAttributes } {
    return this.#run("GetQueueAttributes", input, () => {
      const all = this.#queue(input).described(this.#clock.now());
      const { AttributeNames: names = ["All"] } = input;
      const unknown = names.find((name) => name !== "All" && !KNOWN_ATTRIBUTES.has(name));
      if (unknown !== undefined) throw unknownAttribute(unknown);
      const asked = Object.entries(all).filter(([name]) => names.includes("All") || names.includes(name));
      return { Attributes: Object.fromEntries(asked) };
    });
  }

  setQueueAttributes(input: api.SetQueueAttributesInput): void {
    this.#run("SetQueueAttributes", input, () => {
      const queue = this.#queue(input);
      this.#checkAttributes(queue.name, input.Attributes);
      queue.change(input.Attributes, this.#clock.now());
    });
  }

  /** Drops all messages, those in flight too; not twice within a minute. */
  purgeQueue(input: api.QueueRef): void {
    this.#run("PurgeQueue", input, () => {
      const queue = this.#queue(input);
      const now = this.#clock.now();
      if (queue.purgedAt !== undefined && now - queue.purgedAt < SETTLE_MS)
        throw new ServiceError(
          "PurgeQueueInProgress",
          `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
          403,
        );
      queue.purge(now);
    });
  }

  /** All that it holds, in parts: call each when there is time, nobody changes what it stands for. */
  *save(): Generator<() => SavedPart> {
    const deletedAt = new Map(this.#deletedAt);
    yield () => ({ kind: "deleted", deletedAt });
    for (const queue of this.#queues.values()) {
      const saved = queue.save();
      yield () => ({ kind: "queue", queue: saved });
      for (const messages of blocksBySize(queue.messages(), ({ sent }) => messageSize(sent)))
        yield () => ({ kind: "messages", queue: queue.name, messages });
    }
  }

  /** Takes a part of what another one has saved; the parts come in their order, to a model that was empty. */
  restore(part: SavedPart): void {
    switch (part.kind) {
      case "deleted":
        for (const [name, at] of part.deletedAt) this.#deletedAt.set(name, at);
        break;
      case "queue":
        this.#queues.set(part.queue.name, Queue.restore(part.queue));
        break;
      case "messages":
        this.#queues.get(part.queue)?.load(part.messages);
    }
  }

  #run<T>(operation: string, input: unknown, run: (failed: ReadonlySet<number>) => T): T {
    return underFaults(this.#faults, "sqs", operation, input, run);
  }

  #urlOf(name: string): string {
    return `${this.#baseUrl}/${ACCOUNT_ID}/${name}`;
  }

  /** The queue of a URL; only its last part counts, so that any host and port will do. */
  #queue({ QueueUrl: url }: api.QueueRef): Queue {
    if (url === undefined)
      throw new ServiceError("MissingParameter", "The request must contain the parameter QueueUrl.");
    return this.#named(nameInArn(url));
  }

  #named(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined)
      throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }

  #newQueue(name: string, attributes: api.QueueAttributes): Queue {
    const now = this.#clock.now();
    const deletedAt = this.#deletedAt.get(name);
    if (deletedAt !== undefined && now - deletedAt < SETTLE_MS)
      throw new ServiceError(
        "QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
      );
    return new Queue(name, attributes, now);
  }

  #checkAttributes(name: string, attributes: api.QueueAttributes): void {
    checkAttributes(attributes);
    const policy = attributes["RedrivePolicy"];
    if (policy === undefined || policy === "") return;
    const { targetArn } = redriveOf(policy);
    const target = this.#byArn(targetArn);
    if (target === undefined)
      throw invalidParameter("RedrivePolicy", policy, "Dead letter target does not exist.");
    checkAllowed(target.attributes["RedriveAllowPolicy"], arnOf("sqs", name));
  }

  #byArn(arn: string): Queue | undefined {
    const queue = this.#queues.get(nameInArn(arn));
    return queue?.arn === arn ? queue : undefined;
  }

  /** Moves a message that was received too often to the dead-letter queue, as long as there is one. */
  #giveUp(queue: Queue, message: Message, now: EpochMs): boolean {
    const { redrive } = queue;
    if (redrive === undefined || message.receives < redrive.maxReceives) return false;
    const target = this.#byArn(redrive.targetArn);
    if (target === undefined) return false;
    target.adopt(message, queue, now);
    queue.delete(message);
    return true;
  }
}

function deleteFrom(queue: Queue, receiptHandle: string, now: EpochMs): void {
  const message = queue.received(receiptHandle, now);
  if (message !== undefined) queue.delete(message);
}
