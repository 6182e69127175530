import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import { type HashRange, uniformRanges } from "./hash-space.ts";
import type { ChildShard } from "./kinesis-api.ts";
import { SequenceNumbers } from "./sequence-numbers.ts";
import { ShardLog } from "./shard-log.ts";

const HOUR_MS = 3_600_000;

/** One stream: its shards, who owns which hash keys, and how that changes. */
export class Stream {
  readonly name: string;
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  readonly createdAt: EpochMs;
  retentionHours: number;
  readonly #shards = new Map<string, ShardLog>();
  /** The open shards in the order of their hash ranges, which cover the whole space. */
  #open: ShardLog[];
  #shardsMade = 0;
  #generation = 0;

  constructor(
    name: string,
    mode: "PROVISIONED" | "ON_DEMAND",
    shardCount: number,
    retentionHours: number,
    now: EpochMs,
  ) {
    this.name = name;
    this.mode = mode;
    this.createdAt = now;
    this.retentionHours = retentionHours;
    this.#open = uniformRanges(shardCount).map((range) => this.#add(range, []));
  }

  get openCount(): number {
    return this.#open.length;
  }

  /** All shards that still hold, or may still get, records; in the order of their ids. */
  shards(now: EpochMs): ShardLog[] {
    const gone = now - this.retentionHours * HOUR_MS;
    for (const shard of this.#shards.values())
      if (shard.closedAt !== undefined && shard.closedAt <= gone) this.#shards.delete(shard.origin.id);
    return [...this.#shards.values()];
  }

  shard(id: string): ShardLog {
    const shard = this.#shards.get(id);
    if (shard === undefined)
      throw new ServiceError(
        "ResourceNotFoundException",
        `Shard ${id} in stream ${this.name} does not exist`,
      );
    return shard;
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
  trim(shard: ShardLog, now: EpochMs): void {
    shard.trim((now - this.retentionHours * HOUR_MS) as EpochMs);
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

  /** Splits an open shard in two, the second of which starts at `at`. */
  split(id: string, at: bigint, now: EpochMs): void {
    const shard = this.#openShard(id);
    const { start, end } = shard.origin.range;
    if (at <= start || at > end)
      throw new ServiceError(
        "InvalidArgumentException",
        `NewStartingHashKey ${at} used in SplitShard() on shard ${id} in stream ${this.name} is not both greater than ` +
          `one plus the shard's StartingHashKey ${start} and less than the shard's EndingHashKey ${end}`,
      );
    this.#replace(
      [shard],
      [
        { start, end: at - 1n },
        { start: at, end },
      ],
      now,
    );
  }

  /** Merges two open shards whose hash ranges touch. */
  merge(id: string, adjacentId: string, now: EpochMs): void {
    const [first, second] = [this.#openShard(id), this.#openShard(adjacentId)];
    const [low, high] =
      first.origin.range.start < second.origin.range.start ? [first, second] : [second, first];
    if (low.origin.range.end + 1n !== high.origin.range.start)
      throw new ServiceError(
        "InvalidArgumentException",
        `Shards ${id} and ${adjacentId} in stream ${this.name} are not adjacent`,
      );
    this.#replace([first, second], [{ start: low.origin.range.start, end: high.origin.range.end }], now);
  }

  /** Splits and merges until the open shards are `count` ranges of the same size. */
  scale(count: number, now: EpochMs): void {
    const target = uniformRanges(count);
    for (const { start } of target) {
      const owner = this.owner(start);
      if (owner.origin.range.start !== start) this.split(owner.origin.id, start, now);
    }
    for (const { start, end } of target)
      for (;;) {
        const first = this.owner(start);
        if (first.origin.range.end === end) break;
        this.merge(first.origin.id, this.owner(first.origin.range.end + 1n).origin.id, now);
      }
  }

  #openShard(id: string): ShardLog {
    const shard = this.shard(id);
    if (shard.closedAt !== undefined)
      throw new ServiceError("InvalidArgumentException", `Shard ${id} in stream ${this.name} is not open`);
    return shard;
  }

  #replace(parents: readonly ShardLog[], ranges: readonly HashRange[], now: EpochMs): void {
    this.#generation += 1;
    for (const parent of parents) parent.close(now);
    const ids = parents.map(({ origin }) => origin.id);
    this.#open = [
      ...this.#open.filter((shard) => !parents.includes(shard)),
      ...ranges.map((range) => this.#add(range, ids)),
    ].sort((a, b) => (a.origin.range.start < b.origin.range.start ? -1 : 1));
  }

  #add(range: HashRange, parents: readonly string[]): ShardLog {
    const index = this.#shardsMade;
    this.#shardsMade += 1;
    const id = `shardId-${index.toString().padStart(12, "0")}`;
    const numbers = new SequenceNumbers(this.createdAt, this.#generation, index);
    const shard = new ShardLog({ id, range, parents, numbers });
    this.#shards.set(id, shard);
    return shard;
  }
}
