import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { CreateTableInput } from "../../../../local/models/dynamodb/dynamodb-api.ts";
import { DynamoDbModel } from "../../../../local/models/dynamodb/dynamodb-model.ts";
import { milliseconds, minutes, seconds } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";
import { key } from "./tables.ts";

const TableName = "busy";
const ARN = `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`;
const TABLE: CreateTableInput = {
  TableName,
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "v", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "v", AttributeType: "N" },
    { AttributeName: "group", AttributeType: "S" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-group",
      KeySchema: [{ AttributeName: "group", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};
const bytes = new ArrayBuffer(409_600);

/** A table whose keys are limited; every put is of another item. */
function limited(more: Partial<CreateTableInput> = {}, limits: "enforced" | "off" = "enforced") {
  const clock = new ManualClock();
  const db = new DynamoDbModel({ clock, limits });
  db.createTable({ ...TABLE, ...more });
  let items = 0;
  const itemOf = (pk: string, units: number, rest: object = {}) => {
    items += 1;
    return { ...key(pk, items), ...rest, body: { B: new Uint8Array(bytes, 0, units * 1_024 - 100) } };
  };
  const put = (pk: string, units = 400, rest: object = {}) =>
    db.putItem({ TableName, Item: itemOf(pk, units, rest) });
  const get = (pk: string, v: number) => db.getItem({ TableName, Key: key(pk, v), ConsistentRead: true });
  return { clock, db, itemOf, put, get };
}

const times = (count: number, run: () => unknown): void => {
  for (let i = 0; i < count; i += 1) run();
};
const throttled = (reason: string, resource = ARN) =>
  expect.objectContaining({
    code: "ThrottlingException",
    status: 400,
    detail: { ThrottlingReasons: [{ reason, resource }] },
  });
const WRITES = "TableWriteKeyRangeThroughputExceeded";
const READS = "TableReadKeyRangeThroughputExceeded";

describe("a key of a table", () => {
  test("takes 1,000 write units a second, and is throttled until some are left", () => {
    const { clock, put } = limited();
    times(3, () => put("a"));
    expect(() => put("a", 1)).toThrow(throttled(WRITES));
    put("b");
    clock.advance(milliseconds(200));
    expect(() => put("a", 1)).toThrow(throttled(WRITES));
    clock.advance(milliseconds(1));
    put("a", 1);
    expect(() => put("a", 1)).toThrow(throttled(WRITES));
  });

  test("gives 3,000 read units a second, however it is read", () => {
    const { clock, db, put, get } = limited();
    put("a");
    times(30, () => get("a", 1));
    expect(() => get("a", 1)).toThrow(throttled(READS));
    const query = {
      TableName,
      KeyConditionExpression: "pk = :a",
      ExpressionAttributeValues: { ":a": { S: "a" } },
    };
    expect(() => db.query(query)).toThrow(throttled(READS));
    expect(db.scan({ TableName }).Count).toBe(1);
    get("b", 1);
    clock.advance(seconds(1));
    times(29, () => get("a", 1));
    db.query({ ...query, ConsistentRead: true });
    expect(() => get("a", 1)).toThrow(throttled(READS));
  });

  test("that is throttled is not written, and costs nothing", () => {
    const { db, put } = limited();
    times(3, () => put("a"));
    const { writeUnits } = db.stats;
    expect(() => put("a")).toThrow(throttled(WRITES));
    expect(db.stats.writeUnits).toBe(writeUnits);
    expect(db.scan({ TableName, Select: "COUNT" }).ScannedCount).toBe(3);
  });

  test("is new where its table is", () => {
    const { clock, db, put } = limited();
    times(3, () => put("a"));
    clock.advance(milliseconds(1));
    db.deleteTable({ TableName });
    db.createTable(TABLE);
    times(3, () => put("a"));
    expect(() => put("a")).toThrow(throttled(WRITES));
  });

  test("is never throttled where limits are off", () => {
    const { put, get } = limited({}, "off");
    times(5, () => put("a"));
    times(40, () => get("a", 1));
  });

  property.prop(
    [
      fc.array(
        fc.record({
          waitMs: fc.oneof(fc.nat(2_000), fc.nat(400_000)),
          units: fc.integer({ min: 1, max: 400 }),
        }),
        { maxLength: 15 },
      ),
    ],
    { numRuns: 30 },
  )("saves up to five minutes of what it did not use, a write unit each millisecond", (steps) => {
    const { clock, put } = limited();
    let left = 1_000;
    for (const { waitMs, units } of steps) {
      clock.advance(milliseconds(waitMs));
      for (let ms = 0; ms < waitMs; ms += 1) left = Math.min(300_000, left + 1);
      for (let i = 0; i < 20; i += 1) {
        if (left <= 0) {
          expect(() => put("a", units)).toThrow(throttled(WRITES));
          break;
        }
        put("a", units);
        left -= units;
      }
    }
  });

  test("has a burst of five minutes, not more", () => {
    const { clock, put } = limited();
    clock.advance(minutes(10));
    times(750, () => put("a"));
    expect(() => put("a")).toThrow(throttled(WRITES));
  });
});

test("a key of an index is throttled like a table's, whichever items have it", () => {
  const { db, put } = limited();
  const group = (S: string) => ({ group: { S } });
  for (const pk of ["1", "2", "3"]) put(pk, 400, group("g"));
  const refusal = throttled("IndexWriteKeyRangeThroughputExceeded", `${ARN}/index/by-group`);
  expect(() => put("other", 1, group("g"))).toThrow(refusal);
  put("other", 1, group("h"));
  put("other", 1);
  const query = {
    TableName,
    IndexName: "by-group",
    KeyConditionExpression: "#g = :g",
    ExpressionAttributeNames: { "#g": "group" },
    ExpressionAttributeValues: { ":g": { S: "g" } },
  };
  times(20, () => db.query(query));
  expect(() => db.query(query)).toThrow(
    throttled("IndexReadKeyRangeThroughputExceeded", `${ARN}/index/by-group`),
  );
});

test("a batch hands back what is throttled, and is refused where that is all", () => {
  const { db, itemOf, put, get } = limited();
  times(3, () => put("a"));
  const request = (pk: string) => ({ PutRequest: { Item: itemOf(pk, 1) } });
  const [busy, free] = [request("a"), request("b")];
  expect(db.batchWriteItem({ RequestItems: { [TableName]: [busy, free] } }).UnprocessedItems).toEqual({
    [TableName]: [busy],
  });
  expect(() => db.batchWriteItem({ RequestItems: { [TableName]: [busy] } })).toThrow(throttled(WRITES));

  times(30, () => get("a", 1));
  const reads = (...keys: readonly [string, number][]) =>
    db.batchGetItem({ RequestItems: { [TableName]: { Keys: keys.map(([pk, v]) => key(pk, v)) } } });
  expect(reads(["a", 1], ["b", 5])).toMatchObject({
    Responses: { [TableName]: [{ ...key("b", 5) }] },
    UnprocessedKeys: { [TableName]: { Keys: [key("a", 1)] } },
  });
  expect(() => reads(["a", 1], ["a", 2])).toThrow(throttled(READS));
});

test("a transaction is cancelled by an item that is throttled", () => {
  const { db, itemOf, put, get } = limited();
  times(3, () => put("a"));
  const refusal = expect.objectContaining({
    code: "TransactionCanceledException",
    message: expect.stringContaining("[None, ThrottlingError]"),
  });
  expect(() =>
    db.transactWriteItems({
      TransactItems: ["b", "a"].map((pk) => ({ Put: { TableName, Item: itemOf(pk, 1) } })),
    }),
  ).toThrow(refusal);
  expect(db.scan({ TableName, Select: "COUNT" }).ScannedCount).toBe(3);
  times(30, () => get("a", 1));
  expect(() =>
    db.transactGetItems({
      TransactItems: ["b", "a"].map((pk) => ({ Get: { TableName, Key: key(pk, 1) } })),
    }),
  ).toThrow(refusal);
});

test("a provisioned table says so in its own words", () => {
  const { put } = limited({
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: { ReadCapacityUnits: 10_000, WriteCapacityUnits: 10_000 },
    GlobalSecondaryIndexes: undefined,
    AttributeDefinitions: TABLE.AttributeDefinitions.slice(0, 2),
  });
  times(3, () => put("a"));
  expect(() => put("a")).toThrow(
    expect.objectContaining({
      code: "ProvisionedThroughputExceededException",
      detail: { ThrottlingReasons: [{ reason: WRITES, resource: ARN }] },
    }),
  );
});
