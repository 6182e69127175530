import { ServiceError } from "../../../local/models/service-error.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import type { InvokeOutcome } from "../../../local/sources/event-source.ts";
import { type SqsMapping, SqsSource } from "../../../local/sources/sqs-source.ts";
import { type DurationMs, milliseconds } from "../../../shared/time/time.ts";
import { TAKEN, THROWN } from "../../local/sources/kinesis-fixture.ts";
import type { Verdict } from "./stream-scene.ts";
import { VirtualTime } from "./virtual-time.ts";

type SeenMessage = {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
  readonly [name: string]: unknown;
};

type Script = (messages: readonly SeenMessage[], call: number) => Verdict | Promise<Verdict>;

type Call = {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly bodies: readonly string[];
  readonly receives: readonly number[];
  readonly bytes: number;
};

const VISIBILITY_SECONDS = 30;

/** A queue with a mapping to a scripted function, and a dead-letter queue, in virtual time. */
export class QueueScene {
  readonly time: VirtualTime = new VirtualTime();
  readonly sqs: SqsModel = new SqsModel({ clock: this.time });
  readonly calls: Call[] = [];
  readonly events: string[] = [];
  readonly #queueUrl: string;
  readonly #deadLettersUrl: string;
  readonly #sources = new Set<SqsSource>();
  #script: Script = () => "take";
  #running = 0;
  #mostRunning = 0;

  /** Messages go to the dead-letter queue when they were received three times. */
  constructor() {
    this.#deadLettersUrl = this.sqs.createQueue({ QueueName: "dead-letters" }).QueueUrl;
    const deadLetterTargetArn = this.#arnOf(this.#deadLettersUrl);
    this.#queueUrl = this.sqs.createQueue({
      QueueName: "jobs",
      Attributes: {
        VisibilityTimeout: String(VISIBILITY_SECONDS),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 }),
      },
    }).QueueUrl;
  }

  send(...bodies: readonly string[]): void {
    for (const MessageBody of bodies) this.sqs.sendMessage({ QueueUrl: this.#queueUrl, MessageBody });
  }

  map(mapping: Partial<SqsMapping> = {}, script: Script = () => "take"): SqsSource {
    this.#script = script;
    const source = new SqsSource({
      sqs: this.sqs,
      clock: this.time,
      wait: this.time.wait,
      invoke: (payload) => this.#invoke(payload),
      mapping: {
        uuid: "11111111-2222-3333-4444-555555555555",
        queueArn: this.#arnOf(this.#queueUrl),
        queueUrl: this.#queueUrl,
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:worker",
        batchSize: 10,
        batchingWindow: milliseconds(0),
        reportBatchItemFailures: false,
        filter: undefined,
        maximumConcurrency: 5,
        ...mapping,
      },
    });
    this.#sources.add(source);
    return source;
  }

  pass(duration: DurationMs): Promise<void> {
    return this.time.pass(duration);
  }

  /** Messages that the queue still has, and that its dead-letter queue has. */
  left(): { readonly queue: number; readonly deadLetters: number } {
    return { queue: this.#count(this.#queueUrl), deadLetters: this.#count(this.#deadLettersUrl) };
  }

  /** The most invocations that ran at once. */
  get mostRunning(): number {
    return this.#mostRunning;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#sources].map((source) => source.close()));
  }

  async #invoke(payload: string | Uint8Array): Promise<InvokeOutcome> {
    const text = String(payload);
    const { Records } = JSON.parse(text) as { readonly Records: readonly SeenMessage[] };
    this.calls.push({
      at: this.time.passed,
      bodies: Records.map(({ body }) => body),
      receives: Records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount)),
      bytes: Buffer.byteLength(text),
    });
    this.events.push(text);
    this.#running += 1;
    this.#mostRunning = Math.max(this.#mostRunning, this.#running);
    const verdict = await this.#script(Records, this.calls.length);
    this.#running -= 1;
    if (verdict === "throttle") throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    if (verdict === "throw") return THROWN;
    if (verdict === "take") return TAKEN;
    return { ...TAKEN, payload: new TextEncoder().encode(JSON.stringify(verdict.answers)) };
  }

  #arnOf(QueueUrl: string): string {
    return this.sqs.getQueueAttributes({ QueueUrl }).Attributes["QueueArn"] ?? "";
  }

  #count(QueueUrl: string): number {
    const { Attributes } = this.sqs.getQueueAttributes({ QueueUrl });
    return ["", "NotVisible", "Delayed"].reduce(
      (sum, state) => sum + Number(Attributes[`ApproximateNumberOfMessages${state}`] ?? 0),
      0,
    );
  }
}
