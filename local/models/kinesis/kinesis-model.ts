import type { Clock } from "../../../shared/time/clock.ts";
import { nameInArn } from "../arn.ts";
import { type ServiceFaults, underFaults } from "../faults.ts";
import { ServiceError } from "../service-error.ts";
import { describeStream, summarise } from "./describe-stream.ts";
import { parseHashKey } from "./hash-space.ts";
import type * as api from "./kinesis-api.ts";
import { checkEntry, checkRequest, type RecordLimits, routeOf, sizeOf } from "./record-checks.ts";
import { iteratorOf, readIterator } from "./shard-iterator.ts";
import type { ShardLog } from "./shard-log.ts";
import { startingPosition } from "./starting-position.ts";
import { Stream } from "./stream.ts";

const MAX_RECORDS_PER_GET = 10_000;
const MAX_BYTES_PER_GET = 10_485_760;
const MAX_SHARDS_PER_LIST = 1_000;

export type KinesisOptions = {
  readonly clock: Clock;
  /** Whether a shard takes only 1 MiB and 1,000 records a second. @default "enforced" */
  readonly limits?: "enforced" | "off";
  /** The largest record: data and partition key. @default 1 MiB */
  readonly maxRecordBytes?: number;
  readonly faults?: ServiceFaults;
};

/**
 * Kinesis Data Streams in memory: every operation is done at once, and a stream is ACTIVE as soon as it is made.
 * Throws ServiceError with the codes of the API.
 */
export class KinesisModel {
  readonly #clock: Clock;
  readonly #enforceLimits: boolean;
  readonly #limits: RecordLimits;
  readonly #faults: ServiceFaults | undefined;
  readonly #streams = new Map<string, Stream>();
  readonly #listeners = new Set<(streamName: string, shardId: string) => void>();

  constructor(options: KinesisOptions) {
    this.#clock = options.clock;
    this.#enforceLimits = options.limits !== "off";
    this.#limits = { maxRecordBytes: options.maxRecordBytes ?? 1_048_576 };
    this.#faults = options.faults;
  }

  createStream(input: api.CreateStreamInput): void {
    this.#run("CreateStream", input, () => {
      const { StreamName: name, ShardCount = 1, RetentionPeriodHours = 24 } = input;
      if (!/^[\w.-]{1,128}$/.test(name))
        throw invalid(`"${name}" is no name of a stream`, "ValidationException");
      if (!Number.isSafeInteger(ShardCount) || ShardCount < 1)
        throw invalid(`ShardCount ${ShardCount} is below 1`);
      if (this.#streams.has(name))
        throw new ServiceError("ResourceInUseException", `Stream ${name} already exists.`);
      const mode = input.StreamModeDetails?.StreamMode ?? "PROVISIONED";
      this.#streams.set(name, new Stream(name, mode, ShardCount, RetentionPeriodHours, this.#clock.now()));
    });
  }

  deleteStream(input: api.StreamRef): void {
    this.#run("DeleteStream", input, () => this.#streams.delete(this.#stream(input).name));
  }

  describeStreamSummary(input: api.StreamRef): {
    readonly StreamDescriptionSummary: api.StreamDescriptionSummary;
  } {
    return this.#run("DescribeStreamSummary", input, () => ({
      StreamDescriptionSummary: summarise(this.#stream(input)),
    }));
  }

  describeStream(input: api.StreamRef): { readonly StreamDescription: api.StreamDescription } {
    return this.#run("DescribeStream", input, () => ({
      StreamDescription: describeStream(this.#stream(input), this.#clock.now()),
    }));
  }

  listStreams(): api.ListStreamsOutput {
    return this.#run("ListStreams", {}, () => ({
      StreamNames: [...this.#streams.keys()].sort(),
      HasMoreStreams: false,
    }));
  }

  listShards(input: api.ListShardsInput): api.ListShardsOutput {
    return this.#run("ListShards", input, () => {
      // A token is `stream after-shard`: with it the caller gives no stream.
      const [tokenStream, tokenShard] = input.NextToken?.split(" ") ?? [];
      const stream = this.#stream(tokenStream === undefined ? input : { StreamName: tokenStream });
      const after = tokenShard ?? input.ExclusiveStartShardId ?? "";
      const most = input.MaxResults ?? MAX_SHARDS_PER_LIST;
      const shards = stream.shards(this.#clock.now()).filter(({ origin }) => origin.id > after);
      const page = shards.slice(0, most).map((shard) => shard.describe());
      const last = page.at(-1);
      return {
        Shards: page,
        ...(shards.length > most && last !== undefined && { NextToken: `${stream.name} ${last.ShardId}` }),
      };
    });
  }

  putRecord(input: api.PutRecordInput): api.PutRecordOutput {
    return this.#run("PutRecord", input, () => {
      const stream = this.#stream(input);
      checkEntry(input, this.#limits);
      const shard = stream.owner(routeOf(input));
      if (!this.#admits(shard, input)) throw new ServiceError(THROTTLED, throttledMessage(stream, shard));
      const sequenceNumber = this.#append(stream, shard, input);
      this.#wake(stream, shard);
      return { ShardId: shard.origin.id, SequenceNumber: sequenceNumber };
    });
  }

  /** At most 500 records and 5 MiB; records fail one by one, and those of one shard keep their order. */
  putRecords(input: api.PutRecordsInput): api.PutRecordsOutput {
    return this.#run("PutRecords", input, (failed) => {
      const stream = this.#stream(input);
      checkRequest(input.Records, this.#limits);
      const touched = new Set<ShardLog>();
      let failures = 0;
      const results = input.Records.map((entry, index): api.PutRecordsResult => {
        const shard = stream.owner(routeOf(entry));
        if (failed.has(index) || !this.#admits(shard, entry)) {
          failures += 1;
          return { ErrorCode: THROTTLED, ErrorMessage: throttledMessage(stream, shard) };
        }
        touched.add(shard);
        return { ShardId: shard.origin.id, SequenceNumber: this.#append(stream, shard, entry) };
      });
      for (const shard of touched) this.#wake(stream, shard);
      return { FailedRecordCount: failures, Records: results };
    });
  }

  getShardIterator(input: api.GetShardIteratorInput): { readonly ShardIterator: string } {
    return this.#run("GetShardIterator", input, () => {
      const now = this.#clock.now();
      const stream = this.#stream(input);
      const shard = stream.shard(input.ShardId);
      stream.trim(shard, now);
      const position = startingPosition(shard, input);
      return {
        ShardIterator: iteratorOf({
          streamName: stream.name,
          shardId: shard.origin.id,
          position,
          issuedAt: now,
        }),
      };
    });
  }

  getRecords(input: api.GetRecordsInput): api.GetRecordsOutput {
    return this.#run("GetRecords", input, () => {
      const { Limit = MAX_RECORDS_PER_GET } = input;
      if (!(Limit >= 1 && Limit <= MAX_RECORDS_PER_GET))
        throw invalid(`Limit ${Limit} is not between 1 and ${MAX_RECORDS_PER_GET}`, "ValidationException");
      const now = this.#clock.now();
      const at = readIterator(input.ShardIterator, now);
      const stream = this.#stream({ StreamName: at.streamName });
      const shard = stream.shard(at.shardId);
      stream.trim(shard, now);
      const { records, next } = shard.read(at.position, Limit, MAX_BYTES_PER_GET);
      const atEnd = next >= shard.end;
      const lastArrival = records.at(-1)?.ApproximateArrivalTimestamp ?? now;
      const finished = atEnd && shard.closedAt !== undefined;
      return {
        Records: records,
        NextShardIterator: finished ? null : iteratorOf({ ...at, position: next, issuedAt: now }),
        MillisBehindLatest: atEnd ? 0 : Math.max(0, now - lastArrival),
        ...(finished && { ChildShards: stream.children(shard) }),
      };
    });
  }

  splitShard(input: api.SplitShardInput): void {
    this.#run("SplitShard", input, () => {
      const at = parseHashKey(input.NewStartingHashKey);
      if (at === undefined) throw invalid(`NewStartingHashKey ${input.NewStartingHashKey} is no hash key`);
      const stream = this.#stream(input);
      stream.split(input.ShardToSplit, at, this.#clock.now());
      this.#wake(stream, stream.shard(input.ShardToSplit));
    });
  }

  mergeShards(input: api.MergeShardsInput): void {
    this.#run("MergeShards", input, () => {
      const stream = this.#stream(input);
      stream.merge(input.ShardToMerge, input.AdjacentShardToMerge, this.#clock.now());
      for (const id of [input.ShardToMerge, input.AdjacentShardToMerge]) this.#wake(stream, stream.shard(id));
    });
  }

  /** Scales to shards of the same size: at most twice and at least half of the open ones. */
  updateShardCount(input: api.UpdateShardCountInput): api.UpdateShardCountOutput {
    return this.#run("UpdateShardCount", input, () => {
      const stream = this.#stream(input);
      const [before, target] = [stream.openCount, input.TargetShardCount];
      if (!Number.isSafeInteger(target) || target < before / 2 || target > before * 2)
        throw invalid(`TargetShardCount ${target} is not between half and twice the ${before} open shards`);
      const now = this.#clock.now();
      const open = stream.shards(now).filter(({ closedAt }) => closedAt === undefined);
      stream.scale(target, now);
      for (const shard of open) if (shard.closedAt !== undefined) this.#wake(stream, shard);
      return { StreamName: stream.name, CurrentShardCount: before, TargetShardCount: target };
    });
  }

  increaseStreamRetentionPeriod(input: api.RetentionInput): void {
    this.#run("IncreaseStreamRetentionPeriod", input, () =>
      this.#retain(input, (was, asked) => asked >= was),
    );
  }

  decreaseStreamRetentionPeriod(input: api.RetentionInput): void {
    this.#run("DecreaseStreamRetentionPeriod", input, () =>
      this.#retain(input, (was, asked) => asked <= was),
    );
  }

  /**
   * Reads a shard without an iterator, for pollers and the simulator: what comes after a sequence number, or from
   * the oldest record on. Records that retention has dropped meanwhile are passed over, as Kinesis does.
   */
  read(
    streamName: string,
    shardId: string,
    afterSequenceNumber: string | undefined,
    maxRecords: number,
    maxBytes: number,
  ): api.ShardRead {
    const stream = this.#stream({ StreamName: streamName });
    const shard = stream.shard(shardId);
    stream.trim(shard, this.#clock.now());
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

  /**
   * Calls the listener with a shard that got records or was closed, within the call that did it;
   * so the listener should only note it. Returns the way to stop it.
   */
  onAppend(listener: (streamName: string, shardId: string) => void): () => void {
    // Wrapped, so that the same function may listen twice and stop once.
    const entry: typeof listener = (streamName, shardId) => listener(streamName, shardId);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  #run<T>(operation: string, input: unknown, run: (failed: ReadonlySet<number>) => T): T {
    return underFaults(this.#faults, "kinesis", operation, input, run);
  }

  #stream({ StreamName, StreamARN }: api.StreamRef): Stream {
    const name = StreamName ?? (StreamARN === undefined ? undefined : nameInArn(StreamARN));
    if (name === undefined) throw invalid("either StreamName or StreamARN must be given");
    const stream = this.#streams.get(name);
    if (stream === undefined)
      throw new ServiceError(
        "ResourceNotFoundException",
        `Stream ${name} under account 000000000000 not found.`,
      );
    return stream;
  }

  #admits(shard: ShardLog, entry: api.PutRecordsEntry): boolean {
    return !this.#enforceLimits || shard.writeLimit.take(sizeOf(entry), this.#clock.now());
  }

  #append(stream: Stream, shard: ShardLog, entry: api.PutRecordsEntry): string {
    const now = this.#clock.now();
    stream.trim(shard, now);
    return shard.append(entry.Data, entry.PartitionKey, now);
  }

  #wake(stream: Stream, shard: ShardLog): void {
    for (const listener of this.#listeners) listener(stream.name, shard.origin.id);
  }

  #retain(input: api.RetentionInput, allowed: (was: number, asked: number) => boolean): void {
    const stream = this.#stream(input);
    const { RetentionPeriodHours: asked } = input;
    if (!(asked >= 24 && asked <= 8_760 && allowed(stream.retentionHours, asked)))
      throw invalid(`RetentionPeriodHours ${asked} is not allowed: it is ${stream.retentionHours} now`);
    stream.retentionHours = asked;
  }
}

const THROTTLED = "ProvisionedThroughputExceededException";

const throttledMessage = (stream: Stream, shard: ShardLog): string =>
  `Rate exceeded for shard ${shard.origin.id} in stream ${stream.name} under account 000000000000.`;

const invalid = (message: string, code = "InvalidArgumentException"): ServiceError =>
  new ServiceError(code, message);
