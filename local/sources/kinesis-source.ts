import type { Clock } from "../../shared/time/clock.ts";
import type { Shard } from "../models/kinesis/kinesis-api.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { OnFailure } from "./discarded-batch.ts";
import type { EventSource, Invoke, SourceStats } from "./event-source.ts";
import { kinesisEventFormat } from "./kinesis-event.ts";
import type { KinesisMapping, StartingPosition } from "./kinesis-mapping.ts";
import { RunControl } from "./run-control.ts";
import { ShardReader } from "./shard-reader.ts";
import { machineWait, type Wait } from "./wait.ts";

export type KinesisSourceOptions = {
  readonly mapping: KinesisMapping;
  readonly kinesis: Pick<KinesisModel, "read" | "onAppend" | "listShards">;
  readonly invoke: Invoke;
  readonly clock: Clock;
  /** Where discarded batches go; without it they are only counted. */
  readonly onFailure?: OnFailure | undefined;
  /** @default machineWait */
  readonly wait?: Wait;
};

/**
 * Lambda's event source mapping of a Kinesis stream: a reader per shard, which gives the function batches in order
 * and follows splits and merges. It starts at once, and wakes up when a record is appended.
 */
export class KinesisSource implements EventSource {
  readonly name: string;
  readonly functionName: string;
  readonly #options: KinesisSourceOptions;
  readonly #streamName: string;
  readonly #control: RunControl;
  readonly #readers = new Map<string, ShardReader>();
  readonly #finished = new Set<string>();
  readonly #stopListening: () => void;

  constructor(options: KinesisSourceOptions) {
    const { mapping, kinesis } = options;
    this.#options = options;
    this.name = mapping.streamArn;
    this.functionName = mapping.functionArn.split(":")[6] ?? mapping.functionArn;
    this.#streamName = mapping.streamArn.split("/")[1] ?? mapping.streamArn;
    this.#control = new RunControl(options.wait ?? machineWait);
    this.#stopListening = kinesis.onAppend((streamName, shardId) => {
      if (streamName === this.#streamName) this.#appended(shardId);
    });
    this.#discover(mapping.startingPosition);
  }

  stats(): SourceStats {
    return this.#control.stats();
  }

  caughtUp(): boolean {
    return this.#shards().every(({ ShardId }) => this.#readers.get(ShardId)?.caughtUp() === true);
  }

  enable(): void {
    this.#control.enable();
  }

  disable(): Promise<void> {
    return this.#control.disable();
  }

  close(): Promise<void> {
    this.#stopListening();
    return this.#control.close();
  }

  #appended(shardId: string): void {
    const reader = this.#readers.get(shardId);
    if (reader !== undefined) reader.wake();
    // the model is in the middle of a call: look at its shards when that is over
    else this.#control.run(async () => Promise.resolve().then(() => this.#discover({ at: "TRIM_HORIZON" })));
  }

  /** Starts a reader for each shard that has none and may be read. */
  #discover(from: StartingPosition): void {
    const shards = this.#shards();
    const listed = new Set(shards.map(({ ShardId }) => ShardId));
    for (const shard of shards) {
      if (this.#readers.has(shard.ShardId)) continue;
      if (this.#options.mapping.childrenWaitForParents && !this.#parentsFinished(shard, listed)) continue;
      this.#start(shard.ShardId, from);
    }
  }

  /** A parent that is not listed any more has left the stream's retention. */
  #parentsFinished({ ParentShardId, AdjacentParentShardId }: Shard, listed: ReadonlySet<string>): boolean {
    return [ParentShardId, AdjacentParentShardId].every(
      (parent) => parent === undefined || !listed.has(parent) || this.#finished.has(parent),
    );
  }

  #start(shardId: string, from: StartingPosition): void {
    const { mapping, kinesis, invoke, clock, onFailure } = this.#options;
    const region = mapping.streamArn.split(":")[3] ?? "";
    const account = mapping.streamArn.split(":")[4] ?? "";
    const invokeIdentityArn = `arn:aws:iam::${account}:role/lambda-role`;
    const origin = { shardId, streamArn: mapping.streamArn, region, invokeIdentityArn };
    const reader = new ShardReader(
      {
        format: kinesisEventFormat(origin),
        mapping,
        kinesis,
        invoke,
        clock,
        onFailure,
        origin,
        control: this.#control,
        streamName: this.#streamName,
      },
      from,
    );
    this.#readers.set(shardId, reader);
    this.#control.run(async () => {
      await reader.run();
      if (this.#control.stopped) return;
      this.#finished.add(shardId);
      this.#discover({ at: "TRIM_HORIZON" });
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
