import { type DurationMs, milliseconds } from "../../shared/time/time.ts";
import type { ReceivedMessage } from "../models/sqs/sqs-api.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import { readBatchResponse } from "./batch-response.ts";
import { ControlledSource } from "./controlled-source.ts";
import type { Invoke } from "./event-source.ts";
import { sqsEvent } from "./sqs-event.ts";
import type { Wait } from "./wait.ts";

/** An AWS::Lambda::EventSourceMapping of an SQS queue. */
export type SqsMapping = {
  readonly uuid: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly functionArn: string;
  /** 1 to 10,000; more than 10 only with a window. @default 10 */
  readonly batchSize: number;
  /** @default 0 */
  readonly batchingWindow: DurationMs;
  readonly reportBatchItemFailures: boolean;
  /** Invocations at once. @default 2 */
  readonly maximumConcurrency: number;
};

export type SqsSourceOptions = {
  readonly mapping: SqsMapping;
  readonly sqs: Pick<SqsModel, "receiveMessage" | "deleteMessageBatch" | "getQueueAttributes">;
  readonly invoke: Invoke;
  /** @default machineWait */
  readonly wait?: Wait;
};

const RECEIVE_AT_MOST = 10;
/** Messages of every state that a queue can hold. */
const COUNTS = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;
/** How often an empty queue is looked at. AWS holds a long poll instead; the model has no bell to ring. */
const IDLE = milliseconds(200);

/**
 * Lambda's event source mapping of a queue. What the function takes is deleted; what it fails becomes visible
 * again when the queue's visibility timeout is over.
 */
export class SqsSource extends ControlledSource {
  readonly #options: SqsSourceOptions;

  constructor(options: SqsSourceOptions) {
    const { uuid, queueArn, functionArn, maximumConcurrency } = options.mapping;
    super({ id: uuid, name: queueArn, functionArn }, options.wait);
    this.#options = options;
    for (let poller = 0; poller < maximumConcurrency; poller++) this.control.run(() => this.#poll());
  }

  caughtUp(): boolean {
    const { sqs, mapping } = this.#options;
    const { Attributes } = sqs.getQueueAttributes({ QueueUrl: mapping.queueUrl });
    return COUNTS.every((count) => Number(Attributes[count] ?? 0) === 0);
  }

  async #poll(): Promise<void> {
    while (await this.control.mayGoOn()) {
      const messages = await this.#gather();
      if (messages.length === 0) await this.control.pause(IDLE);
      else await this.#deliver(messages);
    }
  }

  async #gather(): Promise<readonly ReceivedMessage[]> {
    const { batchSize, batchingWindow } = this.#options.mapping;
    const messages = this.#receive(batchSize);
    if (messages.length === 0 || messages.length >= batchSize || batchingWindow === 0) return messages;
    await this.control.pause(batchingWindow);
    // stopped meanwhile: the messages come back by their visibility timeout
    if (this.control.stopped) return [];
    return [...messages, ...this.#receive(batchSize - messages.length)];
  }

  #receive(most: number): readonly ReceivedMessage[] {
    const { sqs, mapping } = this.#options;
    const messages: ReceivedMessage[] = [];
    while (messages.length < most) {
      const MaxNumberOfMessages = Math.min(RECEIVE_AT_MOST, most - messages.length);
      const { Messages } = sqs.receiveMessage({ QueueUrl: mapping.queueUrl, MaxNumberOfMessages });
      messages.push(...Messages);
      if (Messages.length < MaxNumberOfMessages) break;
    }
    return messages;
  }

  async #deliver(messages: readonly ReceivedMessage[]): Promise<void> {
    const { counters } = this.control;
    counters.invocations += 1;
    const taken = await this.control.during(this.#invoke(messages));
    counters.delivered += taken.length;
    if (taken.length < messages.length) counters.failedInvocations += 1;
    this.#delete(taken);
  }

  async #invoke(messages: readonly ReceivedMessage[]): Promise<readonly ReceivedMessage[]> {
    const { mapping, invoke } = this.#options;
    try {
      const { payload, functionError } = await invoke(sqsEvent(messages, mapping.queueArn));
      if (functionError !== undefined) return [];
      if (!mapping.reportBatchItemFailures) return messages;
      const { failed } = readBatchResponse(
        payload,
        messages.map(({ MessageId }) => MessageId),
      );
      return messages.filter(({ MessageId }) => failed !== undefined && !failed.has(MessageId));
    } catch {
      // not invoked at all: as with a failure, the visibility timeout brings the messages back
      return [];
    }
  }

  #delete(messages: readonly ReceivedMessage[]): void {
    const { sqs, mapping } = this.#options;
    for (let start = 0; start < messages.length; start += RECEIVE_AT_MOST) {
      const part = messages.slice(start, start + RECEIVE_AT_MOST);
      const Entries = part.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      sqs.deleteMessageBatch({ QueueUrl: mapping.queueUrl, Entries });
    }
  }
}
