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
  /** Records in a batch, at most. */
  batch: number;
  /** Whether the child of a shard is read only after its parents. Internal streams never wait: counters keep them. */
  childrenWait: boolean;
  readonly #shards: Shards;
  /** How many records of a shard were taken. */
  readonly #taken = new Map<string, number>();
  readonly #leases = new Map<string, Delivery>();

  constructor(stage: Stage, shards: Shards, batch: number) {
    this.stage = stage;
    this.stream = stage.input.kind === "source" ? stage.input.stream : stage.id;
    this.batch = batch;
    this.childrenWait = stage.input.kind === "source";
    this.#shards = shards;
  }

  get shards(): readonly ShardView[] {
    return this.#shards.of(this.stream);
  }

  /** Shards with records to deliver that are with nobody. */
  get ready(): ShardView[] {
    return this.shards.filter(
      (shard) => shard.records.length > this.#at(shard) && !this.#leases.has(shard.id) && !this.#waits(shard),
    );
  }

  get caughtUp(): boolean {
    return this.shards.every((shard) => shard.records.length === this.#at(shard));
  }

  /** Records that were not taken yet. */
  get behind(): number {
    return this.shards.reduce((n, shard) => n + shard.records.length - this.#at(shard), 0);
  }

  lease(shard: ShardView, records: number): Delivery {
    const delivery = this.#delivery(shard, this.#at(shard), records);
    this.#leases.set(shard.id, delivery);
    return delivery;
  }

  /**
   * Records that come before others, as nobody's lease: of an internal stream any later ones, whose counters tell; of
   * a source those of other partitions, as a mapping with a parallelization factor delivers them.
   * @param keepsPlace - of a record whose partition is not told by its key: none may come before it, nor it before any
   */
  ahead(
    shard: ShardView,
    skip: number,
    records: number,
    keepsPlace: (data: Uint8Array) => boolean,
  ): Delivery | undefined {
    const from = this.#at(shard);
    const later = this.#delivery(shard, from + skip, records);
    const skipped = this.#delivery(shard, from, skip).records;
    if ([...skipped, ...later.records].some(({ data }) => keepsPlace(data))) return undefined;
    if (this.stage.input.kind === "internal") return later.records.length > 0 ? later : undefined;
    const lanes = new Set(skipped.map(({ partitionKey }) => partitionKey));
    const others = later.records.filter(({ partitionKey }) => !lanes.has(partitionKey));
    return others.length > 0 ? { ...later, records: others } : undefined;
  }

  /** Takes note of how a batch ended, unless it was given to another meanwhile. */
  settle(delivery: Delivery, firstFailed: string | undefined): void {
    const { shard, from, records } = delivery;
    if (this.#leases.get(shard.id) !== delivery) return;
    this.#leases.delete(shard.id);
    const failed = records.findIndex(({ sequence }) => sequence === firstFailed);
    this.#taken.set(shard.id, from + (failed === -1 ? records.length : failed));
  }

  /** Waits no longer for a batch, which will be delivered again. False where nobody waited for it. */
  expire(delivery: Delivery): boolean {
    return this.#leases.get(delivery.shard.id) === delivery && this.#leases.delete(delivery.shard.id);
  }

  /** Delivers a shard again from a record that was taken before; how many come again. */
  rewind(shard: ShardView, by: number): number {
    const at = this.#at(shard);
    const again = Math.min(by, at);
    this.#leases.delete(shard.id);
    this.#taken.set(shard.id, at - again);
    return again;
  }

  /** Starts over at the oldest record of every shard; how many come again. */
  recreate(): number {
    const again = this.shards.reduce((n, shard) => n + this.#at(shard), 0);
    this.#leases.clear();
    this.#taken.clear();
    return again;
  }

  #delivery(shard: ShardView, from: number, records: number): Delivery {
    const batch = shard.records.slice(from, from + records).map((record) => delivered(shard.id, record));
    return { shard, from, records: batch };
  }

  #at({ id }: ShardView): number {
    return this.#taken.get(id) ?? 0;
  }

  #waits(shard: ShardView): boolean {
    return this.childrenWait && this.#parentsBehind(shard);
  }

  /** Whether a source's shard is read though one of its parents is not read to its end. */
  overtakes(shard: ShardView): boolean {
    return this.stage.input.kind === "source" && this.#parentsBehind(shard);
  }

  /** A parent without records waits for its own parents, and its children with it. */
  #parentsBehind({ parents }: ShardView): boolean {
    return (
      parents.length > 0 &&
      this.shards.some(
        (shard) =>
          parents.includes(shard.id) &&
          (shard.records.length > this.#at(shard) || this.#parentsBehind(shard)),
      )
    );
  }
}
