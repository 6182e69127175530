import type { AttributeValue, Item } from "./attribute-value.ts";
import { validation } from "./validation.ts";

const MAX_ITEM_BYTES = 409_600;

/** An item's size as DynamoDB bills and limits it: names and values, in bytes. */
export function itemSize(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += bytesOf(name) + valueSize(item[name] as AttributeValue);
  return bytes;
}

/** The size of an item to be put. Throws a ValidationException where it is above 400 KB. */
export function checkedSizeOfPut(item: Item): number {
  const size = itemSize(item);
  if (size > MAX_ITEM_BYTES) throw validation("Item size has exceeded the maximum allowed size");
  return size;
}

/** Throws a ValidationException where an update would leave an item above 400 KB. */
export function checkSizeOfUpdated(item: Item): void {
  if (itemSize(item) > MAX_ITEM_BYTES)
    throw validation("Item size to update has exceeded the maximum allowed size");
}

export function valueSize(value: AttributeValue): number {
  if ("S" in value) return bytesOf(value.S);
  if ("N" in value) return numberSize(value.N);
  if ("B" in value) return value.B.byteLength;
  if ("M" in value) return 3 + itemSize(value.M) + Object.keys(value.M).length;
  if ("L" in value) return value.L.reduce((bytes, element) => bytes + 1 + valueSize(element), 3);
  if ("SS" in value) return value.SS.reduce((bytes, text) => bytes + bytesOf(text), 0);
  if ("NS" in value) return value.NS.reduce((bytes, number) => bytes + numberSize(number), 0);
  if ("BS" in value) return value.BS.reduce((bytes, data) => bytes + data.byteLength, 0);
  return 1;
}

/** Texts of so many characters are looked at here, which takes less than to ask for their bytes. */
const SHORT = 64;

function bytesOf(text: string): number {
  if (text.length > SHORT) return Buffer.byteLength(text);
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}

/** One byte for two significant digits, one for the number, one for a minus sign. */
function numberSize(canonical: string): number {
  const significant = canonical.replace(/^-?0*\.?0*|\.|0+$/g, "").length;
  return Math.ceil(significant / 2) + 1 + (canonical.startsWith("-") ? 1 : 0);
}
