import { randomUUID } from "node:crypto";
import { type Clock, isoOf } from "../../../shared/time/clock.ts";
import type { EpochMs } from "../../../shared/time/time.ts";
import { arnOf } from "../arn.ts";
import { ServiceError } from "../service-error.ts";

/** A message that was published to a topic. */
export type Notification = {
  readonly topicArn: string;
  readonly messageId: string;
  readonly subject: string | undefined;
  readonly message: string;
  readonly at: EpochMs;
};

/** Who is told of a topic's messages. */
export type Subscription = {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  /** Takes the notification; absent where nothing on this machine can (an e-mail address, a phone). */
  readonly deliver?: (notification: Notification) => void;
};

/** The newest notifications of all topics are kept. */
const KEPT = 1_000;

/** SNS as alarms use it: topics, subscriptions, and what was published, to be looked up. */
export class SnsModel {
  readonly #clock: Clock;
  readonly #topics = new Set<string>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #published: Notification[] = [];

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  createTopic(name: string): string {
    const arn = arnOf("sns", name);
    this.#topics.add(arn);
    return arn;
  }

  deleteTopic(arn: string): void {
    this.#topics.delete(arn);
    for (const [id, { topicArn }] of this.#subscriptions)
      if (topicArn === arn) this.#subscriptions.delete(id);
  }

  /** @returns the subscription's ARN */
  subscribe(subscription: Subscription): string {
    this.#check(subscription.topicArn);
    const arn = `${subscription.topicArn}:${randomUUID()}`;
    this.#subscriptions.set(arn, subscription);
    return arn;
  }

  /** Delivers another way from now on. */
  resubscribe(arn: string, subscription: Subscription): void {
    this.#subscriptions.set(arn, subscription);
  }

  unsubscribe(arn: string): void {
    this.#subscriptions.delete(arn);
  }

  publish(topicArn: string, message: string, subject?: string): Notification {
    this.#check(topicArn);
    const notification = { topicArn, messageId: randomUUID(), subject, message, at: this.#clock.now() };
    this.#published.push(notification);
    if (this.#published.length > KEPT) this.#published.shift();
    for (const subscription of this.#subscriptions.values())
      if (subscription.topicArn === topicArn) subscription.deliver?.(notification);
    return notification;
  }

  /** What was published, oldest first. */
  notifications(topicArn?: string): readonly Notification[] {
    return this.#published.filter((one) => topicArn === undefined || one.topicArn === topicArn);
  }

  #check(topicArn: string): void {
    if (!this.#topics.has(topicArn)) throw new ServiceError("NotFound", "Topic does not exist", 404);
  }
}

/** What SNS puts around a message that it does not deliver raw. */
export const envelopeOf = ({ topicArn, messageId, subject, message, at }: Notification): string =>
  JSON.stringify({
    Type: "Notification",
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    Timestamp: isoOf(at),
  });
