import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { S3Model } from "../../../local/models/s3/s3-model.ts";
import { ServiceError } from "../../../local/models/service-error.ts";
import { SnsModel } from "../../../local/models/sns/sns-model.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { type OnFailure, toBucket, toQueue, toTopic } from "../../../local/sources/discarded-batch.ts";
import type { InvokeOutcome } from "../../../local/sources/event-source.ts";
import type { KinesisCheckpoint } from "../../../local/sources/kinesis-checkpoint.ts";
import type { KinesisMapping } from "../../../local/sources/kinesis-mapping.ts";
import { KinesisSource } from "../../../local/sources/kinesis-source.ts";
import type { DurationMs } from "../../../shared/time/time.ts";
import {
  MAPPING,
  recordsOf,
  type SeenRecord,
  STREAM,
  TAKEN,
  THROWN,
} from "../../local/sources/kinesis-fixture.ts";
import { VirtualTime } from "./virtual-time.ts";

/** What the function does with a batch: take it, throw, be throttled, or answer with this. */
export type Verdict = "take" | "throw" | "throttle" | { readonly answers: unknown };

/** A function, by what it does with each batch. */
export type Script = (records: readonly SeenRecord[], call: number) => Verdict | Promise<Verdict>;

/** An invocation that reached the function. */
export type Call = {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly texts: readonly string[];
  readonly shardId: string;
  readonly bytes: number;
};

type Destination = "queue" | "topic" | "bucket";

const DESTINATION = "abandoned";

/** A stream with a mapping to a scripted function, in virtual time. */
export class StreamScene {
  readonly time: VirtualTime = new VirtualTime();
  readonly kinesis: KinesisModel = new KinesisModel({ clock: this.time, limits: "off" });
  readonly sqs: SqsModel = new SqsModel({ clock: this.time });
  readonly sns: SnsModel = new SnsModel({ clock: this.time });
  readonly s3: S3Model = new S3Model({ clock: this.time });
  readonly calls: Call[] = [];
  /** Payloads as they came. */
  readonly events: string[] = [];
  readonly #sources = new Set<KinesisSource>();
  readonly #queueUrl: string;
  readonly #topicArn: string;
  #script: Script = () => "take";

  constructor(shards = 1) {
    this.kinesis.createStream({ StreamName: STREAM, ShardCount: shards });
    this.#queueUrl = this.sqs.createQueue({ QueueName: DESTINATION }).QueueUrl;
    this.#topicArn = this.sns.createTopic(DESTINATION);
    this.s3.createBucket({ Bucket: DESTINATION });
  }

  /** Puts a record a text; what is before a dash is its partition key. */
  put(...texts: readonly string[]): void {
    for (const text of texts)
      this.kinesis.putRecord({
        StreamName: STREAM,
        Data: new TextEncoder().encode(text),
        PartitionKey: text.split("-")[0] ?? text,
      });
  }

  /** Makes a mapping. @param onFailure - what kind of destination it has */
  map(
    mapping: Partial<KinesisMapping> = {},
    script: Script = () => "take",
    options: { readonly onFailure?: Destination; readonly resumeFrom?: KinesisCheckpoint } = {},
  ): KinesisSource {
    this.#script = script;
    const source = new KinesisSource({
      kinesis: this.kinesis,
      clock: this.time,
      wait: this.time.wait,
      invoke: (payload) => this.#invoke(payload),
      onFailure: this.#destination(options.onFailure),
      resumeFrom: options.resumeFrom,
      mapping: { ...MAPPING, reportBatchItemFailures: false, ...mapping },
    });
    this.#sources.add(source);
    return source;
  }

  /** The texts of each invocation. */
  batches(): readonly (readonly string[])[] {
    return this.calls.map(({ texts }) => texts);
  }

  pass(duration: DurationMs): Promise<void> {
    return this.time.pass(duration);
  }

  /** What the queue got. */
  queued(): readonly unknown[] {
    const { Messages } = this.sqs.receiveMessage({ QueueUrl: this.#queueUrl, MaxNumberOfMessages: 10 });
    return Messages.map(({ Body }) => JSON.parse(Body));
  }

  /** What the topic got. */
  published(): readonly unknown[] {
    return this.sns.notifications(this.#topicArn).map(({ message }) => JSON.parse(message));
  }

  /** What the bucket got, by key. */
  stored(): readonly { readonly key: string; readonly content: Readonly<Record<string, unknown>> }[] {
    return this.s3.listObjectsV2({ Bucket: DESTINATION }).Contents.map(({ Key: key }) => {
      const { Body } = this.s3.getObject({ Bucket: DESTINATION, Key: key });
      return { key, content: JSON.parse(new TextDecoder().decode(Body)) };
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#sources].map((source) => source.close()));
  }

  async #invoke(payload: string | Uint8Array): Promise<InvokeOutcome> {
    const text = typeof payload === "string" ? payload : new TextDecoder().decode(payload);
    const records = recordsOf(text);
    const call = {
      at: this.time.passed,
      texts: records.map((record) => record.text),
      shardId: records[0]?.shardId ?? "",
      bytes: Buffer.byteLength(payload),
    };
    this.calls.push(call);
    this.events.push(text);
    const verdict = await this.#script(records, this.calls.length);
    if (verdict === "throttle") throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    if (verdict === "throw") return THROWN;
    if (verdict === "take") return TAKEN;
    return { ...TAKEN, payload: new TextEncoder().encode(JSON.stringify(verdict.answers)) };
  }

  #destination(kind: Destination | undefined): OnFailure | undefined {
    switch (kind) {
      case "queue":
        return toQueue(this.sqs, this.#queueUrl, this.time);
      case "topic":
        return toTopic(this.sns, this.#topicArn, this.time);
      case "bucket":
        return toBucket(this.s3, DESTINATION, this.time);
      case undefined:
        return undefined;
    }
  }
}

/** The answer that reports these records as failed. */
export const reports = (...itemIdentifiers: readonly unknown[]): Verdict => ({
  answers: { batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) },
});
