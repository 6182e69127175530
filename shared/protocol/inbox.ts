import type { Position } from "./entry.ts";

/** What to do with a record, by the position of its partition. */
export type Verdict = "take" | "drop" | "gap";

/**
 * How far a partition has read its inputs. A shard's sequence numbers are compared within that shard only,
 * as whole numbers; the counters of an upstream partition are dense, so that a missing one is seen.
 */
export class Inbox {
  readonly #positions = new Map<string, string | number>();

  constructor(positions: readonly Position[] = []) {
    this.#positions = new Map(positions);
  }

  /** A record of a source stream: taken once, in the order of its shard. */
  shard(shard: string, sequence: string): Verdict {
    const at = this.#positions.get(shard);
    return at === undefined || BigInt(sequence) > BigInt(at) ? "take" : "drop";
  }

  /** A frame of an upstream partition: the next one is taken; a later one means that one is still to come. */
  channel(channel: string, counter: number): Verdict {
    const next = Number(this.#positions.get(channel) ?? 0) + 1;
    return counter === next ? "take" : counter < next ? "drop" : "gap";
  }

  advance(source: string, at: string | number): void {
    this.#positions.set(source, at);
  }

  get positions(): Position[] {
    return [...this.#positions];
  }

  copy(): Inbox {
    return new Inbox(this.positions);
  }
}
