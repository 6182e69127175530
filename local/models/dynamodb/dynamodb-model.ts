import type { Clock } from "../../../shared/time/clock.ts";
import type { ServiceFaults } from "../faults.ts";
import type * as api from "./dynamodb-api.ts";

export type DynamoDbOptions = { readonly clock: Clock; readonly faults?: ServiceFaults };

export declare class DynamoDbModel {
  readonly stats: api.DynamoDbStats;
  constructor(options: DynamoDbOptions);
  createTable(input: api.CreateTableInput): { readonly TableDescription: api.TableDescription };
  deleteTable(input: api.TableRef): { readonly TableDescription: api.TableDescription };
  describeTable(input: api.TableRef): { readonly Table: api.TableDescription };
  listTables(): { readonly TableNames: readonly string[] };
  updateTimeToLive(input: api.TableRef & { readonly TimeToLiveSpecification: api.TimeToLive }): void;
  putItem(input: api.PutItemInput): api.WriteOutput;
  getItem(input: api.GetItemInput): api.GetItemOutput;
  updateItem(input: api.UpdateItemInput): api.WriteOutput;
  deleteItem(input: api.DeleteItemInput): api.WriteOutput;
  query(input: api.QueryInput): api.PageOutput;
  scan(input: api.ScanInput): api.PageOutput;
  batchGetItem(input: api.BatchGetItemInput): api.BatchGetItemOutput;
  batchWriteItem(input: api.BatchWriteItemInput): api.BatchWriteItemOutput;
  transactWriteItems(input: api.TransactWriteItemsInput): api.TransactWriteItemsOutput;
  transactGetItems(input: api.TransactGetItemsInput): api.TransactGetItemsOutput;
  /** Deletes what its time to live says is over (AWS does so within days); returns how many items. */
  deleteExpired(): number;
}
