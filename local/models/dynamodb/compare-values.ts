import { compareUtf8 } from "../utf8-order.ts";
import type { AttributeValue } from "./attribute-value.ts";
import { compareNumbers } from "./decimal.ts";

/** The type descriptor of a value, e.g. `S`. */
export const typeOf = (value: AttributeValue): string => Object.keys(value)[0] ?? "";

/** Whether two values are the same: types and contents, sets without order, numbers by value. */
export function sameValue(a: AttributeValue, b: AttributeValue): boolean {
  if ("S" in a) return "S" in b && a.S === b.S;
  if ("N" in a) return "N" in b && compareNumbers(a.N, b.N) === 0;
  if ("B" in a) return "B" in b && Buffer.compare(a.B, b.B) === 0;
  if ("BOOL" in a) return "BOOL" in b && a.BOOL === b.BOOL;
  if ("NULL" in a) return "NULL" in b;
  if ("M" in a) {
    if (!("M" in b)) return false;
    const names = Object.keys(a.M);
    return names.length === Object.keys(b.M).length && names.every((name) => sameMember(a.M, b.M, name));
  }
  if ("L" in a) {
    if (!("L" in b) || a.L.length !== b.L.length) return false;
    return a.L.every((element, i) => {
      const other = b.L[i];
      return other !== undefined && sameValue(element, other);
    });
  }
  const [mine, others] = [elementsOf(a), elementsOf(b)];
  return (
    typeOf(a) === typeOf(b) &&
    mine.length === others.length &&
    mine.every((element) => others.some((other) => sameValue(element, other)))
  );
}

/** The elements of a set as values; none for what is no set. */
export function elementsOf(value: AttributeValue): AttributeValue[] {
  if ("SS" in value) return value.SS.map((S) => ({ S }));
  if ("NS" in value) return value.NS.map((N) => ({ N }));
  if ("BS" in value) return value.BS.map((B) => ({ B }));
  return [];
}

/** Orders two strings, numbers or binaries; undefined where they cannot be ordered. Strings go by their UTF-8 bytes. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if ("S" in a && "S" in b) return compareUtf8(a.S, b.S);
  if ("N" in a && "N" in b) return compareNumbers(a.N, b.N);
  if ("B" in a && "B" in b) return Buffer.compare(a.B, b.B);
  return undefined;
}

function sameMember(
  a: Readonly<Record<string, AttributeValue>>,
  b: Readonly<Record<string, AttributeValue>>,
  name: string,
): boolean {
  const [x, y] = [a[name], Object.hasOwn(b, name) ? b[name] : undefined];
  return x !== undefined && y !== undefined && sameValue(x, y);
}
