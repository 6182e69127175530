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
