import type { AttributeValue, Item } from "./attribute-value.ts";
import { validation } from "./validation.ts";

const MAX_ITEM_BYTES = 409_600;

/** An item's size as DynamoDB bills and limits it: names and values, in bytes. */
export function itemSize(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + valueSize(value);
  return bytes;
}

/** Throws a ValidationException where a put item is above 400 KB. */
export function checkSizeOfPut(item: Item): void {
  if (itemSize(item) > MAX_ITEM_BYTES) throw validation("Item size has exceeded the maximum allowed size");
}

/** Throws a ValidationException where an update would leave an item above 400 KB. */
export function checkSizeOfUpdated(item: Item): void {
  if (itemSize(item) > MAX_ITEM_BYTES)
    throw validation("Item size to update has exceeded the maximum allowed size");
}

export function valueSize(value: AttributeValue): number {
  if ("S" in value) return Buffer.byteLength(value.S);
  if ("N" in value) return numberSize(value.N);
  if ("B" in value) return value.B.byteLength;
  if ("M" in value) return 3 + itemSize(value.M) + Object.keys(value.M).length;
  if ("L" in value) return value.L.reduce((bytes, element) => bytes + 1 + valueSize(element), 3);
  if ("SS" in value) return value.SS.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
  if ("NS" in value) return value.NS.reduce((bytes, number) => bytes + numberSize(number), 0);
  if ("BS" in value) return value.BS.reduce((bytes, data) => bytes + data.byteLength, 0);
  return 1;
}

/** One byte for two significant digits, one for the number, one for a minus sign. */
function numberSize(canonical: string): number {
  const significant = canonical.replace(/^-?0*\.?0*|\.|0+$/g, "").length;
  return Math.ceil(significant / 2) + 1 + (canonical.startsWith("-") ? 1 : 0);
}
