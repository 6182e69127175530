import type { LookupPlan } from "../../shared/plan/plan.ts";
import type { AttributeValue, Item } from "../models/dynamodb/attribute-value.ts";
import { BUCKET, lookupKey, lookupTable, type Services } from "./services.ts";

/** Makes a table outside have these rows, and no others. */
export function writeLookup({ dynamodb, s3 }: Services, table: LookupPlan, rows: readonly unknown[]): void {
  if (table.store === "s3") {
    const Body = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    s3.putObject({ Bucket: BUCKET, Key: lookupKey(table.name), Body });
    return;
  }
  const TableName = lookupTable(table.name);
  if (dynamodb.listTables({}).TableNames.includes(TableName)) dynamodb.deleteTable({ TableName });
  const items = rows.map((row) => storedValue(row) as { readonly M: Item }).map(({ M }) => M);
  const keys = [table.key, ...(table.version === null ? [] : [table.version])];
  dynamodb.createTable({
    TableName,
    KeySchema: keys.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? "HASH" : "RANGE" })),
    AttributeDefinitions: keys.map((AttributeName, i) => ({
      AttributeName,
      AttributeType: "N" in (items[0]?.[AttributeName] ?? {}) || i === 1 ? "N" : "S",
    })),
  });
  for (const Item of items) dynamodb.putItem({ TableName, Item });
}

/** JSON as DynamoDB has it. */
function storedValue(value: unknown): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(storedValue) };
  if (typeof value !== "object" || value === null) return { NULL: true };
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return { M: Object.fromEntries(fields.map(([name, field]) => [name, storedValue(field)])) };
}
