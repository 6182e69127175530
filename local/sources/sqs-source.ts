import type { Clock } from "../../shared/time/clock.ts";
import { type DurationMs, type EpochMs, milliseconds, plus, seconds } from "../../shared/time/time.ts";
import { PAYLOAD_LIMIT_BYTES } from "../lambda/invocation.ts";
import type { ReceivedMessage } from "../models/sqs/sqs-api.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";
import { backoff } from "./backoff.ts";
import { readBatchResponse } from "./batch-response.ts";
import { BatchingWindow } from "./batching-window.ts";
import { ControlledSource } from "./controlled-source.ts";
import type { Invoke, InvokeOutcome } from "./event-source.ts";
import type { RecordFilter } from "./record-filter.ts";
import { sqsEvent, sqsRecord } from "./sqs-event.ts";
import type { Wait } from "./wait.ts";

/** An AWS::Lambda::EventSourceMapping of an SQS queue. */
export type SqsMapping = {
  readonly uuid: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly functionArn: string;
  /** 1 to 10,000; more than 10 only with a window. @default 10 */
  readonly batchSize: number;
  /** How long to gather a batch, at most 300 s. @default 0 */
  readonly batchingWindow: DurationMs;
  /** Only the messages that the function reports come again. */
  readonly reportBatchItemFailures: boolean;
  /** Messages that it lets through; the others are deleted. */
  readonly filter: RecordFilter<ReceivedMessage>;
  /** Invocations at once, 2 to 1,000. Without it AWS begins with 5 and goes up; here it stays at 5. @default 5 */
  readonly maximumConcurrency: number;
};

export type SqsSourceOptions = {
  readonly mapping: SqsMapping;
  readonly sqs: Pick<SqsModel, "receiveMessage" | "deleteMessageBatch" | "getQueueAttributes">;
  readonly invoke: Invoke;
  readonly clock: Clock;
  /** @default machineWait */
  readonly wait?: Wait;
};

/** A message that was received and not yet given to the function. */
type Held = {
  readonly message: ReceivedMessage;
  /** Its record in the event. */
  readonly json: string;
  readonly bytes: number;
  /** When others may receive it. */
  readonly hiddenUntil: EpochMs;
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
 * again when the queue's visibility timeout is over. A throttled batch is tried again until then
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
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
    const attributes = this.#attributes();
    return COUNTS.every((count) => Number(attributes[count] ?? 0) === 0);
  }

  async #poll(): Promise<void> {
    const window = new BatchingWindow(this.#options.mapping.batchingWindow, this.#options.clock);
    const held: Held[] = [];
    while (await this.control.mayGoOn()) {
      await this.#gather(held, window);
      if (held.length === 0) {
        await this.control.pause(IDLE);
        continue;
      }
      await this.#deliver(held.splice(0, fittingCount(held, this.#options.mapping.batchSize)));
      window.restart();
    }
  }

  /** Takes what is there, or what has come when the window is over. */
  async #gather(held: Held[], window: BatchingWindow): Promise<void> {
    const { clock, mapping } = this.#options;
    const until = plus(clock.now(), window.left());
    this.#receive(held);
    while (held.length > 0 && fittingCount(held, mapping.batchSize) === held.length) {
      const left = milliseconds(until - clock.now());
      if (left <= 0 || held.length === mapping.batchSize) return;
      await this.control.pause(milliseconds(Math.min(left, IDLE)));
      // stopped or switched off meanwhile: the messages come back by their visibility timeout
      if (this.control.stopped || !this.control.enabled) held.length = 0;
      else this.#receive(held);
    }
  }

  /** Takes what is visible, up to a full batch; what the filter does not let through is deleted. */
  #receive(held: Held[]): void {
    const { sqs, mapping, clock } = this.#options;
    const stillOurs = held.filter(({ hiddenUntil }) => clock.now() < hiddenUntil);
    held.splice(0, held.length, ...stillOurs);
    const hiddenUntil = plus(clock.now(), this.#visibilityTimeout());
    while (held.length < mapping.batchSize && fittingCount(held, mapping.batchSize) === held.length) {
      const MaxNumberOfMessages = Math.min(RECEIVE_AT_MOST, mapping.batchSize - held.length);
      const { Messages } = sqs.receiveMessage({ QueueUrl: mapping.queueUrl, MaxNumberOfMessages });
      const wanted = mapping.filter === undefined ? Messages : Messages.filter(mapping.filter);
      this.#delete(Messages.filter((message) => !wanted.includes(message)));
      for (const message of wanted) {
        const json = sqsRecord(message, mapping.queueArn);
        held.push({ message, hiddenUntil, json, bytes: Buffer.byteLength(json) });
      }
      if (Messages.length < MaxNumberOfMessages) return;
    }
  }

  async #deliver(batch: readonly Held[]): Promise<void> {
    const { counters } = this.control;
    const messages = batch.map(({ message }) => message);
    const givenUpAt = Math.min(...batch.map(({ hiddenUntil }) => hiddenUntil));
    for (let tries = 1; ; tries++) {
      counters.invocations += 1;
      const outcome = await this.control.during(this.#invoke(batch));
      if (outcome !== undefined) {
        const taken = this.#takenOf(messages, outcome);
        counters.delivered += taken.length;
        if (taken.length < messages.length) counters.failedInvocations += 1;
        this.#delete(taken);
        return;
      }
      counters.failedInvocations += 1;
      await this.control.pause(backoff(tries));
      // then the visibility timeout has brought the messages back
      if (!(await this.control.mayGoOn()) || this.#options.clock.now() >= givenUpAt) return;
    }
  }

  /** Undefined where the function was not reached, as for a throttle. */
  async #invoke(batch: readonly Held[]): Promise<InvokeOutcome | undefined> {
    try {
      return await this.#options.invoke(sqsEvent(batch.map(({ json }) => json)));
    } catch {
      return undefined;
    }
  }

  #takenOf(
    messages: readonly ReceivedMessage[],
    { functionError, payload }: InvokeOutcome,
  ): readonly ReceivedMessage[] {
    if (functionError !== undefined) return [];
    if (!this.#options.mapping.reportBatchItemFailures) return messages;
    const { failed } = readBatchResponse(
      payload,
      messages.map(({ MessageId }) => MessageId),
    );
    return messages.filter(({ MessageId }) => failed !== undefined && !failed.has(MessageId));
  }

  #delete(messages: readonly ReceivedMessage[]): void {
    const { sqs, mapping } = this.#options;
    for (let start = 0; start < messages.length; start += RECEIVE_AT_MOST) {
      const part = messages.slice(start, start + RECEIVE_AT_MOST);
      const Entries = part.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      sqs.deleteMessageBatch({ QueueUrl: mapping.queueUrl, Entries });
    }
  }

  #visibilityTimeout(): DurationMs {
    return seconds(Number(this.#attributes()["VisibilityTimeout"]));
  }

  #attributes(): Readonly<Record<string, string>> {
    const { sqs, mapping } = this.#options;
    return sqs.getQueueAttributes({ QueueUrl: mapping.queueUrl }).Attributes;
  }
}

/** How many of the first messages fit into one invocation: at most `most`, at most 6 MB of JSON, at least one. */
function fittingCount(held: readonly Held[], most: number): number {
  let total = sqsEvent([]).length;
  for (const [index, { bytes }] of held.entries()) {
    total += bytes + 1;
    if (index === most || total > PAYLOAD_LIMIT_BYTES) return Math.max(1, index);
  }
  return held.length;
}
