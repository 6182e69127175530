import type { Clock } from "../../../shared/time/clock.ts";
import { type ServiceFaults, underFaults } from "../faults.ts";
import { ServiceError } from "../service-error.ts";
import { batchGet, batchWrite } from "./batches.ts";
import { consumed, Meter, readUnits } from "./capacity.ts";
import type * as api from "./dynamodb-api.ts";
import { isExpired } from "./expiry.ts";
import {
  type Conditional,
  type PreparedWrite,
  perform,
  prepareWrite,
  refusedUnits,
  valid,
  type Write,
} from "./prepared-write.ts";
import { readItem } from "./read-item.ts";
import { queryPage, scanPage } from "./read-page.ts";
import { returnedAttributes } from "./returned-attributes.ts";
import { Table } from "./table.ts";
import { Tables } from "./tables.ts";
import { TransactionTokens, transactGet, transactWrite } from "./transactions.ts";
import { validation } from "./validation.ts";

export type DynamoDbOptions = { readonly clock: Clock; readonly faults?: ServiceFaults };

type ItemWriteInput = api.TableRef &
  Conditional &
  Pick<api.PutItemInput, "ReturnConsumedCapacity" | "ReturnValuesOnConditionCheckFailure"> & {
    readonly ReturnValues?: api.UpdateItemInput["ReturnValues"];
  };

/**
 * DynamoDB in memory: every operation is done at once, a read sees all writes before it, and a table is ACTIVE as
 * soon as it is made. Items handed in and out are kept, not copied, and never changed. Throws ServiceError with the
 * codes of the API.
 */
export class DynamoDbModel {
  readonly #clock: Clock;
  readonly #faults: ServiceFaults | undefined;
  readonly #tables = new Tables();
  readonly #tokens = new TransactionTokens();
  readonly #meter = new Meter();

  constructor(options: DynamoDbOptions) {
    this.#clock = options.clock;
    this.#faults = options.faults;
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
      if (!/^[\w.-]{3,255}$/.test(input.TableName))
        throw validation(`"${input.TableName}" is no name of a table`);
      if (this.#tables.has(input.TableName))
        throw new ServiceError("ResourceInUseException", `Table already exists: ${input.TableName}`);
      const table = new Table(input, this.#clock.now());
      this.#tables.add(table);
      return { TableDescription: table.describe() };
    });
  }

  deleteTable(input: api.TableRef): { readonly TableDescription: api.TableDescription } {
    return this.#run("DeleteTable", input, () => {
      const table = this.#tables.get(input.TableName);
      if (table.isProtected)
        throw validation(
          "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
        );
      this.#tables.delete(table);
      return { TableDescription: table.describe() };
    });
  }

  /** Changes settings, and makes or deletes one index: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html */
  updateTable(input: api.UpdateTableInput): { readonly TableDescription: api.TableDescription } {
    return this.#run("UpdateTable", input, () => {
      const table = this.#tables.get(input.TableName);
      if ((input.GlobalSecondaryIndexUpdates ?? []).length > 1)
        throw new ServiceError(
          "LimitExceededException",
          "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        );
      table.update(input);
      return { TableDescription: table.describe() };
    });
  }

  describeTable(input: api.TableRef): { readonly Table: api.TableDescription } {
    return this.#run("DescribeTable", input, () => ({
      Table: this.#tables.get(input.TableName).describe(),
    }));
  }

  listTables(): { readonly TableNames: readonly string[] } {
    return this.#run("ListTables", {}, () => ({ TableNames: this.#tables.names() }));
  }

  updateTimeToLive(input: api.TableRef & { readonly TimeToLiveSpecification: api.TimeToLive }): {
    readonly TimeToLiveSpecification: api.TimeToLive;
  } {
    return this.#run("UpdateTimeToLive", input, () => {
      const { TimeToLiveSpecification } = input;
      this.#tables.get(input.TableName).timeToLive = TimeToLiveSpecification;
      return { TimeToLiveSpecification };
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
      const table = this.#tables.get(input.TableName);
      const { row, item } = readItem(table, input);
      const units = this.#meter.read(readUnits(row?.size ?? 0, input.ConsistentRead === true));
      return {
        ...(item !== undefined && { Item: item }),
        ...consumed(input.ReturnConsumedCapacity, table.name, units),
      };
    });
  }

  query(input: api.QueryInput): api.PageOutput {
    return this.#run("Query", input, () => queryPage(this.#tables.get(input.TableName), input, this.#meter));
  }

  scan(input: api.ScanInput): api.PageOutput {
    return this.#run("Scan", input, () => scanPage(this.#tables.get(input.TableName), input, this.#meter));
  }

  batchGetItem(input: api.BatchGetItemInput): api.BatchGetItemOutput {
    return this.#run("BatchGetItem", input, (failed) => batchGet(this.#tables, input, failed, this.#meter));
  }

  batchWriteItem(input: api.BatchWriteItemInput): api.BatchWriteItemOutput {
    return this.#run("BatchWriteItem", input, (failed) =>
      batchWrite(this.#tables, input, failed, this.#meter),
    );
  }

  transactWriteItems(input: api.TransactWriteItemsInput): api.TransactWriteItemsOutput {
    return this.#run("TransactWriteItems", input, () =>
      transactWrite(this.#tables, input, this.#tokens, this.#clock.now(), this.#meter),
    );
  }

  transactGetItems(input: api.TransactGetItemsInput): api.TransactGetItemsOutput {
    return this.#run("TransactGetItems", input, () => transactGet(this.#tables, input, this.#meter));
  }

  /** Deletes what its time to live says is over (DynamoDB does so within days); returns how many items. */
  deleteExpired(): number {
    const now = this.#clock.now();
    let deleted = 0;
    for (const table of this.#tables.all())
      for (const row of [...table.items()].filter(({ item }) => isExpired(item, table.timeToLive, now))) {
        table.replace(row, undefined);
        deleted += 1;
      }
    return deleted;
  }

  #run<T>(operation: string, input: unknown, run: (failed: ReadonlySet<number>) => T): T {
    this.#meter.called(operation);
    return underFaults(this.#faults, "dynamodb", operation, input, run);
  }

  #write(operation: string, input: ItemWriteInput, write: Write): api.WriteOutput {
    return this.#run(operation, input, () => {
      const table = this.#tables.get(input.TableName);
      const prepared = valid(prepareWrite(table, write, input));
      if (!prepared.allowed) {
        this.#meter.wrote(refusedUnits(prepared));
        throw conditionFailed(prepared, input);
      }
      const units = this.#meter.wrote(perform(prepared));
      return {
        ...returnedAttributes(input.ReturnValues, prepared),
        ...consumed(input.ReturnConsumedCapacity, table.name, units),
      };
    });
  }
}

function conditionFailed({ old }: PreparedWrite, input: ItemWriteInput): ServiceError {
  const shown = input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? old?.item : undefined;
  return new ServiceError(
    "ConditionalCheckFailedException",
    "The conditional request failed",
    400,
    shown === undefined ? undefined : { Item: shown },
  );
}
