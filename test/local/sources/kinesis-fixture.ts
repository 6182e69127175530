import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import type { InvokeOutcome } from "../../../local/sources/event-source.ts";
import type { KinesisMapping } from "../../../local/sources/kinesis-mapping.ts";
import type { Wait } from "../../../local/sources/wait.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { type EpochMs, epochMs, milliseconds, plus } from "../../../shared/time/time.ts";

export const STREAM = "flights";
const STREAM_ARN: string = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;

export const MAPPING: KinesisMapping = {
  uuid: "11111111-2222-3333-4444-555555555555",
  streamArn: STREAM_ARN,
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:stage",
  role: "arn:aws:iam::000000000000:role/lambda-role",
  startingPosition: { at: "TRIM_HORIZON" },
  batchSize: 100,
  batchingWindow: milliseconds(0),
  parallelizationFactor: 1,
  maximumRetryAttempts: -1,
  maximumRecordAge: undefined,
  bisectOnError: false,
  reportBatchItemFailures: true,
  filter: undefined,
  childrenWaitForParents: true,
};

/** A clock that the test moves. */
export function steppingClock(): { now(): EpochMs; advance(ms: number): void } {
  let now = epochMs(1_700_000_000_000);
  return {
    now: () => now,
    advance: (ms) => {
      now = plus(now, milliseconds(ms));
    },
  };
}

/** Time that passes at once; the event loop turns meanwhile. */
export const noWait: Wait = () => new Promise((resolve) => setImmediate(resolve));

/** Time that stands still until the source is stopped or the wait is called off. */
export const standingStill: Wait = (_, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

export function streamOf(shardCount: number, clock: Clock = steppingClock()): KinesisModel {
  const kinesis = new KinesisModel({ clock, limits: "off" });
  kinesis.createStream({ StreamName: STREAM, ShardCount: shardCount });
  return kinesis;
}

/** Puts one record a text, with the text (up to a dash) as partition key. */
export function put(kinesis: KinesisModel, ...texts: readonly string[]): void {
  for (const text of texts)
    kinesis.putRecord({
      StreamName: STREAM,
      Data: new TextEncoder().encode(text),
      PartitionKey: text.split("-")[0] ?? text,
    });
}

export type SeenRecord = {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly key: string;
  readonly text: string;
};

type KinesisEventRecord = {
  readonly eventID: string;
  readonly kinesis: { readonly sequenceNumber: string; readonly partitionKey: string; readonly data: string };
};

/** The records of an event, as the handler of a function sees them. */
export function recordsOf(payload: string | Uint8Array): readonly SeenRecord[] {
  const text = typeof payload === "string" ? payload : new TextDecoder().decode(payload);
  const { Records } = JSON.parse(text) as { readonly Records: readonly KinesisEventRecord[] };
  return Records.map(({ eventID, kinesis }) => ({
    shardId: eventID.split(":")[0] ?? "",
    sequenceNumber: kinesis.sequenceNumber,
    key: kinesis.partitionKey,
    text: Buffer.from(kinesis.data, "base64").toString(),
  }));
}

const answer = (value: unknown): InvokeOutcome => ({
  requestId: "request",
  payload: new TextEncoder().encode(JSON.stringify(value)),
});
export const TAKEN: InvokeOutcome = answer(null);
export const THROWN: InvokeOutcome = { ...answer({ errorType: "Error" }), functionError: "Unhandled" };
export const failedFrom = (...sequenceNumbers: readonly string[]): InvokeOutcome =>
  answer({ batchItemFailures: sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier })) });
