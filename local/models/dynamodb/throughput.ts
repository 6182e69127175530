import type { Clock } from "../../../shared/time/clock.ts";
import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import { partitionOf } from "./key-spec.ts";
import type { PreparedWrite } from "./prepared-write.ts";
import type { IndexChange, SecondaryIndexRows } from "./secondary-index.ts";
import type { Table } from "./table.ts";
import { indexArn, tableArn } from "./table-description.ts";

/** The rows of one partition key that are read, in a table or one of its indexes. */
export type ReadPartition = {
  readonly table: Table;
  readonly index?: SecondaryIndexRows | undefined;
  readonly partition: string;
};

/** Which calls are refused because a partition is too busy. */
export type Throughput = {
  /** A ThrottlingException, of a provisioned table a ProvisionedThroughputExceededException; undefined for go on. */
  refusalOfRead(read: ReadPartition): ServiceError | undefined;
  tookRead(read: ReadPartition, units: number): void;
  /** The same, also where an index cannot follow. */
  refusalOfWrite(write: PreparedWrite): ServiceError | undefined;
  tookWrite(write: PreparedWrite): void;
};

export const UNLIMITED: Throughput = {
  refusalOfRead: () => undefined,
  tookRead: () => undefined,
  refusalOfWrite: () => undefined,
  tookWrite: () => undefined,
};

const READ_UNITS_PER_SECOND = 3_000;
const WRITE_UNITS_PER_SECOND = 1_000;
const BURST_SECONDS = 300;
const PRUNE_ABOVE = 10_000;

/**
 * Limits every partition key, in a table and in an index, to 3,000 read and 1,000 write units a second. What it did
 * not use since the table was made is kept for 300 seconds and may be used in a burst. A call is taken as long as
 * anything is left, and may overdraw. Scans are not counted.
 *
 * Sources: "Designing partition keys to distribute your workload" and "Burst and adaptive capacity", Amazon DynamoDB
 * Developer Guide. AWS splits partitions by heat and by size, so that a key may get more than this, never less.
 */
export class PartitionThroughput implements Throughput {
  readonly #clock: Clock;
  readonly #reads = new Allowances(READ_UNITS_PER_SECOND);
  readonly #writes = new Allowances(WRITE_UNITS_PER_SECOND);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  refusalOfRead({ table, index, partition }: ReadPartition): ServiceError | undefined {
    const left = this.#reads.left(keyOf(table, index, partition), table.createdAt, this.#clock.now());
    return left > 0 ? undefined : throttled(table, index, "Read");
  }

  tookRead({ table, index, partition }: ReadPartition, units: number): void {
    this.#reads.take(keyOf(table, index, partition), units, table.createdAt, this.#clock.now());
  }

  refusalOfWrite({ table, key, change }: PreparedWrite): ServiceError | undefined {
    const now = this.#clock.now();
    const isBusy = (index: SecondaryIndexRows | undefined, partition: string): boolean =>
      this.#writes.left(keyOf(table, index, partition), table.createdAt, now) <= 0;
    if (isBusy(undefined, partitionOf(table.spec, key))) return throttled(table, undefined, "Write");
    const busy = change?.indexes.find((one) => partitionsOf(one).some((id) => isBusy(one.index, id)));
    return busy && throttled(table, busy.index, "Write");
  }

  tookWrite({ table, key, change, units }: PreparedWrite): void {
    const now = this.#clock.now();
    const own = keyOf(table, undefined, partitionOf(table.spec, key));
    this.#writes.take(own, units.table, table.createdAt, now);
    for (const one of change?.indexes ?? []) {
      const partitions = partitionsOf(one);
      for (const partition of partitions)
        this.#writes.take(
          keyOf(table, one.index, partition),
          one.units / partitions.length,
          table.createdAt,
          now,
        );
    }
  }
}

/** Units that are left to keys, each filled up by so many a second. */
class Allowances {
  readonly #perSecond: number;
  readonly #keys = new Map<string, { readonly units: number; readonly at: EpochMs }>();
  #pruneAt = PRUNE_ABOVE;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @param since - when the key began to have an allowance */
  left(key: string, since: EpochMs, now: EpochMs): number {
    const known = this.#keys.get(key);
    const untouched = this.#perSecond * Math.min(BURST_SECONDS, 1 + (now - since) / 1_000);
    if (known === undefined) return untouched;
    return Math.min(untouched, known.units + (this.#perSecond * (now - known.at)) / 1_000);
  }

  take(key: string, units: number, since: EpochMs, now: EpochMs): void {
    this.#keys.set(key, { units: this.left(key, since, now) - units, at: now });
    if (this.#keys.size <= this.#pruneAt) return;
    const full = this.#perSecond * BURST_SECONDS;
    for (const [other, { units: left, at }] of this.#keys)
      if (left + (this.#perSecond * (now - at)) / 1_000 >= full) this.#keys.delete(other);
    this.#pruneAt = Math.max(PRUNE_ABOVE, 2 * this.#keys.size);
  }
}

const keyOf = (table: Table, index: SecondaryIndexRows | undefined, partition: string): string =>
  JSON.stringify([table.name, table.createdAt, index?.name, partition]);

function partitionsOf({ index, before, after }: IndexChange): readonly string[] {
  const both = [before, after].flatMap((item) => (item === undefined ? [] : [partitionOf(index.spec, item)]));
  return [...new Set(both)];
}

function throttled(
  table: Table,
  index: SecondaryIndexRows | undefined,
  kind: "Read" | "Write",
): ServiceError {
  const reason = `${index === undefined ? "Table" : "Index"}${kind}KeyRangeThroughputExceeded`;
  const resource = index === undefined ? tableArn(table.name) : indexArn(table.name, index.name);
  const [code, message] = table.isOnDemand
    ? ["ThrottlingException", onDemandMessage(index)]
    : [
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing your " +
          "provisioning level with the UpdateTable API.",
      ];
  return new ServiceError(code, message, 400, { ThrottlingReasons: [{ reason, resource }] });
}

const onDemandMessage = (index: SecondaryIndexRows | undefined): string =>
  index === undefined
    ? "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table " +
      "or index so please try again shortly. If exceptions persist, check if you have a hot key: " +
      "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
    : "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically " +
      "scaling your index so please try again shortly.";
