import type { AttributeValue } from "../attribute-value.ts";
import { compareValues, typeOf } from "../compare-values.ts";
import type { Condition, Operand } from "./condition.ts";
import type { Cursor } from "./cursor.ts";
import { pathText } from "./document-path.ts";

/** "Expression parameters" in "Constraints in Amazon DynamoDB", Developer Guide. */
const MAX_IN = 100;
const ORDERED: ReadonlySet<string> = new Set(["S", "N", "B"]);
const BEGINNABLE: ReadonlySet<string> = new Set(["S", "B"]);
const TEXT: ReadonlySet<string> = new Set(["S"]);
const TYPES = ["N", "BS", "L", "B", "NULL", "M", "S", "SS", "NS", "BOOL"];

/**
 * Refuses what DynamoDB refuses in a single condition before it looks at an item: values of a type that the operator
 * has no use for, an attribute compared with itself, an upside-down BETWEEN.
 */
export function checkOperands(cursor: Cursor, condition: Condition): void {
  switch (condition.kind) {
    case "compare": {
      const { by, left, right } = condition;
      if (by !== "=" && by !== "<>") checkTypes(cursor, by, ORDERED, left, right);
      checkDistinct(cursor, by, left, right);
      return;
    }
    case "between": {
      const { of, low, high } = condition;
      checkTypes(cursor, "BETWEEN", ORDERED, of, low, high);
      checkDistinct(cursor, "BETWEEN", of, low, high);
      if (low.kind === "value" && high.kind === "value") checkBounds(cursor, low.value, high.value);
      return;
    }
    case "in":
      checkDistinct(cursor, "IN", condition.of, ...condition.among);
      if (condition.among.length > MAX_IN)
        cursor.refuse(
          `The IN operator is provided with too many operands; number of operands: ${condition.among.length}`,
        );
      return;
    case "begins_with":
      checkTypes(cursor, "begins_with", BEGINNABLE, condition.of, condition.prefix);
      checkDistinct(cursor, "begins_with", condition.of, condition.prefix);
      return;
    case "contains":
      checkDistinct(cursor, "contains", condition.of, condition.part);
      return;
    case "type":
      checkDistinct(cursor, "attribute_type", condition.of, condition.type);
      checkTypeName(cursor, condition.type);
      return;
  }
}

function checkTypes(
  cursor: Cursor,
  operator: string,
  types: ReadonlySet<string>,
  ...operands: readonly Operand[]
): void {
  for (const operand of operands)
    if (operand.kind === "value" && !types.has(typeOf(operand.value)))
      cursor.refuse(
        "Incorrect operand type for operator or function; " +
          `operator or function: ${operator}, operand type: ${typeOf(operand.value)}`,
      );
}

function checkDistinct(
  cursor: Cursor,
  operator: string,
  first: Operand,
  ...others: readonly Operand[]
): void {
  if (first.kind !== "path") return;
  const text = pathText(first.path);
  if (others.some((other) => other.kind === "path" && pathText(other.path) === text))
    cursor.refuse(
      "The first operand must be distinct from the remaining operands for this operator or function; " +
        `operator: ${operator}, first operand: ${text}`,
    );
}

function checkBounds(cursor: Cursor, low: AttributeValue, high: AttributeValue): void {
  const bounds = `lower bound operand: ${shown(low)}, upper bound operand: ${shown(high)}`;
  if (typeOf(low) !== typeOf(high))
    cursor.refuse(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
  else if ((compareValues(low, high) ?? 0) > 0)
    cursor.refuse(
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
    );
}

function shown(value: AttributeValue): string {
  const text = "S" in value ? value.S : "N" in value ? value.N : "B" in value ? base64(value.B) : "";
  return `AttributeValue: {${typeOf(value)}:${text}}`;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

function checkTypeName(cursor: Cursor, type: Operand): void {
  if (type.kind !== "value")
    cursor.refuse(
      "Incorrect operand type for operator or function; " +
        `operator or function: attribute_type, operand type: {${TYPES.join(",")}}`,
    );
  else if (!("S" in type.value)) checkTypes(cursor, "attribute_type", TEXT, type);
  else if (!TYPES.includes(type.value.S))
    cursor.refuse(
      `Invalid attribute type name found; type: ${type.value.S}, valid types: {${TYPES.join(",")}}`,
    );
}
