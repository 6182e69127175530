import type { AttributeValue, Item } from "./attribute-value.ts";
import { canonicalNumber } from "./decimal.ts";
import { validation } from "./validation.ts";

const MAX_DEPTH = 32;

/**
 * Checks that an item is made of well-formed values and gives it back with its numbers in canonical form;
 * the very same object where nothing had to change. Throws ValidationException.
 */
export function checkedItem(item: Item): Item {
  if (typeof item !== "object" || item === null) throw validation("Item must be a map of attribute values");
  return checkedMembers(item, 0);
}

function checkedMembers(members: Item, depth: number): Item {
  const changed: [string, AttributeValue][] = [];
  for (const [name, value] of Object.entries(members)) {
    const checked = checkedValue(value, depth);
    if (checked !== value) changed.push([name, checked]);
  }
  return changed.length === 0 ? members : { ...members, ...Object.fromEntries(changed) };
}

/** Checks one value, see {@link checkedItem}. */
export function checkedValue(value: AttributeValue, depth = 0): AttributeValue {
  if (typeof value !== "object" || value === null || Object.keys(value).length > 1)
    throw validation(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    );
  if (depth > MAX_DEPTH) throw validation("Nesting Levels have exceeded supported limits");
  if ("S" in value && typeof value.S === "string") return value;
  if ("N" in value && typeof value.N === "string") {
    const canonical = canonicalNumber(value.N);
    return canonical === value.N ? value : { N: canonical };
  }
  if ("B" in value && value.B instanceof Uint8Array) return value;
  if ("BOOL" in value && typeof value.BOOL === "boolean") return value;
  if ("NULL" in value && value.NULL === true) return value;
  if ("M" in value && typeof value.M === "object" && value.M !== null) {
    const members = checkedMembers(value.M, depth + 1);
    return members === value.M ? value : { M: members };
  }
  if ("L" in value && Array.isArray(value.L)) {
    const elements = value.L.map((element) => checkedValue(element, depth + 1));
    return elements.every((element, i) => element === value.L[i]) ? value : { L: elements };
  }
  if ("SS" in value && Array.isArray(value.SS)) return { SS: distinct(value.SS, String) };
  if ("NS" in value && Array.isArray(value.NS))
    return { NS: distinct(value.NS.map(canonicalNumber), String) };
  if ("BS" in value && Array.isArray(value.BS))
    return { BS: distinct(value.BS, (bytes) => Buffer.from(bytes).toString("latin1")) };
  throw validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
}

function distinct<T>(elements: readonly T[], identity: (element: T) => string): readonly T[] {
  if (elements.length === 0)
    throw validation("One or more parameter values were invalid: An set may not be empty");
  if (new Set(elements.map(identity)).size !== elements.length)
    throw validation("One or more parameter values were invalid: Input collection contains duplicates");
  return elements;
}
