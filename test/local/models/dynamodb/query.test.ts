import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { Item } from "../../../../local/models/dynamodb/attribute-value.ts";
import { key, versions, withTable } from "./tables.ts";

function log(count: number, bytes = 0) {
  const made = withTable("N");
  for (let v = 0; v < count; v += 1)
    made.db.putItem({
      TableName: made.TableName,
      Item: {
        ...key("p", v),
        even: { BOOL: v % 2 === 0 },
        ...(bytes > 0 && { body: { B: new Uint8Array(bytes) } }),
      },
    });
  made.db.putItem({ TableName: made.TableName, Item: key("other", 5) });
  const query = (condition: string, more: object = {}, values: object = {}) =>
    made.db.query({
      TableName: made.TableName,
      KeyConditionExpression: condition,
      ExpressionAttributeValues: { ":p": { S: "p" }, ...values },
      ...more,
    });
  return { ...made, query };
}

describe("a query", () => {
  test("reads the range that its key condition names, either way round", () => {
    const { query } = log(10);
    const of = (condition: string, a?: number, b?: number) =>
      versions(
        query(
          `pk = :p${condition}`,
          {},
          {
            ...(a !== undefined && { ":a": { N: String(a) } }),
            ...(b !== undefined && { ":b": { N: String(b) } }),
          },
        ).Items,
      );
    expect(of("")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(of(" AND v > :a", 7)).toEqual([8, 9]);
    expect(of(" AND v >= :a", 7)).toEqual([7, 8, 9]);
    expect(of(" AND v < :a", 2)).toEqual([0, 1]);
    expect(of(" AND v <= :a", 2)).toEqual([0, 1, 2]);
    expect(of(" AND v = :a", 2)).toEqual([2]);
    expect(of(" AND (v BETWEEN :a AND :b)", 3, 5)).toEqual([3, 4, 5]);
    expect(versions(query("pk = :p", { ScanIndexForward: false, Limit: 2 }).Items)).toEqual([9, 8]);
  });

  test("finds strings by their beginning", () => {
    const { db, TableName } = withTable("S");
    for (const v of ["a#1", "a#2", "a#\u{1F600}", "b#1", "a"])
      db.putItem({ TableName, Item: { ...key("p"), v: { S: v } } });
    const { Items } = db.query({
      TableName,
      KeyConditionExpression: "begins_with(v, :prefix) AND pk = :p",
      ExpressionAttributeValues: { ":p": { S: "p" }, ":prefix": { S: "a#" } },
    });
    expect(Items?.map(({ v }) => v)).toEqual([{ S: "a#1" }, { S: "a#2" }, { S: "a#\u{1F600}" }]);
  });

  test("filters after the limit, counts both, and says where to go on even at the very end", () => {
    const { query } = log(4);
    const even = { FilterExpression: "even = :yes" };
    const yes = { ":yes": { BOOL: true } };
    const first = query("pk = :p", { ...even, Limit: 3 }, yes);
    expect(first).toMatchObject({ Count: 2, ScannedCount: 3, LastEvaluatedKey: key("p", 2) });
    const second = query("pk = :p", { ...even, Limit: 1, ExclusiveStartKey: first.LastEvaluatedKey }, yes);
    expect(second).toMatchObject({ Count: 0, ScannedCount: 1, LastEvaluatedKey: key("p", 3) });
    const third = query("pk = :p", { ...even, Limit: 1, ExclusiveStartKey: second.LastEvaluatedKey }, yes);
    expect(third.LastEvaluatedKey).toBeUndefined();
    expect(query("pk = :p", { Select: "COUNT" })).toEqual({ Count: 4, ScannedCount: 4 });
  });

  test("ends a page with the item that reaches 1 MB, and bills what it read", () => {
    const { query } = log(5, 300_000);
    const page = query("pk = :p", { ConsistentRead: true, ReturnConsumedCapacity: "TOTAL" });
    expect(versions(page.Items)).toEqual([0, 1, 2, 3]);
    expect(page.LastEvaluatedKey).toEqual(key("p", 3));
    expect(page.ConsumedCapacity?.CapacityUnits).toBe(293);
  });

  test("projects nested parts", () => {
    const { db, TableName } = withTable();
    db.putItem({
      TableName,
      Item: {
        ...key("k"),
        m: { M: { a: { N: "1" }, b: { L: [{ S: "x" }, { S: "y" }, { S: "z" }] } } },
        n: { N: "1" },
      },
    });
    expect(
      db.getItem({
        TableName,
        Key: key("k"),
        ProjectionExpression: "m.#b[2], m.b[0], nowhere",
        ExpressionAttributeNames: { "#b": "b" },
      }).Item,
    ).toEqual({
      m: { M: { b: { L: [{ S: "x" }, { S: "z" }] } } },
    });
  });

  test.each([
    ["v = :a AND even = :p", /missed key schema element: pk/],
    ["pk > :p AND v = :a", /not supported/],
    ["pk = :p AND v <> :a", /Invalid operator/],
    ["pk = :p OR v = :a", /Invalid operator/],
    ["pk = :p AND even = :a", /missed key schema element/],
    ["pk = :p AND v = :a AND v = :a", /one condition per key/],
    ["pk = :p AND begins_with(v, :a)", /Incorrect operand type/],
  ])("refuses %j", (condition, message) => {
    expect(() => log(1).query(condition, {}, { ":a": { N: "1" } })).toThrow(message);
  });

  test("refuses a filter on a key, and a starting key that it could not have given", () => {
    const { query } = log(5);
    const from3 = { ":a": { N: "3" } };
    expect(() => query("pk = :p", { FilterExpression: "v > :a" }, from3)).toThrow(/non-primary key/);
    const starting = (ExclusiveStartKey: Item) => () =>
      query("pk = :p AND :a < v", { ExclusiveStartKey }, from3);
    expect(starting(key("other", 4))).toThrow(/cannot be restarted/);
    expect(starting(key("p", 3))).toThrow(/does not match the range key predicate/);
    expect(starting({ pk: { S: "p" } })).toThrow(/starting key is invalid/);
    expect(starting({ ...key("p"), v: { S: "4" } })).toThrow(/starting key is invalid/);
    expect(versions(starting(key("p", 4))().Items)).toEqual([]);
    expect(() => query("pk = :p", { ExclusiveStartKey: key("other", 4) })).toThrow(
      /outside query boundaries/,
    );
  });

  test("refuses a key of the wrong type and an upside-down BETWEEN", () => {
    const { query } = log(1);
    expect(() => query("pk = :p AND v = :a", {}, { ":a": { S: "1" } })).toThrow(/type/);
    expect(() =>
      query("pk = :p AND v BETWEEN :a AND :b", {}, { ":a": { N: "2" }, ":b": { N: "1" } }),
    ).toThrow(/BETWEEN/);
  });
});

describe("a scan", () => {
  test("visits every item once, in pages and in segments, also while items go", () => {
    const { db, TableName } = withTable("N");
    for (let i = 0; i < 60; i += 1) db.putItem({ TableName, Item: key(`p${i % 20}`, i) });
    const seen: number[] = [];
    for (const Segment of [0, 1, 2]) {
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = db.scan({ TableName, Limit: 7, Segment, TotalSegments: 3, ExclusiveStartKey });
        seen.push(...versions(page.Items));
        ExclusiveStartKey = page.LastEvaluatedKey;
        if (ExclusiveStartKey !== undefined) db.deleteItem({ TableName, Key: ExclusiveStartKey });
      } while (ExclusiveStartKey !== undefined);
    }
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });
});

const anyNumber = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc
    .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: -10, max: 10 }))
    .map(([n, e]) => `${n}e${e}`),
);

property.prop([
  fc.array(fc.tuple(anyNumber, fc.boolean()), { maxLength: 40 }),
  anyNumber,
  fc.boolean(),
  fc.integer({ min: 1, max: 5 }),
])(
  "a paged query yields what sorting all items by their exact value would",
  (writes, from, forward, Limit) => {
    const { db, TableName } = withTable("N");
    const scaled = (n: string): bigint => {
      const [digits = "0", power = "0"] = n.split("e");
      return BigInt(digits) * 10n ** BigInt(Number(power) + 10);
    };
    const expected = new Map<bigint, string>();
    for (const [v, isPut] of writes) {
      const Key = { ...key("p"), v: { N: v } };
      if (isPut) {
        db.putItem({ TableName, Item: { ...Key, written: { S: v } } });
        expected.set(scaled(v), v);
      } else {
        db.deleteItem({ TableName, Key });
        expected.delete(scaled(v));
      }
    }
    const sorted = [...expected].filter(([n]) => n >= scaled(from)).sort(([a], [b]) => (a < b ? -1 : 1));
    if (!forward) sorted.reverse();
    const found: Item[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = db.query({
        TableName,
        KeyConditionExpression: "pk = :p AND v >= :from",
        ExpressionAttributeValues: { ":p": { S: "p" }, ":from": { N: from } },
        ScanIndexForward: forward,
        Limit,
        ExclusiveStartKey,
      });
      found.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    expect(found.map(({ written }) => written)).toEqual(sorted.map(([, v]) => ({ S: v })));
  },
);
