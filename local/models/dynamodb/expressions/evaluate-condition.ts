import type { AttributeValue, Item } from "../attribute-value.ts";
import { compareValues, elementsOf, sameValue, typeOf } from "../compare-values.ts";
import type { Comparator, Condition, Operand } from "./condition.ts";
import { valueAt } from "./document-path.ts";

/** Whether a condition holds for an item; an item that is not there is `{}`. */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case "and":
      return holds(condition.left, item) && holds(condition.right, item);
    case "or":
      return holds(condition.left, item) || holds(condition.right, item);
    case "not":
      return !holds(condition.of, item);
    case "compare":
      return compares(condition.by, operandValue(condition.left, item), operandValue(condition.right, item));
    case "between": {
      const value = operandValue(condition.of, item);
      return (
        compares(">=", value, operandValue(condition.low, item)) &&
        compares("<=", value, operandValue(condition.high, item))
      );
    }
    case "in": {
      const value = operandValue(condition.of, item);
      return condition.among.some((other) => compares("=", value, operandValue(other, item)));
    }
    case "exists":
      return (valueAt(item, condition.path) !== undefined) === condition.wanted;
    case "type": {
      const [value, type] = [operandValue(condition.of, item), operandValue(condition.type, item)];
      return value !== undefined && type !== undefined && "S" in type && typeOf(value) === type.S;
    }
    case "begins_with":
      return beginsWith(operandValue(condition.of, item), operandValue(condition.prefix, item));
    case "contains":
      return contains(operandValue(condition.of, item), operandValue(condition.part, item));
  }
}

/** Whether a string or binary starts with another one; false for anything else. */
export function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value === undefined || prefix === undefined) return false;
  if ("S" in value && "S" in prefix) return value.S.startsWith(prefix.S);
  if ("B" in value && "B" in prefix)
    return Buffer.compare(value.B.subarray(0, prefix.B.byteLength), prefix.B) === 0;
  return false;
}

function operandValue(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === "value") return operand.value;
  if (operand.kind === "path") return valueAt(item, operand.path);
  const value = operandValue(operand.of, item);
  return value === undefined ? undefined : countOf(value);
}

/** Values of different types are unequal and in no order; what is not there is unequal to everything. */
function compares(by: Comparator, a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (by === "=") return a !== undefined && b !== undefined && sameValue(a, b);
  if (by === "<>") return a === undefined || b === undefined || !sameValue(a, b);
  const order = a === undefined || b === undefined ? undefined : compareValues(a, b);
  if (order === undefined) return false;
  if (by === "<") return order < 0;
  if (by === "<=") return order <= 0;
  return by === ">" ? order > 0 : order >= 0;
}

function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined || part === undefined) return false;
  if ("S" in value) return "S" in part && value.S.includes(part.S);
  if ("B" in value) return "B" in part && Buffer.from(value.B).includes(Buffer.from(part.B));
  const elements = "L" in value ? value.L : elementsOf(value);
  return elements.some((element) => sameValue(element, part));
}

/** What `size()` yields: the length of a string or binary, members of anything else; undefined for a scalar without size. */
function countOf(value: AttributeValue): AttributeValue | undefined {
  if ("S" in value) return { N: String(value.S.length) };
  if ("B" in value) return { N: String(value.B.byteLength) };
  if ("M" in value) return { N: String(Object.keys(value.M).length) };
  if ("L" in value) return { N: String(value.L.length) };
  const elements = elementsOf(value);
  return elements.length === 0 ? undefined : { N: String(elements.length) };
}
