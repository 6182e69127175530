import type { EpochMs } from "../../../shared/time/time.ts";
import { arnOf } from "../arn.ts";
import type { Item } from "./attribute-value.ts";
import { writeUnits } from "./capacity.ts";
import type { CreateTableInput, TableDescription, TimeToLive } from "./dynamodb-api.ts";
import { storedSize } from "./item-size.ts";
import { type KeySpec, keyAttributes, keySpecOf, partitionOf, sortKeyOf } from "./key-spec.ts";
import { KeyedRows, type Row } from "./keyed-rows.ts";
import { SecondaryIndexRows } from "./secondary-index.ts";
import { validation } from "./validation.ts";

/** One table: its rows, its indexes, and what DescribeTable says of it. */
export class Table {
  readonly name: string;
  readonly spec: KeySpec;
  readonly rows: KeyedRows = new KeyedRows();
  readonly indexes: ReadonlyMap<string, SecondaryIndexRows>;
  timeToLive: TimeToLive | undefined;
  readonly #input: CreateTableInput;
  readonly #createdAt: EpochMs;
  #items = 0;
  #bytes = 0;

  constructor(input: CreateTableInput, now: EpochMs) {
    this.name = input.TableName;
    this.spec = keySpecOf(input.KeySchema, input.AttributeDefinitions);
    this.indexes = new Map(
      (input.GlobalSecondaryIndexes ?? []).map((index) => [
        index.IndexName,
        new SecondaryIndexRows(index, keySpecOf(index.KeySchema, input.AttributeDefinitions), this.spec),
      ]),
    );
    checkNoSpareDefinitions(input, [this.spec, ...[...this.indexes.values()].map(({ spec }) => spec)]);
    this.timeToLive = input.TimeToLiveSpecification;
    this.#input = input;
    this.#createdAt = now;
  }

  /** The row of an item with that (checked) key. */
  find(key: Item): Row | undefined {
    return this.rows.find(partitionOf(this.spec, key), { sort: sortKeyOf(this.spec, key), tie: "" });
  }

  /** Puts the next item in the place of the old row, or deletes that; returns the write units. */
  replace(old: Row | undefined, next: Item | undefined): number {
    const size = next === undefined ? 0 : storedSize(next);
    if (next !== undefined)
      this.rows.put(partitionOf(this.spec, next), {
        item: next,
        size,
        sort: sortKeyOf(this.spec, next),
        tie: "",
      });
    else if (old !== undefined) this.rows.delete(partitionOf(this.spec, old.item), old);
    this.#items += (next === undefined ? 0 : 1) - (old === undefined ? 0 : 1);
    this.#bytes += size - (old?.size ?? 0);
    let units = writeUnits(Math.max(size, old?.size ?? 0));
    for (const index of this.indexes.values()) units += index.replace(old?.item, next);
    return units;
  }

  /** All items, in the order of a scan. */
  *items(): Generator<Row> {
    for (const partition of this.rows.scanOrder()) yield* this.rows.partition(partition);
  }

  describe(): TableDescription {
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes: indexes, BillingMode } = this.#input;
    const TableArn = arnOf("dynamodb", `table/${this.name}`);
    return {
      TableName: this.name,
      TableArn,
      TableStatus: "ACTIVE",
      KeySchema,
      AttributeDefinitions,
      CreationDateTime: this.#createdAt,
      ItemCount: this.#items,
      TableSizeBytes: this.#bytes,
      BillingModeSummary: { BillingMode: BillingMode ?? "PAY_PER_REQUEST" },
      ...(indexes !== undefined && {
        GlobalSecondaryIndexes: indexes.map((index) => ({
          ...index,
          IndexStatus: "ACTIVE" as const,
          IndexArn: `${TableArn}/index/${index.IndexName}`,
        })),
      }),
    };
  }
}

function checkNoSpareDefinitions(input: CreateTableInput, specs: readonly KeySpec[]): void {
  const used = new Set(specs.flatMap(keyAttributes).map(({ name }) => name));
  const spare = input.AttributeDefinitions.filter(({ AttributeName }) => !used.has(AttributeName));
  if (spare.length > 0)
    throw validation(
      "One or more parameter values were invalid: Some AttributeDefinitions are not used. " +
        `AttributeDefinitions: [${spare.map((d) => d.AttributeName).join(", ")}]`,
    );
}
