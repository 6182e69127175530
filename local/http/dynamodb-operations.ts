import type { AttributeValue, Item } from "../models/dynamodb/attribute-value.ts";
import type * as api from "../models/dynamodb/dynamodb-api.ts";
import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import { bytesOf, type JsonOperations, wireOf } from "./json-operations.ts";

/** DynamoDB_20120810: times are seconds, binary attributes are base64. */
export function dynamodbOperations(dynamodb: DynamoDbModel): JsonOperations {
  return {
    CreateTable: (input: api.CreateTableInput) => {
      const { TableDescription } = dynamodb.createTable(input);
      return { TableDescription: described(TableDescription) };
    },
    DeleteTable: (input: api.TableRef) => {
      const { TableDescription } = dynamodb.deleteTable(input);
      return { TableDescription: described(TableDescription) };
    },
    UpdateTable: (input: api.UpdateTableInput) => {
      const { TableDescription } = dynamodb.updateTable(input);
      return { TableDescription: described(TableDescription) };
    },
    DescribeTable: (input: api.TableRef) => ({ Table: described(dynamodb.describeTable(input).Table) }),
    ListTables: () => dynamodb.listTables(),
    UpdateTimeToLive: (input: Parameters<DynamoDbModel["updateTimeToLive"]>[0]) =>
      dynamodb.updateTimeToLive(input),
    PutItem: (input: api.PutItemInput) => wireOf(dynamodb.putItem(received(input))),
    GetItem: (input: api.GetItemInput) => wireOf(dynamodb.getItem(received(input))),
    UpdateItem: (input: api.UpdateItemInput) => wireOf(dynamodb.updateItem(received(input))),
    DeleteItem: (input: api.DeleteItemInput) => wireOf(dynamodb.deleteItem(received(input))),
    Query: (input: api.QueryInput) => wireOf(dynamodb.query(received(input))),
    Scan: (input: api.ScanInput) => wireOf(dynamodb.scan(received(input))),
    BatchGetItem: (input: api.BatchGetItemInput) =>
      wireOf(
        dynamodb.batchGetItem({
          ...input,
          RequestItems: eachMember(input.RequestItems, (request) => ({
            ...request,
            Keys: request.Keys.map(receivedItem),
          })),
        }),
      ),
    BatchWriteItem: (input: api.BatchWriteItemInput) =>
      wireOf(
        dynamodb.batchWriteItem({
          ...input,
          RequestItems: eachMember(input.RequestItems, (requests) =>
            requests.map((request) => eachMember(request, received)),
          ),
        }),
      ),
    TransactWriteItems: (input: api.TransactWriteItemsInput) =>
      wireOf(dynamodb.transactWriteItems({ ...input, TransactItems: members(input.TransactItems) })),
    TransactGetItems: (input: api.TransactGetItemsInput) =>
      wireOf(dynamodb.transactGetItems({ ...input, TransactItems: members(input.TransactItems) })),
  };
}

const described = (table: api.TableDescription) => ({
  ...table,
  CreationDateTime: table.CreationDateTime / 1_000,
});

/** The members of a request that hold attribute values. */
const ITEM_MEMBERS = ["Item", "Key", "ExclusiveStartKey", "ExpressionAttributeValues"] as const;

/** A request with its binary attributes decoded. */
function received<T extends object>(input: T): T {
  const items: { [member: string]: Item } = {};
  for (const member of ITEM_MEMBERS) {
    const item: unknown = Reflect.get(input, member);
    if (typeof item === "object" && item !== null) items[member] = receivedItem(item as Item);
  }
  return { ...input, ...items };
}

/** Each of `{ Put: request }`, `{ Get: request }` … decoded. */
const members = <T extends object>(list: readonly T[]): T[] => list.map((one) => eachMember(one, received));

const eachMember = <T extends object>(object: T, change: (member: T[keyof T] & object) => unknown): T =>
  Object.fromEntries(Object.entries(object).map(([name, member]) => [name, change(member)])) as T;

const receivedItem = (item: Item): Item => eachMember(item, receivedValue);

function receivedValue(value: AttributeValue): AttributeValue {
  // What is malformed passes as it is: the model says what is wrong with it.
  if (typeof value !== "object" || value === null) return value;
  if ("B" in value && typeof value.B === "string") return { B: bytesOf(value.B) };
  if ("BS" in value && Array.isArray(value.BS)) return { BS: value.BS.map((text) => bytesOf(String(text))) };
  if ("M" in value && typeof value.M === "object" && value.M !== null) return { M: receivedItem(value.M) };
  if ("L" in value && Array.isArray(value.L)) return { L: value.L.map(receivedValue) };
  return value;
}
