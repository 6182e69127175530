import { describe, expect, test } from "vitest";
import type { AttributeValue, Item } from "../../../../local/models/dynamodb/attribute-value.ts";
import { key, withTable } from "./tables.ts";

/** What an update makes of an item's attributes, the key left out. */
function updated(
  before: Item,
  UpdateExpression: string,
  ExpressionAttributeValues?: Record<string, AttributeValue>,
): Item {
  const { db, TableName } = withTable();
  db.putItem({ TableName, Item: { ...key("k"), ...before } });
  const { Attributes = {} } = db.updateItem({
    TableName,
    Key: key("k"),
    UpdateExpression,
    ExpressionAttributeValues,
    ReturnValues: "ALL_NEW",
  });
  const { pk: _pk, ...rest } = Attributes;
  return rest;
}

const N = (n: number): AttributeValue => ({ N: String(n) });
const L = (...ns: number[]): AttributeValue => ({ L: ns.map(N) });

describe("SET", () => {
  test("sums are exact, beyond what a double holds", () => {
    const before = { a: { N: "12345678901234567890123456789012345678" }, b: { N: "0.1" } };
    expect(updated(before, "SET a = a - :one, b = b + :b", { ":one": N(1), ":b": { N: "0.2" } })).toEqual({
      a: { N: "12345678901234567890123456789012345677" },
      b: { N: "0.3" },
    });
  });

  test("if_not_exists and list_append combine with sums and each other", () => {
    const values = { ":zero": N(0), ":one": N(1), ":empty": L(), ":more": L(9) };
    expect(
      updated(
        {},
        "SET c = if_not_exists(c, :zero) + :one, l = list_append(if_not_exists(l, :empty), :more)",
        values,
      ),
    ).toEqual({
      c: N(1),
      l: L(9),
    });
    expect(
      updated(
        { c: N(5), l: L(1) },
        "SET c = if_not_exists(c, :zero) + :one, l = list_append(if_not_exists(l, :empty), :more)",
        values,
      ),
    ).toEqual({
      c: N(6),
      l: L(1, 9),
    });
  });

  test("every right side reads the item as it was", () => {
    expect(updated({ a: N(1), b: N(2) }, "SET a = b, b = a")).toEqual({ a: N(2), b: N(1) });
  });

  test("nested paths are set in place, and an index behind the end appends", () => {
    const before = { m: { M: { x: N(1), l: L(1, 2) } } };
    expect(updated(before, "SET m.x = :v, m.l[1] = :v, m.l[9] = :v, m.y = :v", { ":v": N(7) })).toEqual({
      m: { M: { x: N(7), l: L(1, 7, 7), y: N(7) } },
    });
    expect(() => updated({}, "SET m.x = :v", { ":v": N(7) })).toThrow(/document path/);
  });

  test("a missing attribute on the right is refused", () => {
    expect(() => updated({}, "SET a = b")).toThrow(/does not exist in the item/);
  });
});

describe("REMOVE, ADD, DELETE", () => {
  test("elements are removed by the indexes that they had", () => {
    expect(updated({ l: L(0, 1, 2, 3), a: N(1) }, "REMOVE l[0], l[2], a, nothing")).toEqual({ l: L(1, 3) });
  });

  test("what is not there may be removed, but only from where it could be", () => {
    expect(updated({ m: { M: {} } }, "REMOVE m.x, nothing")).toEqual({ m: { M: {} } });
    expect(() => updated({ s: { S: "x" } }, "REMOVE s.x")).toThrow(/document path/);
    expect(() => updated({}, "REMOVE m.x")).toThrow(/document path/);
  });

  test("ADD counts from nothing and unites sets", () => {
    expect(updated({ s: { SS: ["a"] } }, "ADD n :n, s :s", { ":n": N(3), ":s": { SS: ["b", "a"] } })).toEqual(
      {
        n: N(3),
        s: { SS: ["a", "b"] },
      },
    );
    expect(() => updated({ s: { S: "a" } }, "ADD s :n", { ":n": N(3) })).toThrow(/incorrect data type/);
    expect(() => updated({}, "ADD s :n", { ":n": { S: "x" } })).toThrow(/operand type: S/);
  });

  test("DELETE takes elements out, and the attribute with the last one", () => {
    expect(
      updated({ a: { NS: ["1", "2"] }, b: { NS: ["1"] } }, "DELETE a :x, b :x", { ":x": { NS: ["1.0"] } }),
    ).toEqual({
      a: { NS: ["2"] },
    });
  });
});

test("an update makes the item where there is none, and returns what it changed", () => {
  const { db, TableName } = withTable();
  const update = (ReturnValues: "UPDATED_OLD" | "UPDATED_NEW") =>
    db.updateItem({
      TableName,
      Key: key("new"),
      UpdateExpression: "ADD n :n",
      ExpressionAttributeValues: { ":n": N(1) },
      ReturnValues,
    });
  expect(update("UPDATED_OLD")).toEqual({});
  expect(update("UPDATED_NEW")).toEqual({ Attributes: { n: N(2) } });
  expect(update("UPDATED_OLD")).toEqual({ Attributes: { n: N(2) } });
  db.updateItem({ TableName, Key: key("bare") });
  expect(db.getItem({ TableName, Key: key("bare") }).Item).toEqual(key("bare"));
});

test.each([
  ["SET pk = :v", /part of the key/],
  ["SET a = :v, a.b = :v", /overlap/],
  ["SET a = :v SET b = :v", /only be used once/],
  ["SET a = :v, ", /Syntax error/],
  ["SET a = :none", /not defined/],
  ["SET status = :v", /reserved keyword/],
  ["SET a = nope(:v)", /Invalid function name/],
  ["FOO a", /Syntax error/],
  ["REMOVE a", /unused in expressions/],
  ["", /can not be empty/],
])("%j is refused", (expression, message) => {
  expect(() => updated({}, expression, { ":v": N(1) })).toThrow(message);
});
