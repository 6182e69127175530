import type { EpochMs } from "../../../shared/time/time.ts";
import { arnOf } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import { writeUnits } from "./capacity.ts";
import type {
  AttributeDefinition,
  CreateTableInput,
  SecondaryIndex,
  TableDescription,
  TimeToLive,
  UpdateTableInput,
} from "./dynamodb-api.ts";
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
  timeToLive: TimeToLive | undefined;
  #indexes: ReadonlyMap<string, SecondaryIndexRows>;
  #input: CreateTableInput;
  readonly #createdAt: EpochMs;
  #items = 0;
  #bytes = 0;

  constructor(input: CreateTableInput, now: EpochMs) {
    this.name = input.TableName;
    this.spec = keySpecOf(input.KeySchema, input.AttributeDefinitions);
    this.#indexes = new Map(
      (input.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, this.#indexOf(index, input)]),
    );
    checkNoSpareDefinitions(input.AttributeDefinitions, [
      this.spec,
      ...[...this.#indexes.values()].map(({ spec }) => spec),
    ]);
    this.timeToLive = input.TimeToLiveSpecification;
    this.#input = input;
    this.#createdAt = now;
  }

  get indexes(): ReadonlyMap<string, SecondaryIndexRows> {
    return this.#indexes;
  }

  get isProtected(): boolean {
    return this.#input.DeletionProtectionEnabled === true;
  }

  /** Takes over settings, makes or deletes an index; the items stay. Nothing is changed where it throws. */
  update(changes: UpdateTableInput): void {
    const { BillingMode, DeletionProtectionEnabled, GlobalSecondaryIndexUpdates: [update] = [] } = changes;
    const { Create: added, Delete: deleted } = update ?? {};
    const old = this.#input;
    const kept = old.GlobalSecondaryIndexes?.filter(({ IndexName }) => IndexName !== deleted?.IndexName);
    const input = {
      ...old,
      ...(BillingMode !== undefined && { BillingMode }),
      ...(DeletionProtectionEnabled !== undefined && { DeletionProtectionEnabled }),
      AttributeDefinitions: merged(old.AttributeDefinitions, changes.AttributeDefinitions ?? []),
      GlobalSecondaryIndexes: [...(kept ?? []), ...(added === undefined ? [] : [added])],
    };
    if (deleted !== undefined && !this.#indexes.has(deleted.IndexName))
      throw new ServiceError(
        "ResourceNotFoundException",
        `Requested resource not found: Index: ${deleted.IndexName} not found`,
      );
    if (added !== undefined && this.#indexes.has(added.IndexName))
      throw validation(`Attempting to create an index which already exists: ${added.IndexName}`);
    const indexes = new Map([...this.#indexes].filter(([name]) => name !== deleted?.IndexName));
    if (added !== undefined) indexes.set(added.IndexName, this.#filled(this.#indexOf(added, input)));
    const specs = [this.spec, ...[...indexes.values()].map(({ spec }) => spec)];
    checkNoSpareDefinitions(changes.AttributeDefinitions ?? [], specs);
    const used = attributesOf(specs);
    const AttributeDefinitions = input.AttributeDefinitions.filter(({ AttributeName }) =>
      used.has(AttributeName),
    );
    this.#input = { ...input, AttributeDefinitions };
    this.#indexes = indexes;
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
    const {
      KeySchema,
      AttributeDefinitions,
      GlobalSecondaryIndexes: indexes = [],
      BillingMode,
    } = this.#input;
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
      DeletionProtectionEnabled: this.isProtected,
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map((index) => ({
          ...index,
          IndexStatus: "ACTIVE" as const,
          IndexArn: `${TableArn}/index/${index.IndexName}`,
        })),
      }),
    };
  }

  #indexOf(index: SecondaryIndex, { AttributeDefinitions }: CreateTableInput): SecondaryIndexRows {
    return new SecondaryIndexRows(index, keySpecOf(index.KeySchema, AttributeDefinitions), this.spec);
  }

  /** With the items of the table. Those whose values are not of the key's types are left out, as DynamoDB does. */
  #filled(index: SecondaryIndexRows): SecondaryIndexRows {
    for (const { item } of this.items()) if (index.takes(item)) index.replace(undefined, item);
    return index;
  }
}

/** The definitions of before, and those of attributes that had none. A defined attribute keeps its type. */
function merged(
  old: readonly AttributeDefinition[],
  given: readonly AttributeDefinition[],
): readonly AttributeDefinition[] {
  const known = new Set(old.map(({ AttributeName }) => AttributeName));
  return [...old, ...given.filter(({ AttributeName }) => !known.has(AttributeName))];
}

const attributesOf = (specs: readonly KeySpec[]): ReadonlySet<string> =>
  new Set(specs.flatMap(keyAttributes).map(({ name }) => name));

function checkNoSpareDefinitions(
  definitions: readonly AttributeDefinition[],
  specs: readonly KeySpec[],
): void {
  const used = attributesOf(specs);
  const spare = definitions.filter(({ AttributeName }) => !used.has(AttributeName));
  if (spare.length > 0)
    throw validation(
      "One or more parameter values were invalid: Some AttributeDefinitions are not used. " +
        `AttributeDefinitions: [${spare.map((d) => d.AttributeName).join(", ")}]`,
    );
}
