import type { AttributeValue, Item } from "./attribute-value.ts";
import { canonicalNumber } from "./decimal.ts";
import { validation } from "./validation.ts";

/** Levels of an item, its attributes being the first: "Naming rules and data types", Amazon DynamoDB Developer Guide. */
const MAX_LEVELS = 32;

/**
 * Checks that an item is made of well-formed values and gives it back with its numbers in canonical form;
 * the very same object where nothing had to change. Throws ValidationException.
 */
export const checkedItem = (item: Item): Item => checkedMembers(item, 1);

function checkedMembers(members: Item, level: number): Item {
  let changed: [string, AttributeValue][] | undefined;
  for (const name in members) {
    if (name === "") throw validation("Empty attribute name");
    const value = members[name] as AttributeValue;
    const checked = checkedValue(value, level);
    if (checked === value) continue;
    changed ??= [];
    changed.push([name, checked]);
  }
  return changed === undefined ? members : { ...members, ...Object.fromEntries(changed) };
}

/** Checks one value, see {@link checkedItem}. */
export function checkedValue(value: AttributeValue, level = 1): AttributeValue {
  const types = Object.keys(value);
  if (types.length !== 1)
    throw validation(
      `Supplied AttributeValue ${types.length === 0 ? "is empty" : "has more than one datatypes set"}, ` +
        "must contain exactly one of the supported datatypes",
    );
  if (level > MAX_LEVELS)
    throw validation(
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
    );
  if ("N" in value) {
    const canonical = canonicalNumber(value.N);
    return canonical === value.N ? value : { N: canonical };
  }
  if ("NULL" in value && value.NULL !== true)
    throw invalid("Null attribute value types must have the value of true");
  if ("M" in value) {
    const members = checkedMembers(value.M, level + 1);
    return members === value.M ? value : { M: members };
  }
  if ("L" in value) {
    const elements = value.L.map((element) => checkedValue(element, level + 1));
    return elements.every((element, i) => element === value.L[i]) ? value : { L: elements };
  }
  if ("SS" in value) return checkedStrings(value);
  if ("NS" in value) return checkedNumbers(value);
  if ("BS" in value) return checkedBinaries(value);
  return value;
}

function checkedStrings(value: { readonly SS: readonly string[] }): AttributeValue {
  if (value.SS.length === 0) throw invalid("An string set  may not be empty");
  if (hasDuplicates(value.SS))
    throw invalid(`Input collection [${value.SS.join(", ")}] contains duplicates.`);
  return value;
}

function checkedNumbers({ NS }: { readonly NS: readonly string[] }): AttributeValue {
  if (NS.length === 0) throw invalid("An number set  may not be empty");
  const numbers = NS.map(canonicalNumber);
  if (hasDuplicates(numbers)) throw validation("Input collection contains duplicates");
  return { NS: numbers };
}

function checkedBinaries(value: { readonly BS: readonly Uint8Array[] }): AttributeValue {
  const texts = value.BS.map((bytes) => Buffer.from(bytes).toString("base64"));
  if (texts.length === 0) throw invalid("Binary sets should not be empty");
  if (hasDuplicates(texts))
    throw invalid(`Input collection [${texts.join(", ")}]of type BS contains duplicates.`);
  return value;
}

const hasDuplicates = (texts: readonly string[]): boolean => new Set(texts).size !== texts.length;

const invalid = (why: string): Error => validation(`One or more parameter values were invalid: ${why}`);
