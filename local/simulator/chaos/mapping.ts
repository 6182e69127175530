import type { Stage } from "../../../shared/operators/stage.ts";
import type { InRecord } from "../../../shared/protocol/record.ts";
import { delivered } from "../deliver.ts";
import type { Shards, ShardView } from "./shards.ts";

/** A batch on its way. */
export type Delivery = {
  readonly shard: ShardView;
  readonly from: number;
  readonly records: readonly InRecord[];
};

/** What an event source mapping knows of its shards; the engine trusts none of it. */
export class Mapping {
  readonly stage: Stage;
  readonly stream: string;
  readonly #shards: Shards;
  readonly #childrenWait: boolean;
  /** How many records of a shard were taken. */
  readonly #taken = new Map<string, number>();
  readonly #leases = new Map<string, Delivery>();

  constructor(stage: Stage, shards: Shards, childrenWait: boolean) {
    this.stage = stage;
    this.stream = stage.input.kind === "source" ? stage.input.stream : stage.id;
    this.#shards = shards;
    this.#childrenWait = childrenWait && stage.input.kind === "source";
  }

  /** Shards with records to deliver that are with nobody. */
  get ready(): ShardView[] {
    return this.#shards
      .of(this.stream)
      .filter(
        (shard) =>
          !this.#leases.has(shard.id) &&
          shard.records.length > this.#at(shard) &&
          !(
            this.#childrenWait &&
            this.#parentsOf(shard).some((parent) => parent.records.length > this.#at(parent))
          ),
      );
  }

  get caughtUp(): boolean {
    return this.#shards.of(this.stream).every((shard) => shard.records.length === this.#at(shard));
  }

  lease(shard: ShardView, records: number): Delivery {
    const from = this.#at(shard);
    const batch = shard.records.slice(from, from + records).map((record) => delivered(shard.id, record));
    const delivery = { shard, from, records: batch };
    this.#leases.set(shard.id, delivery);
    return delivery;
  }

  /** Takes note of how a batch ended, unless it was given to another meanwhile. */
  settle(delivery: Delivery, firstFailed: string | undefined): void {
    const { shard, from, records } = delivery;
    if (this.#leases.get(shard.id) !== delivery) return;
    this.#leases.delete(shard.id);
    const failed = records.findIndex(({ sequence }) => sequence === firstFailed);
    this.#taken.set(shard.id, from + (failed === -1 ? records.length : failed));
  }

  /** Waits no longer for a batch: it will be delivered again. */
  expire(delivery: Delivery): void {
    if (this.#leases.get(delivery.shard.id) === delivery) this.#leases.delete(delivery.shard.id);
  }

  /** Delivers a shard again from a record that was taken before. */
  rewind(shard: ShardView, by: number): void {
    this.#leases.delete(shard.id);
    this.#taken.set(shard.id, Math.max(0, this.#at(shard) - by));
  }

  /** Starts over at the oldest record of every shard. */
  recreate(): void {
    this.#leases.clear();
    this.#taken.clear();
  }

  #at({ id }: ShardView): number {
    return this.#taken.get(id) ?? 0;
  }

  #parentsOf({ parents }: ShardView): ShardView[] {
    return this.#shards.of(this.stream).filter(({ id }) => parents.includes(id));
  }
}
