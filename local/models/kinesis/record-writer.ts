import type { Clock } from "../../../shared/time/clock.ts";
import { ACCOUNT_ID } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import type {
  PutRecordInput,
  PutRecordOutput,
  PutRecordsEntry,
  PutRecordsInput,
  PutRecordsOutput,
  PutRecordsResult,
} from "./kinesis-api.ts";
import { checkEntry, checkRequest, routeOf, sizeOf } from "./record-checks.ts";
import type { RecordMemory } from "./record-memory.ts";
import type { ShardLog } from "./shard-log.ts";
import type { Stream } from "./stream.ts";
import type { Streams } from "./streams.ts";

const THROTTLED = "ProvisionedThroughputExceededException";

/** PutRecord and PutRecords: finds each record's shard, and appends what the shard's rate and the memory allow. */
export class RecordWriter {
  readonly #streams: Streams;
  readonly #memory: RecordMemory;
  readonly #clock: Clock;
  readonly #enforceLimits: boolean;

  constructor(streams: Streams, memory: RecordMemory, clock: Clock, enforceLimits: boolean) {
    this.#streams = streams;
    this.#memory = memory;
    this.#clock = clock;
    this.#enforceLimits = enforceLimits;
  }

  putRecord(input: PutRecordInput): PutRecordOutput {
    const stream = this.#streams.ready(input);
    checkEntry(input, stream.maxRecordKiB * 1_024);
    this.#makeRoom([input]);
    const shard = stream.owner(routeOf(input));
    checkOrdering(shard, input.SequenceNumberForOrdering);
    const refusal = this.#refusal(stream, shard, input);
    if (refusal !== undefined) throw new ServiceError(THROTTLED, refusal);
    const sequenceNumber = this.#append(stream, shard, input);
    this.#streams.wake(stream, shard);
    return { ShardId: shard.origin.id, SequenceNumber: sequenceNumber };
  }

  /** @param failed - the indexes of the records that must fail */
  putRecords(input: PutRecordsInput, failed: ReadonlySet<number>): PutRecordsOutput {
    const stream = this.#streams.ready(input);
    checkRequest(input.Records, stream.maxRecordKiB * 1_024);
    this.#makeRoom(input.Records);
    const touched = new Set<ShardLog>();
    let failures = 0;
    const results = input.Records.map((entry, index): PutRecordsResult => {
      const shard = stream.owner(routeOf(entry));
      const refusal = failed.has(index) ? rateExceeded(stream, shard) : this.#refusal(stream, shard, entry);
      if (refusal !== undefined) {
        failures += 1;
        return { ErrorCode: THROTTLED, ErrorMessage: refusal };
      }
      touched.add(shard);
      return { ShardId: shard.origin.id, SequenceNumber: this.#append(stream, shard, entry) };
    });
    for (const shard of touched) this.#streams.wake(stream, shard);
    return { FailedRecordCount: failures, Records: results };
  }

  /** Where the records would not find room, drops what has expired anywhere. */
  #makeRoom(entries: readonly PutRecordsEntry[]): void {
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (!this.#memory.fits(entries.length, bytes)) this.#streams.trim();
  }

  /** Why a record is not taken now; undefined, and counted, where it is. */
  #refusal(stream: Stream, shard: ShardLog, entry: PutRecordsEntry): string | undefined {
    const bytes = sizeOf(entry);
    if (!this.#memory.fits(1, bytes))
      return `${rateExceeded(stream, shard)} The records kept fill maxBytes, ${this.#memory.limitBytes}, of the model.`;
    if (!this.#enforceLimits) return undefined;
    const taken = shard.writeLimit.take(bytes, this.#clock.now());
    this.#streams.written(stream, shard);
    return taken ? undefined : rateExceeded(stream, shard);
  }

  #append(stream: Stream, shard: ShardLog, entry: PutRecordsEntry): string {
    const now = this.#clock.now();
    stream.trimShard(shard, now);
    return shard.append(entry.Data, entry.PartitionKey, now);
  }
}

/** The shard's next number is above every one that it and its parents gave out: another one was made up. */
function checkOrdering(shard: ShardLog, above: string | undefined): void {
  if (above !== undefined && BigInt(above) >= BigInt(shard.nextSequenceNumber))
    throw new ServiceError(
      "InvalidArgumentException",
      `ExclusiveMinimumSequenceNumber ${above} used in PutRecord on shard ${shard.origin.id} is invalid.`,
    );
}

const rateExceeded = (stream: Stream, shard: ShardLog): string =>
  `Rate exceeded for shard ${shard.origin.id} in stream ${stream.name} under account ${ACCOUNT_ID}.`;
