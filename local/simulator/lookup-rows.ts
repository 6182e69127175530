import type { LookupPlan } from "../../shared/plan/plan.ts";
import type { AttributeValue, Item } from "../models/dynamodb/attribute-value.ts";
import { BUCKET, lookupKey, lookupTable, type Services } from "./services.ts";

/** What a table outside has: its rows; of a file also its text. */
export type LookupContent = readonly unknown[] | string;

/** Makes a table outside have these rows, and no others. */
export function writeLookup({ dynamodb, s3 }: Services, table: LookupPlan, content: LookupContent): void {
  if (table.store === "s3") {
    const text = typeof content === "string" ? content : textOf(table, content);
    s3.putObject({ Bucket: BUCKET, Key: lookupKey(table.name), Body: new TextEncoder().encode(text) });
    return;
  }
  if (typeof content === "string") throw new TypeError(`"${table.name}" is a table, and has rows`);
  const TableName = lookupTable(table.name);
  if (dynamodb.listTables({}).TableNames.includes(TableName)) dynamodb.deleteTable({ TableName });
  const items = content.map(itemOf);
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

/** A row as an item. */
export const itemOf = (row: unknown): Item => (storedValue(row) as { readonly M: Item }).M;

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

function textOf({ format, key, version }: LookupPlan, rows: readonly unknown[]): string {
  if (format === undefined) return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const records = rows as readonly Readonly<Record<string, unknown>>[];
  const header = new Set([key, ...(version === null ? [] : [version]), ...records.flatMap(Object.keys)]);
  return [[...header], ...records.map((row) => [...header].map((name) => row[name]))]
    .map((fields) => `${fields.map(quoted).join(format.delimiter)}\r\n`)
    .join("");
}

/** A field of CSV: nothing for what is missing, all else between quotes. */
const quoted = (value: unknown): string =>
  value === undefined || value === null ? "" : `"${String(value).replaceAll('"', '""')}"`;
