import type { Clock } from "../../../shared/time/clock.ts";
import type { EpochMs } from "../../../shared/time/time.ts";
import { ACCOUNT_ID } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import type { GetRecordsInput, GetRecordsOutput, GetShardIteratorInput, ShardRead } from "./kinesis-api.ts";
import { iteratorOf, readIterator } from "./shard-iterator.ts";
import type { ShardLog } from "./shard-log.ts";
import { startingPosition } from "./starting-position.ts";
import type { Stream } from "./stream.ts";
import type { Streams } from "./streams.ts";

const MAX_RECORDS = 10_000;
const MAX_BYTES = 10 * 1_048_576;

/** GetShardIterator and GetRecords, and reads without an iterator. */
export class RecordReader {
  readonly #streams: Streams;
  readonly #clock: Clock;
  readonly #enforceLimits: boolean;

  constructor(streams: Streams, clock: Clock, enforceLimits: boolean) {
    this.#streams = streams;
    this.#clock = clock;
    this.#enforceLimits = enforceLimits;
  }

  getShardIterator(input: GetShardIteratorInput): { readonly ShardIterator: string } {
    const now = this.#clock.now();
    const stream = this.#streams.ready(input);
    const shard = trimmed(stream, input.ShardId, now);
    const position = startingPosition(shard, input, now);
    this.#admit(stream, shard, shard.readLimit.takeIterator(now));
    return { ShardIterator: iteratorTo(stream, shard, position, now) };
  }

  getRecords(input: GetRecordsInput): GetRecordsOutput {
    const { Limit = MAX_RECORDS } = input;
    if (Limit > MAX_RECORDS)
      throw new ServiceError("InvalidArgumentException", `Limit ${Limit} is greater than ${MAX_RECORDS}.`);
    const now = this.#clock.now();
    const at = readIterator(input.ShardIterator, now);
    const stream = this.#streams.get({ StreamName: at.streamName });
    if (stream.createdAt !== at.streamCreatedAt)
      throw new ServiceError(
        "ResourceNotFoundException",
        `Stream ${at.streamName} was deleted and made again.`,
      );
    const shard = trimmed(stream, at.shardId, now);
    this.#admit(stream, shard, shard.readLimit.takeRead(now));
    const { records, bytes, next } = shard.read(at.position, Limit, MAX_BYTES);
    shard.readLimit.given(bytes, now);
    const atEnd = next >= shard.end;
    const lastArrival = records.at(-1)?.ApproximateArrivalTimestamp ?? now;
    const finished = atEnd && shard.closedAt !== undefined;
    return {
      Records: records,
      NextShardIterator: finished ? null : iteratorTo(stream, shard, next, now),
      MillisBehindLatest: atEnd ? 0 : Math.max(0, now - lastArrival),
      ...(finished && { ChildShards: stream.children(shard) }),
    };
  }

  read(
    streamName: string,
    shardId: string,
    afterSequenceNumber: string | undefined,
    maxRecords: number,
    maxBytes: number,
  ): ShardRead {
    const stream = this.#streams.get({ StreamName: streamName });
    const shard = trimmed(stream, shardId, this.#clock.now());
    const from =
      afterSequenceNumber === undefined
        ? shard.horizon
        : shard.origin.numbers.firstAfter(afterSequenceNumber);
    const { records, next } = shard.read(from, maxRecords, maxBytes);
    return {
      records,
      closed: shard.closedAt !== undefined && next >= shard.end,
      childShards: stream.children(shard),
    };
  }

  #admit(stream: Stream, shard: ShardLog, inTime: boolean): void {
    if (this.#enforceLimits && !inTime)
      throw new ServiceError(
        "ProvisionedThroughputExceededException",
        `Rate exceeded for shard ${shard.origin.id} in stream ${stream.name} under account ${ACCOUNT_ID}.`,
      );
  }
}

function trimmed(stream: Stream, shardId: string, now: EpochMs): ShardLog {
  const shard = stream.shard(shardId, now);
  stream.trimShard(shard, now);
  return shard;
}

const iteratorTo = (stream: Stream, shard: ShardLog, position: number, issuedAt: EpochMs): string =>
  iteratorOf({
    streamName: stream.name,
    streamCreatedAt: stream.createdAt,
    shardId: shard.origin.id,
    position,
    issuedAt,
  });
