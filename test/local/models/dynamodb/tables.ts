import type { Item } from "../../../../local/models/dynamodb/attribute-value.ts";
import { DynamoDbModel, type DynamoDbOptions } from "../../../../local/models/dynamodb/dynamodb-model.ts";
import { ManualClock } from "../manual-clock.ts";

/** A table named by its key: `pk` alone, or `pk` and a numeric `v`. */
export function withTable(
  range?: "S" | "N" | "B",
  options: Partial<DynamoDbOptions> = {},
): { readonly clock: ManualClock; readonly db: DynamoDbModel; readonly TableName: string } {
  const clock = new ManualClock();
  const db = new DynamoDbModel({ clock, ...options });
  const TableName = "log";
  db.createTable({
    TableName,
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      ...(range === undefined ? [] : [{ AttributeName: "v", KeyType: "RANGE" as const }]),
    ],
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      ...(range === undefined ? [] : [{ AttributeName: "v", AttributeType: range }]),
    ],
  });
  return { clock, db, TableName };
}

export const key = (pk: string, v?: number): Item => ({
  pk: { S: pk },
  ...(v !== undefined && { v: { N: String(v) } }),
});

/** The `v` of each item, as a number. */
export const versions = (items: readonly Item[] | undefined): number[] =>
  (items ?? []).map(({ v }) => (v !== undefined && "N" in v ? Number(v.N) : Number.NaN));
