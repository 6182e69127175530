import { expect, test } from "vitest";
import type { SecondaryIndex } from "../../../../local/models/dynamodb/dynamodb-api.ts";
import { versions, withTable } from "./tables.ts";

const byColour: SecondaryIndex = {
  IndexName: "by-colour",
  KeySchema: [
    { AttributeName: "colour", KeyType: "HASH" },
    { AttributeName: "v", KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
};
const colour = { AttributeName: "colour", AttributeType: "S" } as const;

function withColours() {
  const { db, TableName } = withTable("N");
  const put = (v: number, value: { S: string } | { N: string }) =>
    db.putItem({ TableName, Item: { pk: { S: `p${v % 3}` }, v: { N: String(v) }, colour: value } });
  for (const v of [3, 1, 2]) put(v, { S: "red" });
  put(4, { S: "blue" });
  const add = () =>
    db.updateTable({
      TableName,
      AttributeDefinitions: [colour],
      GlobalSecondaryIndexUpdates: [{ Create: byColour }],
    });
  const ofColour = (S: string) =>
    versions(
      db.query({
        TableName,
        IndexName: "by-colour",
        KeyConditionExpression: "colour = :c",
        ExpressionAttributeValues: { ":c": { S } },
      }).Items,
    );
  return { db, TableName, put, add, ofColour };
}

test("an index that is added holds the items of before and follows those of later", () => {
  const { put, add, ofColour } = withColours();
  add();
  expect([ofColour("red"), ofColour("blue")]).toEqual([[1, 2, 3], [4]]);
  put(0, { S: "red" });
  put(4, { S: "red" });
  expect([ofColour("red"), ofColour("blue")]).toEqual([[0, 1, 2, 3, 4], []]);
});

test("an item with a value of another type is left out of an index that is added", () => {
  const { put, add, ofColour } = withColours();
  put(2, { N: "7" });
  add();
  expect(ofColour("red")).toEqual([1, 3]);
});

test("an index that is deleted is gone with the definition of its key; the items stay", () => {
  const { db, TableName, add, ofColour } = withColours();
  add();
  db.updateTable({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "by-colour" } }] });
  expect(() => ofColour("red")).toThrow("does not have the specified index");
  const { Table } = db.describeTable({ TableName });
  expect([Table.ItemCount, Table.GlobalSecondaryIndexes]).toEqual([4, undefined]);
  expect(Table.AttributeDefinitions.map(({ AttributeName }) => AttributeName)).toEqual(["pk", "v"]);
  add();
  expect(ofColour("blue")).toEqual([4]);
});

test("one index at a time, none twice, and none that is not there", () => {
  const { db, TableName, add } = withColours();
  const other = { ...byColour, IndexName: "other" };
  expect(() =>
    db.updateTable({
      TableName,
      AttributeDefinitions: [colour],
      GlobalSecondaryIndexUpdates: [{ Create: byColour }, { Create: other }],
    }),
  ).toThrow("Only 1 online index");
  add();
  expect(add).toThrow("already exists");
  expect(() =>
    db.updateTable({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "other" } }] }),
  ).toThrow("Index: other not found");
});

test("a definition that no key uses is refused, and nothing is changed", () => {
  const { db, TableName } = withColours();
  const spare = { AttributeName: "size", AttributeType: "N" } as const;
  expect(() =>
    db.updateTable({
      TableName,
      AttributeDefinitions: [colour, spare],
      GlobalSecondaryIndexUpdates: [{ Create: byColour }],
    }),
  ).toThrow("Some AttributeDefinitions are not used. AttributeDefinitions: [colour, size]");
  expect(db.describeTable({ TableName }).Table.GlobalSecondaryIndexes).toBeUndefined();
});

test("the definition of a deleted index's key is refused, and the index stays", () => {
  const { db, TableName, add, ofColour } = withColours();
  add();
  expect(() =>
    db.updateTable({
      TableName,
      AttributeDefinitions: [colour],
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "by-colour" } }],
    }),
  ).toThrow("AttributeDefinitions: [colour]");
  expect(ofColour("blue")).toEqual([4]);
});

test("a protected table is not deleted until the protection is taken off", () => {
  const { db, TableName } = withColours();
  db.updateTable({ TableName, DeletionProtectionEnabled: true });
  expect(() => db.deleteTable({ TableName })).toThrow("currently protected against deletion");
  db.updateTable({ TableName, DeletionProtectionEnabled: false });
  db.deleteTable({ TableName });
  expect(db.listTables().TableNames).toEqual([]);
});
