import type { EpochMs } from "../../../shared/time/time.ts";
import { arnOf } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import { Consumers, type SavedConsumer } from "./consumers.ts";
import { DailyQuota } from "./daily-quota.ts";
import { type HashRange, uniformRanges } from "./hash-space.ts";
import type { ChildShard, StreamMode } from "./kinesis-api.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { RecordMemory } from "./record-memory.ts";
import { SequenceNumbers } from "./sequence-numbers.ts";
import { type SavedShard, ShardLog } from "./shard-log.ts";

const HOUR_MS = 3_600_000;
const SCALINGS_PER_DAY = 10;
const MODE_SWITCHES_PER_DAY = 2;

export type StreamOptions = {
  readonly name: string;
  readonly mode: StreamMode;
  readonly shardCount: number;
  readonly retentionHours: number;
  readonly maxRecordKiB: number;
  readonly memory: RecordMemory;
  readonly now: EpochMs;
  /** Until when it is CREATING. */
  readonly creatingUntil: EpochMs;
};

/** A stream without its records, as it is kept. */
export type SavedStream = Pick<Stream, "name" | "createdAt" | "mode" | "maxRecordKiB" | "retentionHours"> & {
  readonly lifecycle: ReturnType<Lifecycle["save"]>;
  readonly consumers: readonly SavedConsumer[];
  readonly scalings: readonly EpochMs[];
  readonly modeSwitches: readonly EpochMs[];
  readonly shards: readonly SavedShard[];
  readonly shardsMade: number;
  readonly generation: number;
};

/** One stream: its shards, who owns which hash keys, and how that changes. */
export class Stream {
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly lifecycle: Lifecycle;
  readonly consumers: Consumers;
  readonly scalings: DailyQuota;
  readonly modeSwitches: DailyQuota;
  mode: StreamMode;
  maxRecordKiB: number;
  readonly #memory: RecordMemory;
  #retentionHours: number;
  readonly #shards = new Map<string, ShardLog>();
  /** The open shards in the order of their hash ranges, which cover the whole space. */
  #open: ShardLog[];
  #shardsMade = 0;
  #generation = 0;

  /** @param saved - what it is made of in the place of new shards */
  constructor(options: StreamOptions, saved?: SavedStream) {
    this.name = options.name;
    this.mode = options.mode;
    this.createdAt = options.now;
    this.lifecycle = new Lifecycle("CREATING", options.creatingUntil);
    this.consumers = new Consumers(this.arn);
    this.maxRecordKiB = options.maxRecordKiB;
    this.#memory = options.memory;
    this.#retentionHours = options.retentionHours;
    this.scalings = new DailyQuota(SCALINGS_PER_DAY, saved?.scalings);
    this.modeSwitches = new DailyQuota(MODE_SWITCHES_PER_DAY, saved?.modeSwitches);
    if (saved === undefined) {
      this.#open = uniformRanges(options.shardCount).map((range) => this.#add(range, [], options.now));
      return;
    }
    this.lifecycle.enter(...saved.lifecycle);
    this.consumers.restore(saved.consumers);
    for (const shard of saved.shards)
      this.#shards.set(shard.id, ShardLog.restore(shard, this.createdAt, this.#memory));
    this.#open = byRange([...this.#shards.values()].filter(({ closedAt }) => closedAt === undefined));
    this.#shardsMade = saved.shardsMade;
    this.#generation = saved.generation;
  }

  /** The stream as it was saved, its records still to be put in. */
  static restore(saved: SavedStream, memory: RecordMemory): Stream {
    const { name, mode, createdAt: now, retentionHours, maxRecordKiB } = saved;
    const options = { name, mode, shardCount: 0, retentionHours, maxRecordKiB, memory };
    return new Stream({ ...options, now, creatingUntil: now }, saved);
  }

  /** What to make the same one of, but for its records. */
  save(): SavedStream {
    const { name, createdAt, mode, maxRecordKiB, retentionHours } = this;
    return {
      ...{ name, createdAt, mode, maxRecordKiB, retentionHours },
      lifecycle: this.lifecycle.save(),
      consumers: this.consumers.save(),
      scalings: this.scalings.taken,
      modeSwitches: this.modeSwitches.taken,
      shards: [...this.#shards.values()].map((shard) => shard.save()),
      shardsMade: this.#shardsMade,
      generation: this.#generation,
    };
  }

  get arn(): string {
    return arnOf("kinesis", `stream/${this.name}`);
  }

  get retentionHours(): number {
    return this.#retentionHours;
  }

  /** In the order of their hash ranges. */
  get open(): readonly ShardLog[] {
    return this.#open;
  }

  /** When the oldest record that is kept may have arrived. */
  trimHorizon(now: EpochMs): EpochMs {
    return Math.max(this.createdAt, now - this.#retentionHours * HOUR_MS) as EpochMs;
  }

  /** What has expired by now is gone, also where the new retention is longer. */
  retain(retentionHours: number, now: EpochMs): void {
    this.trim(now);
    this.#retentionHours = retentionHours;
  }

  /** All shards that still hold, or may still get, records; in the order of their ids. */
  shards(now: EpochMs): ShardLog[] {
    for (const shard of this.#shards.values()) if (this.#hasExpired(shard, now)) this.#forget(shard);
    return [...this.#shards.values()];
  }

  /** Throws ResourceNotFoundException, also for a shard that holds nothing any more and never will. */
  shard(id: string, now: EpochMs): ShardLog {
    const shard = this.#shards.get(id);
    if (shard !== undefined && !this.#hasExpired(shard, now)) return shard;
    if (shard !== undefined) this.#forget(shard);
    throw new ServiceError("ResourceNotFoundException", `Shard ${id} in stream ${this.name} does not exist`);
  }

  /** The open shard that owns a hash key. */
  owner(hashKey: bigint): ShardLog {
    let low = 0;
    let high = this.#open.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#open[middle]?.origin.range.end ?? 0n) < hashKey) low = middle + 1;
      else high = middle;
    }
    const shard = this.#open[low];
    if (shard === undefined) throw new RangeError(`stream ${this.name} has no open shard`);
    return shard;
  }

  /** Drops the records of a shard that are older than the retention. */
  trimShard(shard: ShardLog, now: EpochMs): void {
    shard.trim((now - this.#retentionHours * HOUR_MS) as EpochMs);
  }

  /** Drops all records that are older than the retention. */
  trim(now: EpochMs): void {
    for (const shard of this.shards(now)) this.trimShard(shard, now);
  }

  /** Drops all records. */
  clear(): void {
    for (const shard of this.#shards.values()) shard.clear();
  }

  children(shard: ShardLog): ChildShard[] {
    if (shard.closedAt === undefined) return [];
    return [...this.#shards.values()]
      .filter(({ origin }) => origin.parents.includes(shard.origin.id))
      .map(({ origin: { id, parents, range } }) => ({
        ShardId: id,
        ParentShards: parents,
        HashKeyRange: { StartingHashKey: range.start.toString(), EndingHashKey: range.end.toString() },
      }));
  }

  /** Splits an open shard in two, the second of which starts at `at`, a hash key above the shard's first. */
  split(shard: ShardLog, at: bigint, now: EpochMs): void {
    const { start, end } = shard.origin.range;
    this.#replace(
      [shard],
      [
        { start, end: at - 1n },
        { start: at, end },
      ],
      now,
    );
  }

  /** Merges an open shard with the one whose hash keys follow its own. */
  merge(shard: ShardLog, next: ShardLog, now: EpochMs): void {
    const { start } = shard.origin.range;
    this.#replace([shard, next], [{ start, end: next.origin.range.end }], now);
  }

  /** Splits and merges until the open shards are `count` ranges of the same size. */
  scale(count: number, now: EpochMs): void {
    const target = uniformRanges(count);
    for (const { start } of target) {
      const owner = this.owner(start);
      if (owner.origin.range.start !== start) this.split(owner, start, now);
    }
    for (const { start, end } of target)
      for (;;) {
        const first = this.owner(start);
        if (first.origin.range.end === end) break;
        this.merge(first, this.owner(first.origin.range.end + 1n), now);
      }
  }

  #replace(parents: readonly ShardLog[], ranges: readonly HashRange[], now: EpochMs): void {
    this.#generation += 1;
    for (const parent of parents) parent.close(now);
    const ids = parents.map(({ origin }) => origin.id);
    this.#open = byRange([
      ...this.#open.filter((shard) => !parents.includes(shard)),
      ...ranges.map((range) => this.#add(range, ids, now)),
    ]);
  }

  #hasExpired({ closedAt }: ShardLog, now: EpochMs): boolean {
    return closedAt !== undefined && closedAt <= now - this.#retentionHours * HOUR_MS;
  }

  #forget(shard: ShardLog): void {
    shard.clear();
    this.#shards.delete(shard.origin.id);
  }

  #add(range: HashRange, parents: readonly string[], now: EpochMs): ShardLog {
    const index = this.#shardsMade;
    this.#shardsMade += 1;
    const id = `shardId-${index.toString().padStart(12, "0")}`;
    const numbers = new SequenceNumbers(this.createdAt, this.#generation, index);
    const shard = new ShardLog({ id, range, parents, numbers, openedAt: now }, this.#memory);
    this.#shards.set(id, shard);
    return shard;
  }
}

const byRange = (shards: readonly ShardLog[]): ShardLog[] =>
  shards.toSorted((a, b) => (a.origin.range.start < b.origin.range.start ? -1 : 1));
