import type { Key } from "../../../shared/events/event.ts";

/** A value as DynamoDB's API has it: an object with its type as the only key. */
export type StoredValue = Readonly<Record<string, unknown>>;
export type StoredItem = Readonly<Record<string, StoredValue>>;

/** An item as plain data: numbers are doubles, sets lists. */
export const plainItem = (item: StoredItem): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));

function plainValue(stored: StoredValue): unknown {
  const [type, value] = Object.entries(stored).find(([, value]) => value !== undefined) ?? [];
  switch (type) {
    case "N":
      return Number(value);
    case "NULL":
      return null;
    case "L":
      return (value as readonly StoredValue[]).map(plainValue);
    case "M":
      return plainItem(value as StoredItem);
    case "NS":
      return (value as readonly string[]).map(Number);
    default:
      return value;
  }
}

/** A key as DynamoDB has it; undefined for one that no item can have. */
export function storedKey(key: Key): StoredValue | undefined {
  if (typeof key === "string") return key !== "" && bytesOf(key) <= MAX_KEY_BYTES ? { S: key } : undefined;
  return key === 0 || (Math.abs(key) >= LEAST_NUMBER && Math.abs(key) < MOST_NUMBER)
    ? { N: String(key) }
    : undefined;
}

const MAX_KEY_BYTES = 2_048;
const LEAST_NUMBER = 1e-130;
const MOST_NUMBER = 1e126;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
