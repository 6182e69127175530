import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalServices, startLocalServices } from "./local-services.ts";

let local: LocalServices;
// A name that is also the name of a request member.
const TableName = "Item";

beforeAll(async () => {
  local = await startLocalServices();
  await local.dynamodb.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "v", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "v", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
});
afterAll(() => local.close());

const everyType = {
  body: { B: Uint8Array.of(0, 255, 3) },
  set: { BS: [Uint8Array.of(1), Uint8Array.of(2)] },
  nested: { M: { list: { L: [{ B: Uint8Array.of(9) }, { NULL: true }, { BOOL: false }] } } },
  strings: { SS: ["x", "y"] },
};

test("the DynamoDB client gets back every type that it put", async () => {
  const { dynamodb } = local;
  const Item = { pk: { S: "types" }, v: { N: "1" }, ...everyType };
  await dynamodb.send(new PutItemCommand({ TableName, Item }));
  const got = await dynamodb.send(
    new GetItemCommand({
      TableName,
      Key: { pk: { S: "types" }, v: { N: "1" } },
      ReturnConsumedCapacity: "TOTAL",
    }),
  );
  expect(got.Item).toEqual(Item);
  expect(got.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 0.5 });
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  expect(Table?.CreationDateTime?.getTime()).toBe(local.clock.now());
});

test("a conditional put that loses shows the item in its way", async () => {
  const { dynamodb } = local;
  const put = (nonce: Uint8Array) =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: "race" }, v: { N: "7" }, nonce: { B: nonce } },
        ConditionExpression: "attribute_not_exists(v)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  await put(Uint8Array.of(1));
  const lost = await put(Uint8Array.of(2)).catch((error: unknown) => error);
  expect(lost).toBeInstanceOf(ConditionalCheckFailedException);
  expect(lost).toMatchObject({ Item: { nonce: { B: Uint8Array.of(1) } } });
});

test("batches, transactions and queries carry binary values in every place", async () => {
  const { dynamodb } = local;
  const item = (v: number) => ({ pk: { S: "many" }, v: { N: String(v) }, body: { B: Uint8Array.of(v) } });
  await dynamodb.send(
    new BatchWriteItemCommand({
      RequestItems: { [TableName]: [1, 2, 3].map((v) => ({ PutRequest: { Item: item(v) } })) },
    }),
  );
  const { Responses } = await dynamodb.send(
    new BatchGetItemCommand({
      RequestItems: { [TableName]: { Keys: [{ pk: { S: "many" }, v: { N: "2" } }] } },
    }),
  );
  expect(Responses?.[TableName]).toEqual([item(2)]);

  const page = await dynamodb.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "pk = :pk AND v >= :from",
      FilterExpression: "body <> :not",
      ExpressionAttributeValues: {
        ":pk": { S: "many" },
        ":from": { N: "1" },
        ":not": { B: Uint8Array.of(2) },
      },
    }),
  );
  expect(page.Items).toEqual([item(1), item(3)]);

  const refused = await dynamodb
    .send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: item(4) } },
          {
            Update: {
              TableName,
              Key: { pk: { S: "many" }, v: { N: "1" } },
              UpdateExpression: "SET body = :b",
              ConditionExpression: "body = :other",
              ExpressionAttributeValues: { ":b": { B: Uint8Array.of(9) }, ":other": { B: Uint8Array.of(8) } },
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          },
        ],
      }),
    )
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(TransactionCanceledException);
  expect(refused).toMatchObject({
    CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: item(1) }],
  });
  const updated = await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: "many" }, v: { N: "1" } },
      UpdateExpression: "SET body = :b",
      ExpressionAttributeValues: { ":b": { B: Uint8Array.of(9) } },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  expect(updated.Attributes).toEqual({ body: { B: Uint8Array.of(9) } });
});

/** The error that a call's raw JSON is answered with. */
async function refusalOf(operation: string, input: object): Promise<object> {
  const response = await fetch(local.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request",
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, ...JSON.parse(await response.text()) };
}

const SERIALIZATION = { status: 400, __type: "SerializationException" };
const VALIDATION = { status: 400, __type: "ValidationException" };

test.each([
  ["a text for a map", "PutItem", { TableName, Item: "x" }],
  ["a number for a text", "PutItem", { TableName, Item: { pk: { S: 1 }, v: { N: "1" } } }],
  ["no base64", "PutItem", { TableName, Item: { pk: { S: "a" }, v: { N: "1" }, b: { B: "*" } } }],
  ["a map for a list", "TransactWriteItems", { TransactItems: {} }],
])("%s is refused before it is looked at", async (_, operation, input) => {
  expect(await refusalOf(operation, input)).toMatchObject(SERIALIZATION);
});

test("members that are missing or out of bounds are refused together, in AWS's words", async () => {
  expect(await refusalOf("Query", { TableName: "", Limit: 0 })).toMatchObject({
    ...VALIDATION,
    message: expect.stringMatching(
      /^2 validation errors detected: .*'limit'.*'tableName'|'tableName'.*'limit'/,
    ),
  });
  expect(await refusalOf("GetItem", { TableName })).toMatchObject({
    ...VALIDATION,
    message:
      "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null",
  });
});

test.each([
  ["PutItem", "Expected", { Item: { pk: { S: "a" } }, Expected: {} }],
  ["UpdateItem", "AttributeUpdates", { Key: { pk: { S: "a" } }, AttributeUpdates: {} }],
  ["GetItem", "AttributesToGet", { Key: { pk: { S: "a" } }, AttributesToGet: ["a"] }],
  ["Query", "KeyConditions", { KeyConditions: {} }],
  ["Scan", "ScanFilter", { ScanFilter: {} }],
  [
    "CreateTable",
    "LocalSecondaryIndexes",
    { KeySchema: [], AttributeDefinitions: [], LocalSecondaryIndexes: [] },
  ],
  ["UpdateTable", "StreamSpecification", { StreamSpecification: { StreamEnabled: true } }],
])("%s refuses %s, which is not modelled, by name", async (operation, parameter, input) => {
  expect(await refusalOf(operation, { TableName, ...input })).toMatchObject({
    ...VALIDATION,
    message: expect.stringContaining(parameter),
  });
});

test.each(["ExecuteStatement", "ListStreams", "TagResource"])("%s is unknown", async (operation) => {
  expect(await refusalOf(operation, {})).toMatchObject({
    status: 400,
    __type: "UnknownOperationException",
  });
});
