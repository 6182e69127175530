import type { Clock } from "../../../shared/time/clock.ts";
import {
  BEGINNING_OF_TIME,
  type DurationMs,
  type EpochMs,
  milliseconds,
  minutes,
  plus,
} from "../../../shared/time/time.ts";
import { type ServiceFaults, underFaults } from "../faults.ts";
import { blocksBySize } from "../saved-blocks.ts";
import { ServiceError } from "../service-error.ts";
import { AccountLimits } from "./account-limits.ts";
import { checkInput } from "./check-input.ts";
import { describeStream, listStreams, summarise } from "./describe-stream.ts";
import { INPUT_SHAPES, type Operation } from "./input-shapes.ts";
import type * as api from "./kinesis-api.ts";
import { listShards, shardQuery } from "./list-shards.ts";
import { checkRetention, newStream } from "./new-stream.ts";
import { RecordMemory } from "./record-memory.ts";
import { RecordReader } from "./record-reader.ts";
import { RecordWriter } from "./record-writer.ts";
import { mergeShards, splitShard, updateShardCount } from "./reshard.ts";
import { type SavedRecords, savedRecords, saveRecords } from "./saved-records.ts";
import { type SavedStream, Stream } from "./stream.ts";
import { listStreamConsumers, streamOfConsumer } from "./stream-consumers.ts";
import { type AppendListener, Streams } from "./streams.ts";

export type KinesisOptions = {
  readonly clock: Clock;
  /**
   * Whether rates are limited as AWS limits them: what a shard takes (1 MiB and 1,000 records a second) and gives
   * (2 MiB, 5 GetRecords and 5 GetShardIterator a second), 10 UpdateShardCount and 2 UpdateStreamMode in 24 hours.
   * Without limits a stream on demand keeps its shards. Rates of other calls are never limited. @default "enforced"
   */
  readonly limits?: "enforced" | "off";
  /** How long a stream or a consumer is CREATING, UPDATING or DELETING after a call. @default 0 */
  readonly transition?: DurationMs;
  /** How long after one of its seconds was hot a shard of a stream on demand is split. @default 1 minute; AWS: up to 15 */
  readonly onDemandDelay?: DurationMs;
  /** The most open shards of all streams; beyond it, LimitExceededException. @default 20,000 */
  readonly shardLimit?: number;
  /**
   * The most bytes that the records of all streams occupy in memory, about. Nothing is dropped before its stream's
   * retention: beyond it, writes are refused like those beyond a shard's rate. @default 1 GiB
   */
  readonly maxBytes?: number;
  readonly faults?: ServiceFaults;
};

type SavedPart =
  | { readonly kind: "stream"; readonly stream: SavedStream }
  | {
      readonly kind: "records";
      readonly stream: string;
      readonly shard: string;
      readonly records: SavedRecords;
    };

/**
 * Kinesis Data Streams in memory. An operation's effect is there when it returns; only the states that it passes
 * through may last. Throws ServiceError with the codes of the API. Left out are SubscribeToShard, tags, encryption,
 * enhanced monitoring, policies, channels, warm throughput, and the rates of calls that change or describe streams.
 */
export class KinesisModel {
  readonly #clock: Clock;
  readonly #enforceLimits: boolean;
  readonly #transition: DurationMs;
  readonly #faults: ServiceFaults | undefined;
  readonly #memory: RecordMemory;
  readonly #streams: Streams;
  readonly #account: AccountLimits;
  readonly #writer: RecordWriter;
  readonly #reader: RecordReader;

  constructor(options: KinesisOptions) {
    const { clock, limits = "enforced" } = options;
    this.#clock = clock;
    this.#enforceLimits = limits === "enforced";
    this.#transition = options.transition ?? milliseconds(0);
    this.#faults = options.faults;
    this.#memory = new RecordMemory(options.maxBytes ?? 1_024 ** 3);
    this.#streams = new Streams(clock, options.onDemandDelay ?? minutes(1));
    this.#account = new AccountLimits(this.#streams, options.shardLimit ?? 20_000);
    this.#writer = new RecordWriter(this.#streams, this.#memory, clock, this.#enforceLimits);
    this.#reader = new RecordReader(this.#streams, clock, this.#enforceLimits);
  }

  createStream(input: api.CreateStreamInput): void {
    this.#run("CreateStream", input, (now) => {
      const options = newStream(input);
      if (this.#streams.has(options.name))
        throw new ServiceError("ResourceInUseException", `Stream ${options.name} already exists.`);
      this.#account.checkCreating(now);
      if (options.mode === "ON_DEMAND") this.#account.checkOnDemand();
      this.#account.checkShards(options.shardCount);
      const creatingUntil = this.#until(now);
      this.#streams.add(new Stream({ ...options, memory: this.#memory, now, creatingUntil }));
    });
  }

  deleteStream(input: api.DeleteStreamInput): void {
    this.#run("DeleteStream", input, (now) => {
      const stream = this.#streams.active(input);
      const consumers = stream.consumers.list(now).length;
      if (consumers > 0 && input.EnforceConsumerDeletion !== true)
        throw new ServiceError("ResourceInUseException", `Stream ${stream.name} has ${consumers} consumers.`);
      stream.lifecycle.enter("DELETING", this.#until(now));
    });
  }

  describeStreamSummary(input: api.StreamRef): {
    readonly StreamDescriptionSummary: api.StreamDescriptionSummary;
  } {
    return this.#run("DescribeStreamSummary", input, (now) => ({
      StreamDescriptionSummary: summarise(this.#streams.get(input), now),
    }));
  }

  describeStream(input: api.DescribeStreamInput): { readonly StreamDescription: api.StreamDescription } {
    return this.#run("DescribeStream", input, (now) => ({
      StreamDescription: describeStream(this.#streams.get(input), input, now),
    }));
  }

  describeLimits(): api.DescribeLimitsOutput {
    return this.#run("DescribeLimits", {}, () => this.#account.describe());
  }

  listStreams(input: api.ListStreamsInput = {}): api.ListStreamsOutput {
    return this.#run("ListStreams", input, (now) => listStreams(this.#streams.all(), input, now));
  }

  listShards(input: api.ListShardsInput): api.ListShardsOutput {
    return this.#run("ListShards", input, (now) => {
      const query = shardQuery(input, now);
      const stream = this.#streams.get(query);
      if (stream.lifecycle.at(now) === "CREATING") this.#streams.active(query);
      return listShards(stream, query, now);
    });
  }

  putRecord(input: api.PutRecordInput): api.PutRecordOutput {
    return this.#run("PutRecord", input, () => this.#writer.putRecord(input));
  }

  /** At most 500 records and 10 MiB; records fail one by one, and those of one shard keep their order. */
  putRecords(input: api.PutRecordsInput): api.PutRecordsOutput {
    return this.#run("PutRecords", input, (_now, failed) => this.#writer.putRecords(input, failed));
  }

  getShardIterator(input: api.GetShardIteratorInput): { readonly ShardIterator: string } {
    return this.#run("GetShardIterator", input, () => this.#reader.getShardIterator(input));
  }

  /** At most 10,000 records and 10 MiB. */
  getRecords(input: api.GetRecordsInput): api.GetRecordsOutput {
    return this.#run("GetRecords", input, () => this.#reader.getRecords(input));
  }

  splitShard(input: api.SplitShardInput): void {
    this.#run("SplitShard", input, (now) => {
      const stream = this.#streams.provisioned(input);
      this.#account.checkShards(1);
      const parent = splitShard(stream, input, now);
      this.#updating(stream, now);
      this.#streams.wake(stream, parent);
    });
  }

  mergeShards(input: api.MergeShardsInput): void {
    this.#run("MergeShards", input, (now) => {
      const stream = this.#streams.provisioned(input);
      const parents = mergeShards(stream, input, now);
      this.#updating(stream, now);
      for (const parent of parents) this.#streams.wake(stream, parent);
    });
  }

  /** Scales to shards of the same size: at most twice and at least half of the open ones. */
  updateShardCount(input: api.UpdateShardCountInput): api.UpdateShardCountOutput {
    return this.#run("UpdateShardCount", input, (now) => {
      const stream = this.#streams.provisioned(input);
      const [before, target] = [stream.open.length, input.TargetShardCount];
      this.#account.checkShards(target - before);
      if (this.#enforceLimits && !stream.scalings.isFree(now))
        throw exceeded(`Stream ${stream.name} was scaled ten times in the last 24 hours.`);
      const closed = updateShardCount(stream, input, now);
      stream.scalings.take(now);
      this.#updating(stream, now);
      for (const shard of closed) this.#streams.wake(stream, shard);
      const { name: StreamName, arn: StreamARN } = stream;
      return { StreamName, StreamARN, CurrentShardCount: before, TargetShardCount: target };
    });
  }

  increaseStreamRetentionPeriod(input: api.RetentionInput): void {
    this.#run("IncreaseStreamRetentionPeriod", input, (now) =>
      this.#retain(input, now, (was, asked) => asked > was),
    );
  }

  decreaseStreamRetentionPeriod(input: api.RetentionInput): void {
    this.#run("DecreaseStreamRetentionPeriod", input, (now) =>
      this.#retain(input, now, (was, asked) => asked < was),
    );
  }

  /** The shards stay as they are; who may change them is another. */
  updateStreamMode(input: api.UpdateStreamModeInput): void {
    this.#run("UpdateStreamMode", input, (now) => {
      const { StreamARN, StreamModeDetails } = input;
      const stream = this.#streams.active({ StreamARN });
      const { StreamMode: mode } = StreamModeDetails;
      if (mode === stream.mode) return;
      if (mode === "ON_DEMAND") this.#account.checkOnDemand();
      if (this.#enforceLimits && !stream.modeSwitches.isFree(now))
        throw exceeded(`Stream ${stream.name} has changed its mode twice in the last 24 hours.`);
      stream.modeSwitches.take(now);
      stream.mode = mode;
      this.#updating(stream, now);
    });
  }

  updateMaxRecordSize(input: api.UpdateMaxRecordSizeInput): void {
    this.#run("UpdateMaxRecordSize", input, (now) => {
      const stream = this.#streams.active({ StreamARN: input.StreamARN });
      stream.maxRecordKiB = input.MaxRecordSizeInKiB;
      this.#updating(stream, now);
    });
  }

  registerStreamConsumer(input: api.RegisterStreamConsumerInput): { readonly Consumer: api.Consumer } {
    return this.#run("RegisterStreamConsumer", input, (now) => {
      const { consumers } = this.#streams.active({ StreamARN: input.StreamARN });
      return { Consumer: consumers.register(input.ConsumerName, now, this.#until(now)) };
    });
  }

  describeStreamConsumer(input: api.ConsumerRef): {
    readonly ConsumerDescription: api.Consumer & { readonly StreamARN: string };
  } {
    return this.#run("DescribeStreamConsumer", input, (now) => {
      const { consumers, arn: StreamARN } = this.#streams.get(streamOfConsumer(input));
      const consumer = consumers.get(input.ConsumerName, input.ConsumerARN, now);
      return { ConsumerDescription: { ...consumer, StreamARN } };
    });
  }

  listStreamConsumers(input: api.ListStreamConsumersInput): api.ListStreamConsumersOutput {
    return this.#run("ListStreamConsumers", input, (now) => {
      const { consumers } = this.#streams.get({ StreamARN: input.StreamARN });
      return listStreamConsumers(consumers.list(now), input, now);
    });
  }

  deregisterStreamConsumer(input: api.ConsumerRef): void {
    this.#run("DeregisterStreamConsumer", input, (now) => {
      const { consumers } = this.#streams.get(streamOfConsumer(input));
      const { ConsumerName } = consumers.get(input.ConsumerName, input.ConsumerARN, now);
      consumers.deregister(ConsumerName, this.#until(now));
    });
  }

  /**
   * Reads a shard without an iterator and without limits, for pollers and the simulator: what comes after a sequence
   * number, or from the oldest record on. Records that retention has dropped meanwhile are passed over, as Kinesis does.
   */
  read(
    streamName: string,
    shardId: string,
    afterSequenceNumber: string | undefined,
    maxRecords: number,
    maxBytes: number,
  ): api.ShardRead {
    return this.#reader.read(streamName, shardId, afterSequenceNumber, maxRecords, maxBytes);
  }

  /**
   * Calls the listener with a shard that got records or was closed, within the call that did it;
   * so the listener should only note it. Returns the way to stop it.
   */
  onAppend(listener: AppendListener): () => void {
    return this.#streams.onAppend(listener);
  }

  /**
   * All that it holds, in parts: call each when there is time, nobody changes what it stands for. Left out is what
   * a shard has taken and given this second, and whether it is to be split for it.
   */
  *save(): Generator<() => SavedPart> {
    const now = this.#clock.now();
    for (const stream of this.#streams.all()) {
      stream.trim(now);
      const saved = stream.save();
      yield () => ({ kind: "stream", stream: saved });
      for (const shard of stream.shards(now))
        for (const block of blocksBySize(shard.kept(), ({ Data }) => Data.byteLength))
          yield () => ({
            kind: "records",
            stream: stream.name,
            shard: shard.origin.id,
            records: saveRecords(block),
          });
    }
  }

  /** Takes a part of what another one has saved; the parts come in their order, to a model that was empty. */
  restore(part: SavedPart): void {
    if (part.kind === "stream") this.#streams.add(Stream.restore(part.stream, this.#memory));
    else {
      const stream = this.#streams.get({ StreamName: part.stream });
      // as old as the stream, so that a shard is found that has expired since it was saved
      const shard = stream.shard(part.shard, stream.createdAt);
      for (const { Data, PartitionKey, ApproximateArrivalTimestamp: at } of savedRecords(part.records))
        shard.append(Data, PartitionKey, at);
    }
  }

  #run<T>(operation: Operation, input: object, run: (now: EpochMs, failed: ReadonlySet<number>) => T): T {
    return underFaults(this.#faults, "kinesis", operation, input, (failed) => {
      checkInput(input, INPUT_SHAPES[operation]);
      return run(this.#clock.now(), failed);
    });
  }

  /** When a state ends that begins now. One that does not last is over also for a clock that is set back. */
  #until(now: EpochMs): EpochMs {
    return this.#transition === 0 ? BEGINNING_OF_TIME : plus(now, this.#transition);
  }

  #updating(stream: Stream, now: EpochMs): void {
    stream.lifecycle.enter("UPDATING", this.#until(now));
  }

  #retain(input: api.RetentionInput, now: EpochMs, allowed: (was: number, asked: number) => boolean): void {
    const stream = this.#streams.active(input);
    const { RetentionPeriodHours: asked } = input;
    checkRetention(asked);
    if (!allowed(stream.retentionHours, asked))
      throw new ServiceError(
        "InvalidArgumentException",
        `The retention of ${stream.name} is ${stream.retentionHours} hours: ${asked} is the other way.`,
      );
    stream.retain(asked, now);
  }
}

const exceeded = (why: string): ServiceError => new ServiceError("LimitExceededException", why);
