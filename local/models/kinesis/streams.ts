import type { Clock } from "../../../shared/time/clock.ts";
import type { DurationMs } from "../../../shared/time/time.ts";
import { ACCOUNT_ID, nameInArn } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import type { StreamRef } from "./kinesis-api.ts";
import { OnDemandScaling } from "./on-demand-scaling.ts";
import type { ShardLog } from "./shard-log.ts";
import type { Stream } from "./stream.ts";

export type AppendListener = (streamName: string, shardId: string) => void;

/** The streams of a model by name, as they are now, and who wants to know of their shards. */
export class Streams {
  readonly #clock: Clock;
  readonly #onDemand: OnDemandScaling;
  readonly #streams = new Map<string, Stream>();
  readonly #listeners = new Set<AppendListener>();

  constructor(clock: Clock, onDemandDelay: DurationMs) {
    this.#clock = clock;
    this.#onDemand = new OnDemandScaling(onDemandDelay);
  }

  add(stream: Stream): void {
    this.#streams.set(stream.name, stream);
  }

  has(name: string): boolean {
    return this.all().some((stream) => stream.name === name);
  }

  /** In the order of their names. */
  all(): Stream[] {
    const now = this.#clock.now();
    for (const stream of this.#streams.values())
      if (stream.lifecycle.at(now) === undefined) this.#forget(stream);
    return [...this.#streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A stream in any state. Throws ResourceNotFoundException. */
  get(ref: StreamRef): Stream {
    const { StreamName, StreamARN } = ref;
    const name = StreamName ?? (StreamARN === undefined ? undefined : nameInArn(StreamARN));
    if (name === undefined)
      throw new ServiceError("InvalidArgumentException", "Either StreamName or StreamARN must be given.");
    const stream = this.#streams.get(name);
    if (stream === undefined) throw notFound(name);
    const now = this.#clock.now();
    if (stream.lifecycle.at(now) === undefined) {
      this.#forget(stream);
      throw notFound(name);
    }
    for (const closed of this.#onDemand.splitDue(stream, now)) this.wake(stream, closed);
    return stream;
  }

  /** A stream that may be changed. Throws ResourceInUseException where it is not ACTIVE. */
  active(ref: StreamRef): Stream {
    const stream = this.get(ref);
    const status = stream.lifecycle.at(this.#clock.now());
    if (status === "ACTIVE") return stream;
    throw new ServiceError(
      "ResourceInUseException",
      `Stream ${stream.name} under account ${ACCOUNT_ID} not ACTIVE, instead in state ${status}`,
    );
  }

  /** A stream whose shards may be changed by a caller. Throws ValidationException for one that is on demand. */
  provisioned(ref: StreamRef): Stream {
    const stream = this.active(ref);
    if (stream.mode === "PROVISIONED") return stream;
    throw new ServiceError(
      "ValidationException",
      `Stream ${stream.name} under account ${ACCOUNT_ID} is in ON_DEMAND mode: its shards are not the caller's`,
    );
  }

  /** A stream that takes and gives records: none that is still being created. */
  ready(ref: StreamRef): Stream {
    const stream = this.get(ref);
    if (stream.lifecycle.at(this.#clock.now()) === "CREATING") throw notFound(stream.name);
    return stream;
  }

  /** Drops what has expired in every stream. */
  trim(): void {
    const now = this.#clock.now();
    for (const stream of this.all()) stream.trim(now);
  }

  /** Notes that a shard took a record, for the scaling of streams on demand. */
  written(stream: Stream, shard: ShardLog): void {
    this.#onDemand.written(stream, shard, this.#clock.now());
  }

  wake(stream: Stream, shard: ShardLog): void {
    for (const listener of this.#listeners) listener(stream.name, shard.origin.id);
  }

  onAppend(listener: AppendListener): () => void {
    // Wrapped, so that the same function may listen twice and stop once.
    const entry: AppendListener = (streamName, shardId) => listener(streamName, shardId);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  #forget(stream: Stream): void {
    stream.clear();
    this.#streams.delete(stream.name);
  }
}

const notFound = (name: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Stream ${name} under account ${ACCOUNT_ID} not found.`);
