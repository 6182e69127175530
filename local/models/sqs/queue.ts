import { hash } from "node:crypto";
import type { EpochMs } from "../../../shared/time/time.ts";
import type { MessageAttributes, QueueAttributes, ReceivedMessage } from "./sqs-api.ts";

const DEFAULTS: QueueAttributes = {
  VisibilityTimeout: "30",
  DelaySeconds: "0",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
};

export type Message = {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes | undefined;
  readonly sentAt: EpochMs;
  visibleAt: EpochMs;
  receives: number;
  firstReceivedAt: EpochMs | undefined;
};

/** One standard queue. A message is delivered in the order of sending where none is in flight or failed. */
export class Queue {
  readonly name: string;
  readonly createdAt: EpochMs;
  attributes: QueueAttributes;
  readonly #messages = new Map<string, Message>();
  #sent = 0;

  constructor(name: string, attributes: QueueAttributes, now: EpochMs) {
    this.name = name;
    this.createdAt = now;
    this.attributes = { ...DEFAULTS, ...attributes };
  }

  /** A numeric attribute, e.g. seconds of a timeout. */
  number(attribute: string): number {
    return Number(this.attributes[attribute]);
  }

  send(body: string, attributes: MessageAttributes | undefined, delaySeconds: number, now: EpochMs): Message {
    this.#sent += 1;
    const digest = hash("md5", `${this.name} ${this.createdAt} ${this.#sent}`, "hex");
    const id = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    const visibleAt = (now + delaySeconds * 1_000) as EpochMs;
    const message = { id, body, attributes, sentAt: now, visibleAt, receives: 0, firstReceivedAt: undefined };
    this.#messages.set(id, message);
    return message;
  }

  /** Takes a message over from another queue, as redrive does. */
  adopt(message: Message, now: EpochMs): void {
    this.#messages.set(message.id, { ...message, visibleAt: now, receives: 0, firstReceivedAt: undefined });
  }

  /** The messages that may be received now, oldest first; those beyond their retention are dropped. */
  *visible(now: EpochMs): Generator<Message> {
    const oldest = now - this.number("MessageRetentionPeriod") * 1_000;
    for (const message of this.#messages.values()) {
      if (message.sentAt < oldest) this.#messages.delete(message.id);
      else if (message.visibleAt <= now) yield message;
    }
  }

  /** Hides a message until its visibility timeout is over, and gives it out. */
  take(message: Message, visibilitySeconds: number, now: EpochMs): ReceivedMessage {
    message.receives += 1;
    message.firstReceivedAt ??= now;
    message.visibleAt = (now + visibilitySeconds * 1_000) as EpochMs;
    return {
      MessageId: message.id,
      ReceiptHandle: Buffer.from(`${message.id} ${message.receives}`).toString("base64"),
      MD5OfBody: hash("md5", message.body, "hex"),
      Body: message.body,
      Attributes: {
        SentTimestamp: String(message.sentAt),
        ApproximateReceiveCount: String(message.receives),
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      },
      ...(message.attributes !== undefined && { MessageAttributes: message.attributes }),
    };
  }

  /** The message that a receipt handle stands for; undefined where it is gone or was received again since. */
  received(receiptHandle: string): Message | undefined {
    const [id = "", receives] = Buffer.from(receiptHandle, "base64").toString().split(" ");
    const message = this.#messages.get(id);
    return message !== undefined && String(message.receives) === receives ? message : undefined;
  }

  delete(message: Message): void {
    this.#messages.delete(message.id);
  }

  purge(): void {
    this.#messages.clear();
  }

  /** How many messages wait, are in flight, or are delayed. */
  counts(now: EpochMs): { readonly waiting: number; readonly inFlight: number; readonly delayed: number } {
    let [waiting, inFlight, delayed] = [0, 0, 0];
    for (const { visibleAt, receives } of this.#messages.values())
      if (visibleAt <= now) waiting += 1;
      else if (receives > 0) inFlight += 1;
      else delayed += 1;
    return { waiting, inFlight, delayed };
  }
}
