import { type DurationMs, type EpochMs, plus } from "../../../shared/time/time.ts";
import type { ShardLog } from "./shard-log.ts";
import type { Stream } from "./stream.ts";

/**
 * Splits shards of on-demand streams in half, some time after one of their seconds was hot. AWS does so within
 * 15 minutes (https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html); until then the shard's
 * limits hold. Shards that have cooled down are not merged.
 */
export class OnDemandScaling {
  readonly #delay: DurationMs;
  /** Hot shards of each stream, with the time at which they are split. */
  readonly #due = new WeakMap<Stream, Map<ShardLog, EpochMs>>();

  constructor(delay: DurationMs) {
    this.#delay = delay;
  }

  /** To be called after each record that a shard took or refused. */
  written(stream: Stream, shard: ShardLog, now: EpochMs): void {
    if (stream.mode !== "ON_DEMAND" || !shard.writeLimit.isHot(now)) return;
    const due = this.#due.get(stream) ?? new Map<ShardLog, EpochMs>();
    if (!due.has(shard)) due.set(shard, plus(now, this.#delay));
    this.#due.set(stream, due);
  }

  /** Splits what is due, as of then; returns the shards that were closed by it. */
  splitDue(stream: Stream, now: EpochMs): ShardLog[] {
    const due = this.#due.get(stream);
    if (due === undefined) return [];
    const closed: ShardLog[] = [];
    for (const [shard, at] of due) {
      if (at > now) continue;
      due.delete(shard);
      const { start, end } = shard.origin.range;
      // A stream that was provisioned meanwhile keeps its shards, and a single hash key cannot be halved.
      if (stream.mode !== "ON_DEMAND" || shard.closedAt !== undefined || start === end) continue;
      stream.split(shard, start + (end - start + 1n) / 2n, at);
      closed.push(shard);
    }
    return closed;
  }
}
