import type { Clock } from "../../../shared/time/clock.ts";
import type { EpochMs } from "../../../shared/time/time.ts";
import { type ServiceFaults, surrounded, underFaults } from "../faults.ts";
import { blocksBySize } from "../saved-blocks.ts";
import { ServiceError } from "../service-error.ts";
import type { Item } from "./attribute-value.ts";
import { batchGet, batchWrite } from "./batches.ts";
import { consumed, Meter, readUnits, tableUnits } from "./capacity.ts";
import type * as api from "./dynamodb-api.ts";
import { checkChange, isExpired } from "./expiry.ts";
import { type Conditional, parseWrite, type Write } from "./parsed-write.ts";
import { type PreparedWrite, perform, prepareWrite } from "./prepared-write.ts";
import { itemRead, parsedProjection, readItem } from "./read-item.ts";
import { queryPage, scanPage } from "./read-page.ts";
import { checkReturnValues, returnedAttributes } from "./returned-attributes.ts";
import type { Service } from "./service.ts";
import { type SavedTable, Table } from "./table.ts";
import { Tables } from "./tables.ts";
import { PartitionThroughput, UNLIMITED } from "./throughput.ts";
import { type DoneTransaction, TransactionTokens } from "./transaction-tokens.ts";
import { transactGet, transactWrite } from "./transactions.ts";
import { validation } from "./validation.ts";

export type DynamoDbOptions = {
  readonly clock: Clock;
  readonly faults?: ServiceFaults;
  /**
   * Whether a partition key is throttled at 3,000 read or 1,000 write units a second, beyond what it has saved up.
   * Off, as most tests let no time pass; the local cloud turns it on. @default "off"
   */
  readonly limits?: "enforced" | "off";
};

const MAX_TABLE_NAMES = 100;
/** How often expired items are deleted, in the clock's time. AWS does it within days. */
const SWEEP_EVERY_MS = 3_600_000;

type ItemWriteInput = api.TableRef &
  Conditional &
  Pick<api.PutItemInput, "ReturnConsumedCapacity" | "ReturnValuesOnConditionCheckFailure"> & {
    readonly ReturnValues?: api.UpdateItemInput["ReturnValues"];
  };

type SavedPart =
  | { readonly kind: "transactions"; readonly transactions: readonly DoneTransaction[] }
  | { readonly kind: "table"; readonly table: SavedTable }
  | { readonly kind: "items"; readonly table: string; readonly items: readonly Item[] };

const NONE: ReadonlySet<number> = new Set();

/**
 * DynamoDB in memory: every operation is done at once, a read sees all writes before it, and a table is ACTIVE as
 * soon as it is made. Items handed in and out are kept, not copied, and never changed. Throws ServiceError with the
 * codes of the API.
 *
 * Not there, and refused by name: PartiQL, streams, local secondary indexes, and the parameters from before there were
 * expressions. Accepted without effect: ReturnItemCollectionMetrics, and what a provisioned table is provisioned with.
 */
export class DynamoDbModel {
  readonly #clock: Clock;
  readonly #faults: ServiceFaults | undefined;
  readonly #tables = new Tables();
  readonly #tokens = new TransactionTokens();
  readonly #meter = new Meter();
  readonly #service: Service;
  #sweepAt: EpochMs;

  constructor({ clock, faults, limits = "off" }: DynamoDbOptions) {
    this.#clock = clock;
    this.#faults = faults;
    const throughput = limits === "enforced" ? new PartitionThroughput(clock) : UNLIMITED;
    this.#service = { tables: this.#tables, meter: this.#meter, throughput };
    this.#sweepAt = later(clock.now());
  }

  /** Counters since the model was made; the object is live. */
  get stats(): api.DynamoDbStats {
    return this.#meter;
  }

  /** The name of the partition key of a table or one of its indexes; undefined where there is none. No operation. */
  hashKeyOf(tableName: string, indexName?: string): string | undefined {
    const table = this.#tables.find(tableName);
    const keyed = indexName === undefined ? table : table?.indexes.get(indexName);
    return keyed?.spec.hash.name;
  }

  createTable(input: api.CreateTableInput): { readonly TableDescription: api.TableDescription } {
    return this.#run("CreateTable", input, () => {
      const table = new Table(input, this.#clock.now());
      if (this.#tables.find(input.TableName) !== undefined)
        throw new ServiceError("ResourceInUseException", `Table already exists: ${input.TableName}`);
      this.#tables.add(table);
      return { TableDescription: table.describe("CREATING") };
    });
  }

  deleteTable(input: api.TableRef): { readonly TableDescription: api.TableDescription } {
    return this.#run("DeleteTable", input, () => {
      const table = this.#tables.named(input.TableName);
      if (table.isProtected)
        throw validation(
          "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
        );
      this.#tables.delete(table);
      return { TableDescription: table.describe("DELETING") };
    });
  }

  /** Changes settings, and makes or deletes one index: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html */
  updateTable(input: api.UpdateTableInput): { readonly TableDescription: api.TableDescription } {
    return this.#run("UpdateTable", input, () => {
      const table = this.#tables.named(input.TableName);
      if ((input.GlobalSecondaryIndexUpdates ?? []).length > 1)
        throw new ServiceError(
          "LimitExceededException",
          "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        );
      table.update(input);
      return { TableDescription: table.describe("UPDATING") };
    });
  }

  describeTable(input: api.TableRef): { readonly Table: api.TableDescription } {
    return this.#run("DescribeTable", input, () => ({
      Table: this.#tables.named(input.TableName).describe(),
    }));
  }

  listTables(input: api.ListTablesInput = {}): api.ListTablesOutput {
    return this.#run("ListTables", input, () => {
      const { ExclusiveStartTableName: after = "", Limit: limit = MAX_TABLE_NAMES } = input;
      const { names, more } = this.#tables.names(after, limit);
      const last = more ? names.at(-1) : undefined;
      return { TableNames: names, ...(last !== undefined && { LastEvaluatedTableName: last }) };
    });
  }

  updateTimeToLive(input: api.UpdateTimeToLiveInput): { readonly TimeToLiveSpecification: api.TimeToLive } {
    return this.#run("UpdateTimeToLive", input, () => {
      const { TimeToLiveSpecification } = input;
      const table = this.#tables.named(input.TableName);
      checkChange(table.timeToLive, TimeToLiveSpecification);
      table.timeToLive = TimeToLiveSpecification;
      return { TimeToLiveSpecification };
    });
  }

  describeTimeToLive(input: api.TableRef): { readonly TimeToLiveDescription: api.TimeToLiveDescription } {
    return this.#run("DescribeTimeToLive", input, () => {
      const { timeToLive } = this.#tables.named(input.TableName);
      return {
        TimeToLiveDescription:
          timeToLive?.Enabled === true
            ? { TimeToLiveStatus: "ENABLED", AttributeName: timeToLive.AttributeName }
            : { TimeToLiveStatus: "DISABLED" },
      };
    });
  }

  putItem(input: api.PutItemInput): api.WriteOutput {
    return this.#write("PutItem", input, { kind: "put", item: input.Item });
  }

  deleteItem(input: api.DeleteItemInput): api.WriteOutput {
    return this.#write("DeleteItem", input, { kind: "delete", key: input.Key });
  }

  updateItem(input: api.UpdateItemInput): api.WriteOutput {
    return this.#write("UpdateItem", input, {
      kind: "update",
      key: input.Key,
      expression: input.UpdateExpression,
    });
  }

  getItem(input: api.GetItemInput): api.GetItemOutput {
    return this.#run("GetItem", input, () => {
      const projection = parsedProjection(input);
      const { tables, meter, throughput } = this.#service;
      const table = tables.get(input.TableName);
      const read = itemRead(table, input.Key, projection);
      const refusal = throughput.refusalOfRead(read);
      if (refusal !== undefined) throw refusal;
      const { row, item } = readItem(read);
      const units = readUnits(row?.size ?? 0, input.ConsistentRead === true);
      throughput.tookRead(read, units);
      return {
        ...(item !== undefined && { Item: item }),
        ...consumed(input.ReturnConsumedCapacity, table.name, meter.read(tableUnits(units))),
      };
    });
  }

  query(input: api.QueryInput): api.PageOutput {
    return this.#run("Query", input, () => queryPage(input, this.#service));
  }

  scan(input: api.ScanInput): api.PageOutput {
    return this.#run("Scan", input, () => scanPage(input, this.#service));
  }

  batchGetItem(input: api.BatchGetItemInput): api.BatchGetItemOutput {
    return this.#run("BatchGetItem", input, (failed) => batchGet(input, failed, this.#service));
  }

  batchWriteItem(input: api.BatchWriteItemInput): api.BatchWriteItemOutput {
    return this.#run("BatchWriteItem", input, (failed) => batchWrite(input, failed, this.#service));
  }

  transactWriteItems(input: api.TransactWriteItemsInput): api.TransactWriteItemsOutput {
    return this.#run("TransactWriteItems", input, (failed) =>
      transactWrite(input, failed, this.#tokens, this.#clock.now(), this.#service),
    );
  }

  transactGetItems(input: api.TransactGetItemsInput): api.TransactGetItemsOutput {
    return this.#run("TransactGetItems", input, (failed) => transactGet(input, failed, this.#service));
  }

  /** Deletes what its time to live says is over, which costs nothing; returns how many items. Done hourly anyhow. */
  deleteExpired(): number {
    const call = { service: "dynamodb", operation: "DeleteExpired", input: {}, failed: NONE } as const;
    return surrounded(this.#faults, call, () => {
      const now = this.#clock.now();
      let deleted = 0;
      for (const table of this.#tables.all()) {
        const { timeToLive } = table;
        if (timeToLive?.Enabled !== true) continue;
        for (const row of [...table.items()].filter(({ item }) => isExpired(item, timeToLive, now))) {
          table.apply(table.changeTo(row, undefined));
          deleted += 1;
        }
      }
      return deleted;
    });
  }

  /**
   * All that it holds, in parts: call each when there is time, nobody changes what it stands for. Left out are its
   * counters and what partitions have given this second.
   */
  *save(): Generator<() => SavedPart> {
    const transactions = this.#tokens.save();
    yield () => ({ kind: "transactions", transactions });
    for (const table of this.#tables.all()) {
      const saved = table.save();
      yield () => ({ kind: "table", table: saved });
      for (const rows of blocksBySize([...table.items()], ({ size }) => size))
        yield () => ({ kind: "items", table: table.name, items: rows.map(({ item }) => item) });
    }
  }

  /** Takes a part of what another one has saved; the parts come in their order, to a model that was empty. */
  restore(part: SavedPart): void {
    switch (part.kind) {
      case "transactions":
        for (const { input, images, at } of part.transactions) this.#tokens.remember(input, images, at);
        break;
      case "table":
        this.#tables.add(Table.restore(part.table));
        break;
      case "items":
        this.#tables.get(part.table).load(part.items);
    }
  }

  #run<T>(operation: string, input: unknown, run: (failed: ReadonlySet<number>) => T): T {
    this.#meter.called(operation);
    const now = this.#clock.now();
    if (now >= this.#sweepAt) {
      this.#sweepAt = later(now);
      this.deleteExpired();
    }
    return underFaults(this.#faults, "dynamodb", operation, input, run);
  }

  #write(operation: string, input: ItemWriteInput, write: Write): api.WriteOutput {
    return this.#run(operation, input, () => {
      checkReturnValues(write.kind, input.ReturnValues);
      const parsed = parseWrite(write, input);
      const { tables, meter, throughput } = this.#service;
      const prepared = prepareWrite(tables.get(input.TableName), parsed);
      const refusal = throughput.refusalOfWrite(prepared);
      if (refusal !== undefined) throw refusal;
      throughput.tookWrite(prepared);
      meter.wrote(prepared.units);
      if (!prepared.allowed) throw conditionFailed(prepared, input);
      perform(prepared);
      return {
        ...returnedAttributes(input.ReturnValues, prepared),
        ...consumed(input.ReturnConsumedCapacity, prepared.table.name, prepared.units),
      };
    });
  }
}

const later = (now: EpochMs): EpochMs => (now + SWEEP_EVERY_MS) as EpochMs;

function conditionFailed({ old }: PreparedWrite, input: ItemWriteInput): ServiceError {
  const shown = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? old?.item : undefined;
  return new ServiceError(
    "ConditionalCheckFailedException",
    "The conditional request failed",
    400,
    shown === undefined ? undefined : { Item: shown },
  );
}
