import { expect, test } from "vitest";
import { minutes } from "../../../../shared/time/time.ts";
import { key, versions, withTable } from "./tables.ts";

test("a transaction does all or nothing, and says why it did nothing", () => {
  const { db, TableName } = withTable("N");
  db.putItem({ TableName, Item: { ...key("p", 1), owner: { S: "b" } } });
  const transact = () =>
    db.transactWriteItems({
      TransactItems: [
        { Put: { TableName, Item: key("p", 2) } },
        { Delete: { TableName, Key: key("p", 3) } },
        {
          ConditionCheck: {
            TableName,
            Key: key("p", 1),
            ConditionExpression: "#o = :me",
            ExpressionAttributeNames: { "#o": "owner" },
            ExpressionAttributeValues: { ":me": { S: "a" } },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
      ],
      ReturnConsumedCapacity: "TOTAL",
    });
  expect(transact).toThrow(
    expect.objectContaining({
      code: "TransactionCanceledException",
      message: expect.stringContaining("[None, None, ConditionalCheckFailed]"),
      detail: {
        CancellationReasons: [
          { Code: "None" },
          { Code: "None" },
          {
            Code: "ConditionalCheckFailed",
            Message: "The conditional request failed",
            Item: { ...key("p", 1), owner: { S: "b" } },
          },
        ],
      },
    }),
  );
  expect(db.scan({ TableName }).Count).toBe(1);
  db.putItem({ TableName, Item: { ...key("p", 1), owner: { S: "a" } } });
  expect(transact().ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 6, WriteCapacityUnits: 6 }]);
  expect(versions(db.scan({ TableName }).Items)).toEqual([1, 2]);
});

test("the same token is the same transaction for ten minutes", () => {
  const { clock, db, TableName } = withTable();
  const add = (by: string) =>
    db.transactWriteItems({
      ClientRequestToken: "t",
      TransactItems: [
        {
          Update: {
            TableName,
            Key: key("n"),
            UpdateExpression: "ADD n :n",
            ExpressionAttributeValues: { ":n": { N: by } },
          },
        },
      ],
    });
  const count = () => db.getItem({ TableName, Key: key("n") }).Item?.["n"];
  add("1");
  add("1");
  expect(count()).toEqual({ N: "1" });
  expect(() => add("2")).toThrow(expect.objectContaining({ code: "IdempotentParameterMismatchException" }));
  clock.advance(minutes(10));
  add("1");
  expect(count()).toEqual({ N: "2" });
});

test("an update that would leave an invalid item is a reason of its own, an invalid put an error of the call", () => {
  const { db, TableName } = withTable();
  const body = { B: new Uint8Array(409_600) };
  const grow = {
    TableName,
    Key: key("b"),
    UpdateExpression: "SET body = :body",
    ExpressionAttributeValues: { ":body": body },
  };
  const transact = (second: object) => () =>
    db.transactWriteItems({ TransactItems: [{ Put: { TableName, Item: key("a") } }, second] });
  expect(transact({ Update: grow })).toThrow(
    expect.objectContaining({ message: expect.stringContaining("[None, ValidationError]") }),
  );
  expect(transact({ Put: { TableName, Item: { ...key("b"), body } } })).toThrow(
    expect.objectContaining({ code: "ValidationException" }),
  );
  expect(db.scan({ TableName }).Count).toBe(0);
});

test("a transaction has at most 100 writes, each of another item", () => {
  const { db, TableName } = withTable("N");
  const put = (versionsToPut: number[]) => () =>
    db.transactWriteItems({
      TransactItems: versionsToPut.map((v) => ({ Put: { TableName, Item: key("p", v) } })),
    });
  expect(put([1, 2, 1])).toThrow(/multiple operations on one item/);
  expect(put(Array.from({ length: 101 }, (_, i) => i))).toThrow(/100/);
  put(Array.from({ length: 100 }, (_, i) => i))();
  expect(db.scan({ TableName }).Count).toBe(100);
  const { Responses } = db.transactGetItems({
    TransactItems: [{ Get: { TableName, Key: key("p", 7) } }, { Get: { TableName, Key: key("p", 700) } }],
  });
  expect(Responses).toEqual([{ Item: key("p", 7) }, {}]);
});

test("a repeated transaction changes nothing and costs the reads of its items", () => {
  const { db, TableName } = withTable();
  const Item = { ...key("k"), body: { B: new Uint8Array(9_000) } };
  const put = () =>
    db.transactWriteItems({
      ClientRequestToken: "t",
      TransactItems: [{ Put: { TableName, Item } }],
      ReturnConsumedCapacity: "TOTAL",
    }).ConsumedCapacity;
  expect(put()).toEqual([{ TableName, CapacityUnits: 18, WriteCapacityUnits: 18 }]);
  db.deleteItem({ TableName, Key: key("k") });
  expect(put()).toEqual([{ TableName, CapacityUnits: 6, ReadCapacityUnits: 6 }]);
  expect(db.getItem({ TableName, Key: key("k") }).Item).toBeUndefined();
});

test("a transaction is cancelled by items that others are changing, and does nothing", () => {
  const { db, TableName } = withTable("N", {
    faults: {
      before: (_service, operation) =>
        operation.startsWith("Transact") ? { kind: "partial", failed: [1] } : undefined,
    },
  });
  const conflict = expect.objectContaining({
    code: "TransactionCanceledException",
    detail: {
      CancellationReasons: [
        { Code: "None" },
        { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" },
      ],
    },
  });
  const Key = [key("p", 1), key("p", 2)];
  expect(() =>
    db.transactWriteItems({ TransactItems: Key.map((Item) => ({ Put: { TableName, Item } })) }),
  ).toThrow(conflict);
  expect(db.scan({ TableName }).Count).toBe(0);
  expect(() =>
    db.transactGetItems({ TransactItems: Key.map((one) => ({ Get: { TableName, Key: one } })) }),
  ).toThrow(conflict);
});

test("a batch hands back what failed, and only that", () => {
  const { db, TableName } = withTable("N", {
    faults: {
      before: (_service, operation) =>
        operation === "BatchWriteItem" ? { kind: "partial", failed: [1] } : undefined,
    },
  });
  const requests = [1, 2, 3].map((v) => ({ PutRequest: { Item: key("p", v) } }));
  const { UnprocessedItems } = db.batchWriteItem({ RequestItems: { [TableName]: requests } });
  expect(UnprocessedItems).toEqual({ [TableName]: [requests[1]] });
  const { Responses } = db.batchGetItem({
    RequestItems: { [TableName]: { Keys: [1, 2, 3].map((v) => key("p", v)), ProjectionExpression: "v" } },
  });
  expect(versions(Responses[TableName])).toEqual([1, 3]);
  const twice = { Keys: [key("p", 1), { ...key("p"), v: { N: "1.0" } }] };
  expect(() => db.batchGetItem({ RequestItems: { [TableName]: twice } })).toThrow(/duplicates/);
  expect(() => db.batchWriteItem({ RequestItems: { [TableName]: [...requests, ...requests] } })).toThrow(
    /duplicates/,
  );
});
