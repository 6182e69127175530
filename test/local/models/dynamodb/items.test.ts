import { describe, expect, test } from "vitest";
import { itemSize } from "../../../../local/models/dynamodb/item-size.ts";
import { minutes } from "../../../../shared/time/time.ts";
import { key, withTable } from "./tables.ts";

const refused = (code: string, message?: string) =>
  expect.objectContaining({
    code,
    ...(message !== undefined && { message: expect.stringContaining(message) }),
  });

describe("putting", () => {
  test("a condition sees the item that is there, or an empty one", () => {
    const { db, TableName } = withTable("N");
    const put = (nonce: string) =>
      db.putItem({
        TableName,
        Item: { ...key("a", 1), nonce: { S: nonce } },
        ConditionExpression: "attribute_not_exists(v) OR nonce = :nonce",
        ExpressionAttributeValues: { ":nonce": { S: nonce } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
    put("mine");
    put("mine");
    expect(() => put("other")).toThrow(
      expect.objectContaining({
        code: "ConditionalCheckFailedException",
        detail: { Item: { ...key("a", 1), nonce: { S: "mine" } } },
      }),
    );
  });

  test("the condition of Powertools' idempotency layer holds for a new, an expired and a timed-out record only", () => {
    const { db, TableName } = withTable();
    const put = (now: number) =>
      db.putItem({
        TableName,
        Item: {
          pk: { S: "id" },
          expiration: { N: String(now + 60) },
          in_progress_expiration: { N: String((now + 10) * 1_000) },
          status: { S: "INPROGRESS" },
        },
        ConditionExpression:
          "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress AND attribute_exists(#in_progress_expiry) AND #in_progress_expiry < :now_in_millis)",
        ExpressionAttributeNames: {
          "#id": "pk",
          "#expiry": "expiration",
          "#in_progress_expiry": "in_progress_expiration",
          "#status": "status",
        },
        ExpressionAttributeValues: {
          ":now": { N: String(now) },
          ":now_in_millis": { N: String(now * 1_000) },
          ":inprogress": { S: "INPROGRESS" },
        },
      });
    put(1_000);
    expect(() => put(1_005)).toThrow(refused("ConditionalCheckFailedException"));
    put(1_011);
    db.updateItem({
      TableName,
      Key: { pk: { S: "id" } },
      UpdateExpression: "SET #response_data = :response_data, #expiry = :expiry, #status = :status",
      ExpressionAttributeNames: { "#response_data": "data", "#expiry": "expiration", "#status": "status" },
      ExpressionAttributeValues: {
        ":response_data": { M: {} },
        ":expiry": { N: "2000" },
        ":status": { S: "COMPLETED" },
      },
    });
    expect(() => put(1_500)).toThrow(refused("ConditionalCheckFailedException"));
    put(2_001);
  });

  test("keys are checked: present, of the right type, not empty, not too long", () => {
    const { db, TableName } = withTable("N");
    const put = (Item: object) => () => db.putItem({ TableName, Item: Item as never });
    expect(put({ v: { N: "1" } })).toThrow(refused("ValidationException", "Missing the key pk"));
    expect(put({ ...key("a"), v: { S: "1" } })).toThrow(
      refused("ValidationException", "Type mismatch for key v"),
    );
    expect(put(key("", 1))).toThrow(refused("ValidationException", "empty string"));
    expect(put(key("x".repeat(2_049), 1))).toThrow(refused("ValidationException", "2048 bytes"));
    expect(() => db.getItem({ TableName, Key: key("a") })).toThrow(refused("ValidationException", "schema"));
    expect(() => db.getItem({ TableName: "none", Key: key("a") })).toThrow(
      refused("ResourceNotFoundException"),
    );
  });

  test("values are checked and numbers become canonical", () => {
    const { db, TableName } = withTable();
    const put = (a: object) => () => db.putItem({ TableName, Item: { ...key("n"), a: a as never } });
    put({ L: [{ N: "1.50" }, { N: "-0" }, { N: "2e3" }, { N: "0.00012" }] })();
    expect(db.getItem({ TableName, Key: key("n") }).Item?.["a"]).toEqual({
      L: [{ N: "1.5" }, { N: "0" }, { N: "2000" }, { N: "0.00012" }],
    });
    for (const bad of [
      { N: "" },
      { N: "1x" },
      { N: "1".repeat(39) },
      { N: "1e126" },
      { SS: [] },
      { SS: ["x", "x"] },
      { NS: ["1", "1.0"] },
      { S: "a", N: "1" },
      {},
      { NULL: false },
    ])
      expect(put(bad), JSON.stringify(bad)).toThrow(refused("ValidationException"));
  });

  test("names and texts count in bytes of UTF-8, however short", () => {
    expect(itemSize({ ab: { S: "cd" }, ü: { S: "€𝄞" }, l: { L: [{ S: "é".repeat(100) }] } })).toBe(
      4 + 9 + 205,
    );
  });

  test("no path leads into a key", () => {
    const { db, TableName } = withTable();
    const put = (ConditionExpression: string) => () =>
      db.putItem({ TableName, Item: key("a"), ConditionExpression });
    for (const path of ["pk.b", "pk[0]", "pk.b.c"])
      for (const condition of [`attribute_not_exists(${path})`, `size(${path}) < ${path}`, `NOT a = ${path}`])
        expect(put(condition)).toThrow("Key attributes must be scalars");
    expect(put("attribute_not_exists(b.pk)")).not.toThrow();
  });

  test("an item of 400 KB is taken, one byte more is not", () => {
    const { db, TableName } = withTable();
    const put = (bytes: number) =>
      db.putItem({
        TableName,
        Item: { pk: { S: "k" }, b: { B: new Uint8Array(bytes) } },
        ReturnConsumedCapacity: "TOTAL",
      });
    const beside = "pk".length + "k".length + "b".length;
    expect(put(409_600 - beside).ConsumedCapacity).toEqual({ TableName, CapacityUnits: 400 });
    expect(() => put(409_601 - beside)).toThrow(refused("ValidationException", "Item size"));
  });

  test("old values are returned where asked for", () => {
    const { db, TableName } = withTable();
    const put = (a: string) =>
      db.putItem({ TableName, Item: { ...key("k"), a: { S: a } }, ReturnValues: "ALL_OLD" });
    expect(put("1")).toEqual({});
    expect(put("2")).toEqual({ Attributes: { ...key("k"), a: { S: "1" } } });
    expect(db.deleteItem({ TableName, Key: key("k"), ReturnValues: "ALL_OLD" }).Attributes?.["a"]).toEqual({
      S: "2",
    });
    expect(db.deleteItem({ TableName, Key: key("k"), ReturnValues: "ALL_OLD" })).toEqual({});
  });
});

describe("billing", () => {
  test("writes cost a unit a KB of the larger item, reads a unit each 4 KB, half of it where not consistent", () => {
    const { db, TableName } = withTable();
    const Item = { ...key("k"), b: { B: new Uint8Array(5_000) } };
    const ReturnConsumedCapacity = "TOTAL" as const;
    const units = (output: { ConsumedCapacity?: { CapacityUnits: number } }) =>
      output.ConsumedCapacity?.CapacityUnits;
    expect(units(db.putItem({ TableName, Item, ReturnConsumedCapacity }))).toBe(5);
    expect(units(db.putItem({ TableName, Item: key("k"), ReturnConsumedCapacity }))).toBe(5);
    db.putItem({ TableName, Item });
    expect(units(db.getItem({ TableName, Key: key("k"), ReturnConsumedCapacity }))).toBe(1);
    expect(
      units(db.getItem({ TableName, Key: key("k"), ConsistentRead: true, ReturnConsumedCapacity })),
    ).toBe(2);
    expect(units(db.getItem({ TableName, Key: key("none"), ReturnConsumedCapacity }))).toBe(0.5);
    expect(() =>
      db.putItem({ TableName, Item: key("k"), ConditionExpression: "attribute_not_exists(pk)" }),
    ).toThrow();
    expect(db.stats).toMatchObject({ writes: 4, writeUnits: 20, reads: 3, readUnits: 3.5 });
    expect(db.stats.operations).toMatchObject({ PutItem: 4, GetItem: 3 });
  });

  test("a refused write costs what is there, and at least a unit", () => {
    const { db, TableName } = withTable();
    db.putItem({ TableName, Item: { ...key("k"), b: { B: new Uint8Array(5_000) } } });
    const { writeUnits } = db.stats;
    const lose = (pk: string) => () =>
      db.deleteItem({ TableName, Key: key(pk), ConditionExpression: "attribute_exists(absent)" });
    expect(lose("k")).toThrow(refused("ConditionalCheckFailedException"));
    expect(db.stats.writeUnits).toBe(writeUnits + 5);
    expect(lose("nobody")).toThrow(refused("ConditionalCheckFailedException"));
    expect(db.stats.writeUnits).toBe(writeUnits + 6);
  });

  test("an index costs writes of its own", () => {
    const { db } = withTable();
    db.createTable({
      TableName: "indexed",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "state", AttributeType: "S" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-state",
          KeySchema: [{ AttributeName: "state", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    });
    const put = (state: string | undefined) =>
      db.putItem({
        TableName: "indexed",
        Item: {
          ...key("k"),
          ...(state !== undefined && { state: { S: state } }),
          other: { S: String(state) },
        },
        ReturnConsumedCapacity: "INDEXES",
      }).ConsumedCapacity;
    const costs = (table: number, index: number) => ({
      TableName: "indexed",
      CapacityUnits: table + index,
      Table: { CapacityUnits: table },
      ...(index > 0 && { GlobalSecondaryIndexes: { "by-state": { CapacityUnits: index } } }),
    });
    expect(put(undefined)).toEqual(costs(1, 0));
    expect(put("open")).toEqual(costs(1, 1));
    expect(put("open")).toEqual(costs(1, 0));
    expect(put("closed")).toEqual(costs(1, 2));
    const found = (state: string) =>
      db.query({
        TableName: "indexed",
        IndexName: "by-state",
        KeyConditionExpression: "#s = :s",
        ExpressionAttributeNames: { "#s": "state" },
        ExpressionAttributeValues: { ":s": { S: state } },
      }).Items;
    expect(found("open")).toEqual([]);
    expect(found("closed")).toEqual([{ ...key("k"), state: { S: "closed" } }]);
    expect(() => db.putItem({ TableName: "indexed", Item: { ...key("k"), state: { N: "1" } } })).toThrow(
      refused("ValidationException", "Index Key state"),
    );
  });
});

describe("time to live", () => {
  test("is looked at every hour", () => {
    const { clock, db, TableName } = withTable();
    db.updateTimeToLive({ TableName, TimeToLiveSpecification: { AttributeName: "expires", Enabled: true } });
    const expires = { N: String(clock.now() / 1_000 + 60) };
    db.putItem({ TableName, Item: { ...key("a"), expires } });
    clock.advance(minutes(59));
    expect(db.scan({ TableName }).Count).toBe(1);
    clock.advance(minutes(1));
    expect(db.scan({ TableName }).Count).toBe(0);
  });

  test("of more than five years ago is taken for a mistake", () => {
    const { clock, db, TableName } = withTable();
    db.updateTimeToLive({ TableName, TimeToLiveSpecification: { AttributeName: "expires", Enabled: true } });
    const fiveYears = clock.now() / 1_000 - 5 * 365 * 86_400;
    for (const [pk, at] of [
      ["mistake", fiveYears],
      ["old", fiveYears + 1],
    ] as const)
      db.putItem({ TableName, Item: { ...key(pk), expires: { N: String(at) } } });
    expect(db.deleteExpired()).toBe(1);
    expect(db.scan({ TableName }).Items).toMatchObject([key("mistake")]);
  });

  test("expired items stay readable until they are swept", () => {
    const { clock, db, TableName } = withTable();
    db.updateTimeToLive({ TableName, TimeToLiveSpecification: { AttributeName: "expires", Enabled: true } });
    const seconds = clock.now() / 1_000;
    db.putItem({ TableName, Item: { ...key("old"), expires: { N: String(seconds - 1) } } });
    db.putItem({ TableName, Item: { ...key("young"), expires: { N: String(seconds + 1) } } });
    db.putItem({ TableName, Item: { ...key("ageless"), expires: { S: "never" } } });
    expect(db.getItem({ TableName, Key: key("old") }).Item).toBeDefined();
    expect(db.deleteExpired()).toBe(1);
    expect(db.scan({ TableName }).Count).toBe(2);
  });
});

test("a lost response leaves the item, a throttle does not", () => {
  const kinds = ["throttle", "lost-response"] as const;
  let call = 0;
  const { db, TableName } = withTable(undefined, {
    faults: {
      before: (_service, operation) => {
        const kind = operation === "PutItem" ? kinds[call++] : undefined;
        return kind === undefined ? undefined : { kind };
      },
    },
  });
  expect(() => db.putItem({ TableName, Item: key("a") })).toThrow(
    refused("ProvisionedThroughputExceededException"),
  );
  expect(() => db.putItem({ TableName, Item: key("b") })).toThrow(refused("InternalFailure"));
  expect(db.scan({ TableName }).Items).toEqual([key("b")]);
});
