import type { Answer } from "./client.ts";

/** Members whose lists have no order of their own. A batch's `Responses` are lists by table, without order either. */
const UNORDERED: ReadonlySet<string> = new Set([
  "SS",
  "NS",
  "BS",
  "AttributeDefinitions",
  "ConsumedCapacity",
  "GlobalSecondaryIndexes",
]);

/** An answer without what may differ from run to run: the table is called "table", lists without order are sorted. */
export function settled(answer: Answer, table: string): Answer {
  return inOrder(JSON.parse(JSON.stringify(answer).replaceAll(table, "table"))) as Answer;
}

/** Values in the order of their texts. */
export const sorted = (values: unknown): unknown[] =>
  Array.isArray(values) ? [...values].sort((a, b) => (text(a) < text(b) ? -1 : 1)) : [];

function inOrder(value: unknown, isUnordered = false): unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element) => inOrder(element));
    return isUnordered ? sorted(elements) : elements;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === "Responses" && !Array.isArray(member)
        ? Object.fromEntries(
            Object.entries(member ?? {}).map(([table, list]) => [table, inOrder(list, true)]),
          )
        : inOrder(member, UNORDERED.has(name)),
    ]),
  );
}

/** JSON with members in the order of their names. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, member]) => `${name}:${text(member)}`).join()}}`;
}
