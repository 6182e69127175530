import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import { isOnDemand } from "./billing.ts";
import { type IndexUnits, type Units, writeUnits } from "./capacity.ts";
import type {
  AttributeDefinition,
  CreateTableInput,
  SecondaryIndex,
  TableDescription,
  TableStatus,
  TimeToLive,
  UpdateTableInput,
} from "./dynamodb-api.ts";
import { itemSize } from "./item-size.ts";
import { type KeySpec, keySpecOf, partitionOf, sortKeyOf } from "./key-spec.ts";
import { KeyedRows, type Row } from "./keyed-rows.ts";
import { type IndexChange, SecondaryIndexRows } from "./secondary-index.ts";
import { describedTable } from "./table-description.ts";
import { checkNoSpareDefinitions, checkTable, keyNames } from "./table-schema.ts";
import { validation } from "./validation.ts";

/** What a write changes in a table and its indexes, worked out and not done yet. */
export type TableChange = {
  readonly old: Row | undefined;
  readonly next: Item | undefined;
  /** Of the next item, in bytes. */
  readonly size: number;
  readonly indexes: readonly IndexChange[];
  readonly units: Units;
};

const NO_INDEXES: readonly IndexChange[] = [];

/** A table without its items, as it is kept. */
export type SavedTable = {
  readonly input: CreateTableInput;
  readonly createdAt: EpochMs;
  readonly timeToLive: TimeToLive | undefined;
};

/** One table: its rows, its indexes, and what DescribeTable says of it. */
export class Table {
  readonly name: string;
  readonly spec: KeySpec;
  readonly rows: KeyedRows = new KeyedRows();
  readonly createdAt: EpochMs;
  timeToLive: TimeToLive | undefined;
  #indexes: ReadonlyMap<string, SecondaryIndexRows>;
  #input: CreateTableInput;

  /** Throws ValidationException. */
  constructor(input: CreateTableInput, now: EpochMs) {
    checkTable(input);
    this.name = input.TableName;
    this.spec = keySpecOf(input.KeySchema, input.AttributeDefinitions);
    this.#indexes = new Map(
      (input.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, this.#indexOf(index, input)]),
    );
    this.timeToLive = input.TimeToLiveSpecification;
    this.#input = input;
    this.createdAt = now;
  }

  /** The table as it was saved, its items still to be put in. */
  static restore({ input, createdAt, timeToLive }: SavedTable): Table {
    const table = new Table(input, createdAt);
    table.timeToLive = timeToLive;
    return table;
  }

  /** What to make the same one of, but for its items. */
  save(): SavedTable {
    return { input: this.#input, createdAt: this.createdAt, timeToLive: this.timeToLive };
  }

  /** Puts in items that a table like it had; one that an index left out is left out again. */
  load(items: readonly Item[]): void {
    for (const item of items) {
      const row = { item, size: itemSize(item), sort: sortKeyOf(this.spec, item), tie: "" };
      this.rows.put(partitionOf(this.spec, item), row);
    }
    for (const index of this.#indexes.values()) fill(index, items);
  }

  get indexes(): ReadonlyMap<string, SecondaryIndexRows> {
    return this.#indexes;
  }

  get isProtected(): boolean {
    return this.#input.DeletionProtectionEnabled === true;
  }

  get isOnDemand(): boolean {
    return isOnDemand(this.#input);
  }

  /** Takes over settings, makes or deletes an index; the items stay. Nothing is changed where it throws. */
  update(changes: UpdateTableInput): void {
    const { GlobalSecondaryIndexUpdates: [update] = [], BillingMode, ProvisionedThroughput } = changes;
    const { Create: added, Delete: deleted, Update: updated } = update ?? {};
    for (const { IndexName } of [deleted, updated].flatMap((named) => named ?? []))
      if (!this.#indexes.has(IndexName))
        throw new ServiceError(
          "ResourceNotFoundException",
          `Requested resource not found: Index: ${IndexName} not found`,
        );
    if (added !== undefined && this.#indexes.has(added.IndexName))
      throw validation(`Attempting to create an index which already exists: ${added.IndexName}`);
    const old = this.#input;
    const kept = (old.GlobalSecondaryIndexes ?? [])
      .filter(({ IndexName }) => IndexName !== deleted?.IndexName)
      .map((index) => (index.IndexName === updated?.IndexName ? { ...index, ...updated } : index));
    const wanted = [...kept, ...(added === undefined ? [] : [added])];
    const used = keyNames(old.KeySchema, ...wanted.map(({ KeySchema }) => KeySchema));
    checkNoSpareDefinitions(changes.AttributeDefinitions ?? [], used);
    const input: CreateTableInput = {
      ...old,
      BillingMode: BillingMode ?? old.BillingMode,
      ProvisionedThroughput:
        BillingMode === "PAY_PER_REQUEST" ? undefined : (ProvisionedThroughput ?? old.ProvisionedThroughput),
      DeletionProtectionEnabled: changes.DeletionProtectionEnabled ?? old.DeletionProtectionEnabled,
      AttributeDefinitions: merged(old.AttributeDefinitions, changes.AttributeDefinitions ?? []).filter(
        ({ AttributeName }) => used.has(AttributeName),
      ),
      GlobalSecondaryIndexes: wanted.length === 0 ? undefined : wanted,
    };
    checkTable(input);
    const indexes = new Map([...this.#indexes].filter(([name]) => name !== deleted?.IndexName));
    if (added !== undefined)
      indexes.set(
        added.IndexName,
        fill(
          this.#indexOf(added, input),
          [...this.items()].map(({ item }) => item),
        ),
      );
    this.#input = input;
    this.#indexes = indexes;
  }

  /** The row of an item with that (checked) key. */
  find(key: Item): Row | undefined {
    return this.rows.find(partitionOf(this.spec, key), { sort: sortKeyOf(this.spec, key), tie: "" });
  }

  /**
   * What it takes to put the next item in the place of the old row, or to delete that.
   * @param known - the next item's size, where somebody has worked it out
   */
  changeTo(old: Row | undefined, next: Item | undefined, known?: number): TableChange {
    const size = known ?? (next === undefined ? 0 : itemSize(next));
    const table = writeUnits(Math.max(size, old?.size ?? 0));
    if (this.#indexes.size === 0)
      return { old, next, size, indexes: NO_INDEXES, units: { table, indexes: NO_UNITS } };
    const indexes = [...this.#indexes.values()].flatMap((index) => index.changeOf(old?.item, next) ?? []);
    const units = indexes.map((change) => ({ name: change.index.name, units: change.units }));
    return { old, next, size, indexes, units: { table, indexes: units } };
  }

  apply({ old, next, size, indexes }: TableChange): void {
    if (next !== undefined)
      this.rows.put(partitionOf(this.spec, next), {
        item: next,
        size,
        sort: sortKeyOf(this.spec, next),
        tie: "",
      });
    else if (old !== undefined) this.rows.delete(partitionOf(this.spec, old.item), old);
    for (const change of indexes) change.index.apply(change);
  }

  /** All items, in the order of a scan. */
  *items(): Generator<Row> {
    for (const partition of this.rows.scanOrder()) yield* this.rows.partition(partition);
  }

  describe(status: TableStatus = "ACTIVE"): TableDescription {
    return describedTable(this.#input, status, this.createdAt, this.rows, this.#indexes);
  }

  #indexOf(index: SecondaryIndex, { AttributeDefinitions }: CreateTableInput): SecondaryIndexRows {
    const spec = keySpecOf(index.KeySchema, AttributeDefinitions, index.IndexName);
    return new SecondaryIndexRows(index, spec, this.spec);
  }
}

/** Puts items into an index. Those whose values are not of the key's types are left out, as DynamoDB does. */
function fill(index: SecondaryIndexRows, items: Iterable<Item>): SecondaryIndexRows {
  for (const item of items) {
    const change = index.takes(item) ? index.changeOf(undefined, item) : undefined;
    if (change !== undefined) index.apply(change);
  }
  return index;
}

const NO_UNITS: readonly IndexUnits[] = [];

/** The definitions of before, and those of attributes that had none. A defined attribute keeps its type. */
function merged(
  old: readonly AttributeDefinition[],
  given: readonly AttributeDefinition[],
): readonly AttributeDefinition[] {
  const known = new Set(old.map(({ AttributeName }) => AttributeName));
  return [...old, ...given.filter(({ AttributeName }) => !known.has(AttributeName))];
}
