import type { EpochMs } from "../../shared/time/time.ts";
import { PAYLOAD_LIMIT_BYTES } from "../lambda/invocation.ts";
import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";

/** What all records of one shard's events have in common. */
export type EventOrigin = {
  readonly shardId: string;
  readonly streamArn: string;
  readonly region: string;
  readonly invokeIdentityArn: string;
};

/** Writes the events of one shard. */
export type KinesisEventFormat = {
  /** How many of the first records fit into one invocation: at most `most`, at most 6 MB of JSON, at least one. */
  fittingCount(records: readonly StoredRecord[], most: number): number;
  /** The event's JSON. */
  encode(records: readonly StoredRecord[]): Uint8Array;
};

const HEAD = '{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":';
const NUMBER = ',"sequenceNumber":"';
const DATA = '","data":"';
const ARRIVAL = '","approximateArrivalTimestamp":';
const EVENT_BYTES = '{"Records":[]}'.length;
/** Characters that JSON takes over as they are, one byte each. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * The Kinesis event as Lambda sends it (https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html).
 * Written by hand, because JSON.stringify would walk megabytes of base64 that need no escaping.
 */
export function kinesisEventFormat(origin: EventOrigin): KinesisEventFormat {
  const tail =
    `},"eventSource":"aws:kinesis","eventVersion":"1.0","eventName":"aws:kinesis:record",` +
    `"invokeIdentityArn":${JSON.stringify(origin.invokeIdentityArn)},"awsRegion":${JSON.stringify(origin.region)},` +
    `"eventSourceARN":${JSON.stringify(origin.streamArn)},"eventID":"${origin.shardId}:`;
  const sharedBytes = `${HEAD}""${NUMBER}${DATA}${ARRIVAL}${tail}"},`.length;

  function bytesOf({
    Data,
    PartitionKey,
    SequenceNumber,
    ApproximateArrivalTimestamp,
  }: StoredRecord): number {
    const key = PLAIN.test(PartitionKey)
      ? PartitionKey.length
      : Buffer.byteLength(JSON.stringify(PartitionKey)) - 2;
    const data = Math.ceil(Data.byteLength / 3) * 4;
    return (
      sharedBytes + key + SequenceNumber.length * 2 + data + arrivalOf(ApproximateArrivalTimestamp).length
    );
  }

  function fittingCount(records: readonly StoredRecord[], most: number): number {
    let bytes = EVENT_BYTES - 1;
    let count = 0;
    for (const record of records) {
      if (count === most) break;
      bytes += bytesOf(record);
      if (bytes > PAYLOAD_LIMIT_BYTES) return Math.max(1, count);
      count += 1;
    }
    return count;
  }

  function encode(records: readonly StoredRecord[]): Uint8Array {
    const written = records.map(({ PartitionKey, SequenceNumber, Data, ApproximateArrivalTimestamp }) => {
      const data = Buffer.from(Data.buffer, Data.byteOffset, Data.byteLength).toString("base64");
      const own = `${JSON.stringify(PartitionKey)}${NUMBER}${SequenceNumber}${DATA}${data}${ARRIVAL}`;
      return `${HEAD}${own}${arrivalOf(ApproximateArrivalTimestamp)}${tail}${SequenceNumber}"}`;
    });
    return Buffer.from(`{"Records":[${written.join(",")}]}`);
  }

  return { fittingCount, encode };
}

/** Seconds, as the event has them. */
const arrivalOf = (at: EpochMs): string => String(at / 1_000);
