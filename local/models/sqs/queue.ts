import { hash } from "node:crypto";
import { END_OF_TIME, type EpochMs } from "../../../shared/time/time.ts";
import { ACCOUNT_ID, arnOf } from "../arn.ts";
import { askedAttributes, attributesMd5 } from "./message-attributes.ts";
import { changedAttributes, DEFAULT_ATTRIBUTES } from "./queue-attributes.ts";
import { ReceiptHandles } from "./receipt-handles.ts";
import { type Redrive, redriveOf } from "./redrive.ts";
import type { QueueAttributes, ReceivedMessage, ReceiveMessageInput, SendMessageEntry } from "./sqs-api.ts";

export type Message = {
  readonly id: string;
  readonly sent: SendMessageEntry;
  readonly sentAt: EpochMs;
  /** The queue that gave it up, where this one is a dead-letter queue. */
  readonly deadLetterSourceArn: string | undefined;
  /** How often other queues gave it out before. */
  readonly earlierReceives: number;
  visibleAt: EpochMs;
  /** How often this queue has given it out. */
  receives: number;
  /** When it was last given out. */
  receivedAt: EpochMs | undefined;
  firstReceivedAt: EpochMs | undefined;
};

/** A queue without its messages, as it is kept. */
export type SavedQueue = {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly purgedAt: EpochMs | undefined;
  /** How many were sent, so that no id comes twice. */
  readonly sent: number;
};

/** One standard queue. A message is delivered in the order of sending where none is in flight or failed. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: EpochMs;
  readonly handles: ReceiptHandles;
  purgedAt: EpochMs | undefined;
  #attributes: QueueAttributes = DEFAULT_ATTRIBUTES;
  #modifiedAt: EpochMs;
  #redrive: Redrive | undefined;
  readonly #messages = new Map<string, Message>();
  #arrival = Promise.withResolvers<void>();
  #sent = 0;

  constructor(name: string, attributes: QueueAttributes, now: EpochMs) {
    this.name = name;
    this.arn = arnOf("sqs", name);
    this.createdAt = now;
    this.handles = new ReceiptHandles(`${name} ${now}`);
    this.#modifiedAt = now;
    this.change(attributes, now);
  }

  /** The queue as it was saved, its messages still to be put in. */
  static restore(saved: SavedQueue): Queue {
    const queue = new Queue(saved.name, saved.attributes, saved.createdAt);
    queue.purgedAt = saved.purgedAt;
    queue.#modifiedAt = saved.modifiedAt;
    queue.#sent = saved.sent;
    return queue;
  }

  /** What to make the same one of, but for its messages. */
  save(): SavedQueue {
    const { name, attributes, createdAt, purgedAt } = this;
    return { name, attributes, createdAt, purgedAt, modifiedAt: this.#modifiedAt, sent: this.#sent };
  }

  /** Copies of its messages, in their order. */
  messages(): readonly Message[] {
    return [...this.#messages.values()].map((message) => ({ ...message }));
  }

  /** Puts in messages that a queue like it had. */
  load(messages: readonly Message[]): void {
    for (const message of messages) this.#messages.set(message.id, message);
  }

  get attributes(): QueueAttributes {
    return this.#attributes;
  }

  get redrive(): Redrive | undefined {
    return this.#redrive;
  }

  /** What has expired by now is gone, also where the new retention is longer. */
  change(attributes: QueueAttributes, now: EpochMs): void {
    this.#dropExpired(now);
    this.#attributes = changedAttributes(this.#attributes, attributes);
    const policy = this.#attributes["RedrivePolicy"];
    this.#redrive = policy === undefined ? undefined : redriveOf(policy);
    this.#modifiedAt = now;
    this.#ring();
  }

  /** A numeric attribute, e.g. seconds of a timeout. */
  number(attribute: string): number {
    return Number(this.#attributes[attribute]);
  }

  /** All attributes, those that SQS makes included. */
  described(now: EpochMs): QueueAttributes {
    const { waiting, inFlight, delayed } = this.counts(now);
    return {
      ...this.#attributes,
      QueueArn: this.arn,
      CreatedTimestamp: seconds(this.createdAt),
      LastModifiedTimestamp: seconds(this.#modifiedAt),
      ApproximateNumberOfMessages: String(waiting),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
    };
  }

  send(sent: SendMessageEntry, now: EpochMs): Message {
    this.#sent += 1;
    const digest = hash("md5", `${this.name} ${this.createdAt} ${this.#sent}`, "hex");
    const message: Message = {
      id: digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
      sent,
      sentAt: now,
      deadLetterSourceArn: undefined,
      earlierReceives: 0,
      visibleAt: (now + (sent.DelaySeconds ?? this.number("DelaySeconds")) * 1_000) as EpochMs,
      receives: 0,
      receivedAt: undefined,
      firstReceivedAt: undefined,
    };
    this.#messages.set(message.id, message);
    this.#ring();
    return message;
  }

  /** Takes a message over from a queue that gives it up; it stays as old as it is. */
  adopt(message: Message, from: Queue, now: EpochMs): void {
    this.#messages.set(message.id, {
      ...message,
      deadLetterSourceArn: from.arn,
      earlierReceives: message.earlierReceives + message.receives,
      visibleAt: now,
      receives: 0,
      receivedAt: undefined,
    });
    this.#ring();
  }

  /** The messages that may be received now, oldest first; those beyond their retention are dropped. */
  *visible(now: EpochMs): Generator<Message> {
    for (const message of this.#kept(now)) if (message.visibleAt <= now) yield message;
  }

  /** Hides a message until its visibility timeout is over, and gives it out. */
  take(message: Message, input: ReceiveMessageInput, now: EpochMs): ReceivedMessage {
    const { VisibilityTimeout = this.number("VisibilityTimeout"), MessageSystemAttributeNames: names } =
      input;
    message.receives += 1;
    message.receivedAt = now;
    message.firstReceivedAt ??= now;
    message.visibleAt = (now + VisibilityTimeout * 1_000) as EpochMs;
    const { MessageBody, MessageAttributes } = message.sent;
    const attributes = askedAttributes(MessageAttributes, input.MessageAttributeNames);
    const md5 = attributesMd5(attributes);
    const isAsked = ([name]: [string, unknown]) =>
      names === undefined || names.includes("All") || names.includes(name);
    return {
      MessageId: message.id,
      ReceiptHandle: this.handles.make(message.id, message.receives),
      MD5OfBody: hash("md5", MessageBody, "hex"),
      Body: MessageBody,
      Attributes: Object.fromEntries(Object.entries(systemAttributes(message)).filter(isAsked)),
      ...(md5 !== undefined && { MD5OfMessageAttributes: md5 }),
      ...(attributes !== undefined && { MessageAttributes: attributes }),
    };
  }

  /**
   * The message that a receipt handle stands for; undefined where it is gone or was received again since.
   * Throws ReceiptHandleIsInvalid for a handle that this queue never gave out.
   */
  received(receiptHandle: string, now: EpochMs): Message | undefined {
    const { id, receives } = this.handles.read(receiptHandle);
    const message = this.#messages.get(id);
    if (message?.receives !== receives || message.sentAt < this.#oldestKept(now)) return undefined;
    return message;
  }

  /** Lets a message in flight be seen by others from a time on. */
  show(message: Message, at: EpochMs): void {
    message.visibleAt = at;
    this.#ring();
  }

  delete(message: Message): void {
    this.#messages.delete(message.id);
  }

  purge(now: EpochMs): void {
    this.purgedAt = now;
    this.#messages.clear();
  }

  /** Resolves when a message is sent or what is visible when is changed. Ask for it before looking, or an arrival is missed. */
  arrival(): Promise<void> {
    return this.#arrival.promise;
  }

  /** When the next hidden or delayed message becomes visible; END_OF_TIME where there is none. */
  nextVisibleAt(): EpochMs {
    let next = END_OF_TIME;
    for (const { visibleAt } of this.#messages.values()) if (visibleAt < next) next = visibleAt;
    return next;
  }

  /** How many messages wait, are in flight, or are delayed. */
  counts(now: EpochMs): { readonly waiting: number; readonly inFlight: number; readonly delayed: number } {
    let [waiting, inFlight, delayed] = [0, 0, 0];
    for (const { visibleAt, receives } of this.#kept(now))
      if (visibleAt <= now) waiting += 1;
      else if (receives > 0) inFlight += 1;
      else delayed += 1;
    return { waiting, inFlight, delayed };
  }

  /** The messages within their retention; the others are dropped. */
  #kept(now: EpochMs): Iterable<Message> {
    this.#dropExpired(now);
    return this.#messages.values();
  }

  #dropExpired(now: EpochMs): void {
    const oldest = this.#oldestKept(now);
    for (const message of this.#messages.values())
      if (message.sentAt < oldest) this.#messages.delete(message.id);
  }

  /** When the oldest message may have been sent that is still within its retention. */
  #oldestKept(now: EpochMs): EpochMs {
    return (now - this.number("MessageRetentionPeriod") * 1_000) as EpochMs;
  }

  #ring(): void {
    const { resolve } = this.#arrival;
    this.#arrival = Promise.withResolvers();
    resolve();
  }
}

const seconds = (at: EpochMs): string => String(Math.floor(at / 1_000));

function systemAttributes(message: Message): Readonly<Record<string, string>> {
  const { MessageGroupId: group, MessageSystemAttributes: system = {} } = message.sent;
  const trace = system["AWSTraceHeader"]?.StringValue;
  return {
    SenderId: ACCOUNT_ID,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.earlierReceives + message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(group !== undefined && { MessageGroupId: group }),
    ...(trace !== undefined && { AWSTraceHeader: trace }),
    ...(message.deadLetterSourceArn !== undefined && {
      DeadLetterQueueSourceArn: message.deadLetterSourceArn,
    }),
  };
}
