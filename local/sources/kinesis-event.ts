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
/** Names, quotes and the arrival time of a record's own part; a little more than they ever take. */
const OWN_BYTES = 96;

/**
 * The Kinesis event as Lambda sends it (https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html).
 * Written by hand, because JSON.stringify would walk megabytes of base64 that need no escaping.
 */
export function kinesisEventFormat(origin: EventOrigin): KinesisEventFormat {
  const tail =
    `},"eventSource":"aws:kinesis","eventVersion":"1.0","eventName":"aws:kinesis:record",` +
    `"invokeIdentityArn":${JSON.stringify(origin.invokeIdentityArn)},"awsRegion":${JSON.stringify(origin.region)},` +
    `"eventSourceARN":${JSON.stringify(origin.streamArn)},"eventID":"${origin.shardId}:`;
  const sharedBytes = HEAD.length + tail.length + OWN_BYTES;

  function fittingCount(records: readonly StoredRecord[], most: number): number {
    let bytes = 0;
    let count = 0;
    for (const { Data, PartitionKey, SequenceNumber } of records) {
      if (count === most) break;
      const data = Math.ceil(Data.byteLength / 3) * 4;
      // a UTF-16 unit takes at most 6 bytes, as an escape
      bytes += sharedBytes + data + PartitionKey.length * 6 + SequenceNumber.length * 2;
      if (bytes > PAYLOAD_LIMIT_BYTES) return Math.max(1, count);
      count += 1;
    }
    return count;
  }

  function encode(records: readonly StoredRecord[]): Uint8Array {
    const written = records.map(({ PartitionKey, SequenceNumber, Data, ApproximateArrivalTimestamp }) => {
      const data = Buffer.from(Data.buffer, Data.byteOffset, Data.byteLength).toString("base64");
      const own =
        `${JSON.stringify(PartitionKey)},"sequenceNumber":"${SequenceNumber}","data":"${data}",` +
        `"approximateArrivalTimestamp":${ApproximateArrivalTimestamp / 1_000}`;
      return `${HEAD}${own}${tail}${SequenceNumber}"}`;
    });
    return Buffer.from(`{"Records":[${written.join(",")}]}`);
  }

  return { fittingCount, encode };
}
