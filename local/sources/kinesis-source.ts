import type { Clock } from "../../shared/time/clock.ts";
import type { DurationMs } from "../../shared/time/time.ts";
import type { Shard } from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import { ControlledSource } from "./controlled-source.ts";
import type { OnFailure } from "./discarded-batch.ts";
import type { Invoke } from "./event-source.ts";
import { type KinesisCheckpoint, startingCheckpoint } from "./kinesis-checkpoint.ts";
import { kinesisEventFormat } from "./kinesis-event.ts";
import type { KinesisMapping } from "./kinesis-mapping.ts";
import { ShardReader } from "./shard-reader.ts";
import type { Wait } from "./wait.ts";

export type KinesisSourceOptions = {
  readonly mapping: KinesisMapping;
  readonly kinesis: Pick<KinesisModel, "read" | "onAppend" | "listShards">;
  readonly invoke: Invoke;
  readonly clock: Clock;
  /** Where discarded batches go; without it they are only counted. */
  readonly onFailure?: OnFailure | undefined;
  /** Gets the age of a batch's newest record, each time that the batch is given to the function. */
  readonly onBatch?: ((iteratorAge: DurationMs) => void) | undefined;
  /** Goes on where another source of this stream had got to, whatever the mapping's starting position. */
  readonly resumeFrom?: KinesisCheckpoint | undefined;
  /** @default machineWait */
  readonly wait?: Wait;
};

/**
 * Lambda's event source mapping of a Kinesis stream: a reader per shard, which gives the function batches in order
 * and follows splits and merges. It starts at once, and wakes up when a record is appended.
 */
export class KinesisSource extends ControlledSource {
  readonly #options: KinesisSourceOptions;
  readonly #streamName: string;
  /** Where shards are read from; one that is not in it is read from its start. */
  readonly #from: KinesisCheckpoint;
  readonly #readers = new Map<string, ShardReader>();
  readonly #finished = new Set<string>();
  readonly #stopListening: () => void;

  constructor(options: KinesisSourceOptions) {
    const { mapping, kinesis } = options;
    const { uuid, streamArn, functionArn } = mapping;
    super({ id: uuid, name: streamArn, functionArn }, options.wait);
    this.#options = options;
    this.#streamName = streamArn.split("/")[1] ?? streamArn;
    this.#stopListening = kinesis.onAppend((streamName, shardId) => {
      if (streamName === this.#streamName) this.#appended(shardId);
    });
    const shardIds = this.#shards().map(({ ShardId }) => ShardId);
    this.#from =
      options.resumeFrom ?? startingCheckpoint(kinesis, this.#streamName, shardIds, mapping.startingPosition);
    this.#discover();
  }

  caughtUp(): boolean {
    return this.#shards().every(({ ShardId }) => this.#readers.get(ShardId)?.caughtUp() === true);
  }

  /**
   * How far it has got in each shard. A mapping that is changed goes on there: close the source, make one with the
   * new mapping and give it this. One that is deleted and made again starts at its starting position instead.
   */
  checkpoint(): KinesisCheckpoint {
    const read = [...this.#readers].map(([shardId, reader]) => [shardId, reader.checkpoint()] as const);
    return new Map([...this.#from, ...read]);
  }

  override close(): Promise<void> {
    this.#stopListening();
    return super.close();
  }

  #appended(shardId: string): void {
    const reader = this.#readers.get(shardId);
    if (reader !== undefined) reader.wake();
    // the model is in the middle of a call: look at its shards when that is over
    else this.control.run(async () => Promise.resolve().then(() => this.#discover()));
  }

  /** Starts a reader for each shard that has none and may be read. */
  #discover(): void {
    const shards = this.#shards();
    const listed = new Set(shards.map(({ ShardId }) => ShardId));
    for (const shard of shards) {
      if (this.#readers.has(shard.ShardId)) continue;
      if (this.#options.mapping.childrenWaitForParents && !this.#parentsFinished(shard, listed)) continue;
      this.#start(shard.ShardId);
    }
  }

  /** A parent that is not listed any more has left the stream's retention. */
  #parentsFinished({ ParentShardId, AdjacentParentShardId }: Shard, listed: ReadonlySet<string>): boolean {
    return [ParentShardId, AdjacentParentShardId].every(
      (parent) => parent === undefined || !listed.has(parent) || this.#finished.has(parent),
    );
  }

  #start(shardId: string): void {
    const { mapping, kinesis, invoke, clock, onFailure, onBatch } = this.#options;
    const region = mapping.streamArn.split(":")[3] ?? "";
    const origin = { shardId, streamArn: mapping.streamArn, region, invokeIdentityArn: mapping.role };
    const reader = new ShardReader(
      {
        format: kinesisEventFormat(origin),
        mapping,
        kinesis,
        invoke,
        clock,
        onFailure,
        onBatch,
        origin,
        control: this.control,
        streamName: this.#streamName,
      },
      this.#from.get(shardId),
    );
    this.#readers.set(shardId, reader);
    this.control.run(async () => {
      await reader.run();
      if (this.control.stopped) return;
      this.#finished.add(shardId);
      this.#discover();
    });
  }

  #shards(): readonly Shard[] {
    const shards: Shard[] = [];
    let page = this.#options.kinesis.listShards({ StreamName: this.#streamName });
    for (;;) {
      shards.push(...page.Shards);
      if (page.NextToken === undefined) return shards;
      page = this.#options.kinesis.listShards({ NextToken: page.NextToken });
    }
  }
}
