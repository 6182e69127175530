import { billed, checkUpdate } from "../models/dynamodb/billing.ts";
import type * as api from "../models/dynamodb/dynamodb-api.ts";
import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import { validation } from "../models/dynamodb/validation.ts";
import { requestOf } from "./dynamodb-request.ts";
import { REQUESTS } from "./dynamodb-shapes.ts";
import { type JsonOperations, wireOf } from "./json-operations.ts";

/** DynamoDB_20120810: times are seconds, binary attributes are base64. */
export function dynamodbOperations(dynamodb: DynamoDbModel): JsonOperations {
  const operations: JsonOperations = {
    CreateTable: (input: Streaming & api.CreateTableInput) => {
      const { TableDescription } = dynamodb.createTable(billed(withoutStream(input)));
      return { TableDescription: described(TableDescription) };
    },
    UpdateTable: (input: Streaming & api.UpdateTableInput) => {
      const update = withoutStream(input);
      checkUpdate(update);
      const { TableDescription } = dynamodb.updateTable(update);
      return { TableDescription: described(TableDescription) };
    },
    DeleteTable: (input: api.TableRef) => {
      const { TableDescription } = dynamodb.deleteTable(input);
      return { TableDescription: described(TableDescription) };
    },
    DescribeTable: (input: api.TableRef) => ({ Table: described(dynamodb.describeTable(input).Table) }),
    ListTables: (input: api.ListTablesInput) => dynamodb.listTables(input),
    UpdateTimeToLive: (input: api.UpdateTimeToLiveInput) => dynamodb.updateTimeToLive(input),
    DescribeTimeToLive: (input: api.TableRef) => dynamodb.describeTimeToLive(input),
    PutItem: (input: api.PutItemInput) => dynamodb.putItem(input),
    GetItem: (input: api.GetItemInput) => dynamodb.getItem(input),
    UpdateItem: (input: api.UpdateItemInput) => dynamodb.updateItem(input),
    DeleteItem: (input: api.DeleteItemInput) => dynamodb.deleteItem(input),
    Query: (input: api.QueryInput) => dynamodb.query(input),
    Scan: (input: api.ScanInput) => dynamodb.scan(input),
    BatchGetItem: (input: api.BatchGetItemInput) => dynamodb.batchGetItem(input),
    BatchWriteItem: (input: api.BatchWriteItemInput) => dynamodb.batchWriteItem(input),
    TransactWriteItems: (input: api.TransactWriteItemsInput) => dynamodb.transactWriteItems(input),
    TransactGetItems: (input: api.TransactGetItemsInput) => dynamodb.transactGetItems(input),
  };
  return Object.fromEntries(
    Object.entries(operations).map(([name, run]) => [
      name,
      (input: never, call) => {
        const shape = REQUESTS[name];
        return wireOf(run(shape === undefined ? input : requestOf(shape, input), call));
      },
    ]),
  );
}

type Streaming = {
  readonly StreamSpecification?: { readonly StreamEnabled: boolean } | undefined;
};

/** A table without a stream may be told so; one with a stream is refused. */
function withoutStream<T extends Streaming>({ StreamSpecification, ...input }: T): Omit<T, keyof Streaming> {
  if (StreamSpecification?.StreamEnabled === true)
    throw validation("the local DynamoDB does not have streams: StreamSpecification");
  return input;
}

const described = (table: api.TableDescription) => ({
  ...table,
  CreationDateTime: table.CreationDateTime / 1_000,
});
