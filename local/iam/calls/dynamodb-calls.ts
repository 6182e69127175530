import { arnOf, nameInArn } from "../../models/arn.ts";
import type { WriteRequest } from "../../models/dynamodb/dynamodb-api.ts";
import type { Ask } from "../iam.ts";
import type { CallContext, ServiceCalls } from "./call.ts";
import { type AttributesInput, dynamodbKeys } from "./dynamodb-keys.ts";

type TableInput = { readonly TableName?: string; readonly IndexName?: string };
type ItemInput = TableInput & AttributesInput;

/** The table that the model would take: it may be named by its ARN, of which the name counts. */
const tableArn = (name: unknown): string => arnOf("dynamodb", `table/${nameInArn(String(name))}`);

const onTable =
  (action: string) =>
  ({ TableName }: TableInput): readonly Ask[] => [
    { action: `dynamodb:${action}`, resource: tableArn(TableName) },
  ];

const OF_INDEXES = new Set(["Query", "Scan"]);

const onItems =
  (action: string, enclosing?: string) =>
  (input: ItemInput, { hashKey }: CallContext): readonly Ask[] => {
    const { TableName, IndexName } = input;
    const table = tableArn(TableName);
    return [
      {
        action: `dynamodb:${action}`,
        // what reads an index asks for the index alone
        resource: IndexName == null || !OF_INDEXES.has(action) ? table : `${table}/index/${IndexName}`,
        keys: dynamodbKeys(input, () => hashKey(String(TableName), IndexName), enclosing),
      },
    ];
  };

type BatchInput<T> = { readonly RequestItems?: Readonly<Record<string, T>> };

const inBatch =
  <T>(action: string, itemsOf: (request: T) => AttributesInput) =>
  ({ RequestItems = {}, ...rest }: BatchInput<T>, context: CallContext): readonly Ask[] =>
    Object.entries(RequestItems).flatMap(([TableName, request]) =>
      onItems(action)({ ...rest, ...itemsOf(request), TableName }, context),
    );

const written = (requests: readonly WriteRequest[]): AttributesInput => ({
  Keys: requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {}),
});

const IN_TRANSACTION: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

/** A transaction is no action of its own: each of its items asks for what it does. */
const inTransaction =
  (operation: string) =>
  (
    { TransactItems = [] }: { readonly TransactItems?: readonly Readonly<Record<string, ItemInput>>[] },
    context: CallContext,
  ): readonly Ask[] =>
    TransactItems.flatMap((item) =>
      Object.entries(item).flatMap(([kind, input]) =>
        onItems(IN_TRANSACTION[kind] ?? kind, operation)(input, context),
      ),
    );

/** Source: "… for Amazon DynamoDB", Service Authorization Reference. */
export const DYNAMODB_CALLS: ServiceCalls = {
  CreateTable: onTable("CreateTable"),
  DeleteTable: onTable("DeleteTable"),
  DescribeTable: onTable("DescribeTable"),
  UpdateTable: onTable("UpdateTable"),
  ListTables: () => [{ action: "dynamodb:ListTables", resource: "*" }],
  UpdateTimeToLive: onTable("UpdateTimeToLive"),
  DescribeTimeToLive: onTable("DescribeTimeToLive"),
  PutItem: onItems("PutItem"),
  GetItem: onItems("GetItem"),
  UpdateItem: onItems("UpdateItem"),
  DeleteItem: onItems("DeleteItem"),
  Query: onItems("Query"),
  Scan: onItems("Scan"),
  BatchGetItem: inBatch("BatchGetItem", (request: AttributesInput) => request),
  BatchWriteItem: inBatch("BatchWriteItem", written),
  TransactWriteItems: inTransaction("TransactWriteItems"),
  TransactGetItems: inTransaction("TransactGetItems"),
};
