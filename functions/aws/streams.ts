import { type KinesisClient, PutRecordsCommand, type PutRecordsCommandOutput } from "@aws-sdk/client-kinesis";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import { hashKeyOf } from "../../shared/frames/partitioner.ts";
import type { OutRecord, Streams } from "../../shared/protocol/ports.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { type EpochMs, plus, seconds } from "../../shared/time/time.ts";
import { backOff } from "./backoff.ts";
import { isPassing } from "./service-errors.ts";

export type StreamsOptions = {
  readonly client: KinesisClient;
  readonly clock: Clock;
  /** The name that a stream was deployed under. @default the stream's own id */
  readonly nameOf?: (stream: string) => string;
  /** Until when a call to `publish` that begins now may try. @default 20 s from now */
  readonly deadline?: () => EpochMs;
};

/** Kinesis' limits of one call are 500 records and 5 MB with their keys. */
const RECORDS_PER_CALL = 500;
const BYTES_PER_CALL = 4_500_000;
/** Ours of a key: `p`, a partition, and room. */
const KEY_BYTES = 16;

/**
 * Publishes to Kinesis, each partition in order. PutRecords keeps no order between its records and may place
 * some and refuse others, so that a call takes at most one record of each partition:
 *
 *     call 1   p0:a  p1:x  p2:m     p1 is throttled
 *     call 2   p0:b  p1:x  p2:n     a and m are in, x comes again before y
 *
 * A call whose answer was lost is sent again and its records are then in the stream twice, next to each other
 * or around records of other partitions, never behind a later one of their own.
 */
export function kinesisStreams({ client, clock, nameOf, deadline }: StreamsOptions): Streams {
  return {
    async publish(stream, records) {
      const StreamName = nameOf?.(stream) ?? stream;
      const until = deadline?.() ?? plus(clock.now(), seconds(20));
      const queues = byPartition(records);
      for (let attempt = 0; queues.size > 0; ) {
        const call = nextCall(queues);
        const { placed, cause } = await put(client, StreamName, call);
        for (const record of placed) advance(queues, record.partition);
        if (placed.length === call.length) {
          attempt = 0;
          continue;
        }
        attempt = placed.length > 0 ? 1 : attempt + 1;
        if (clock.now() >= until || (cause !== undefined && !isPassing(cause)))
          throw new RecordsNotPlaced(stream, left(queues), records.length, cause);
        await backOff(attempt);
      }
    },
  };
}

type Queues = Map<number, OutRecord[]>;

/** The records of each partition, last first: the next one is taken from the end. */
function byPartition(records: readonly OutRecord[]): Queues {
  const queues: Queues = new Map();
  for (const record of records.toReversed()) {
    const queue = queues.get(record.partition);
    if (queue === undefined) queues.set(record.partition, [record]);
    else queue.push(record);
  }
  return queues;
}

/** One record of each partition, as many as one call takes. */
function nextCall(queues: Queues): OutRecord[] {
  const call: OutRecord[] = [];
  let bytes = 0;
  for (const queue of queues.values()) {
    const record = queue.at(-1);
    if (record === undefined) continue;
    bytes += record.data.length + KEY_BYTES;
    if (call.length === RECORDS_PER_CALL || (call.length > 0 && bytes > BYTES_PER_CALL)) break;
    call.push(record);
  }
  return call;
}

/** Takes the record that was placed from its queue, which goes behind the others: none of them starves. */
function advance(queues: Queues, partition: number): void {
  const queue = queues.get(partition);
  queues.delete(partition);
  queue?.pop();
  if (queue !== undefined && queue.length > 0) queues.set(partition, queue);
}

/** What was placed, and the error where the call failed as a whole. */
async function put(
  client: KinesisClient,
  StreamName: string,
  call: readonly OutRecord[],
): Promise<{ readonly placed: readonly OutRecord[]; readonly cause?: unknown }> {
  let output: PutRecordsCommandOutput;
  try {
    output = await client.send(
      new PutRecordsCommand({
        StreamName,
        Records: call.map(({ partition, partitions, data }) => ({
          Data: data,
          PartitionKey: `p${partition}`,
          ExplicitHashKey: hashKeyOf(partition, partitions),
        })),
      }),
    );
  } catch (cause) {
    return { placed: [], cause };
  }
  return { placed: call.filter((_, i) => output.Records?.[i]?.SequenceNumber !== undefined) };
}

/** The records that wait still, each partition's in order. */
const left = (queues: Queues): OutRecord[] => [...queues.values()].flatMap((queue) => queue.toReversed());

/** `PUBLISH_FAILED`, with the records that are not known to be in the stream. */
class RecordsNotPlaced extends MillraceError {
  readonly records: readonly OutRecord[];

  constructor(stream: string, records: readonly OutRecord[], all: number, cause: unknown) {
    const why = cause === undefined ? "" : `: ${messageOf(cause)}`;
    super(
      "PUBLISH_FAILED",
      `stream "${stream}": ${records.length} of ${all} records were not placed before the deadline${why}`,
      { next: "retried", ...(cause === undefined ? {} : { cause }) },
    );
    this.records = records;
  }
}
