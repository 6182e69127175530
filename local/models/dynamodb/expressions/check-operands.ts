import { compareValues, typeOf } from "../compare-values.ts";
import { invalidExpression } from "../validation.ts";
import type { Condition, Operand } from "./condition.ts";
import { pathText } from "./document-path.ts";

const ORDERED: ReadonlySet<string> = new Set(["S", "N", "B"]);
const BEGINNABLE: ReadonlySet<string> = new Set(["S", "B"]);
const TYPES: ReadonlySet<string> = new Set(["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]);

/**
 * Checks what DynamoDB refuses in a single condition before it looks at an item: values of a type that the operator
 * has no use for, an attribute compared with itself, an upside-down BETWEEN.
 */
export function checkOperands<T extends Condition>(kind: string, condition: T): T {
  const refuse = (why: string): never => {
    throw invalidExpression(kind, why);
  };
  const allow = (operator: string, types: ReadonlySet<string>, ...operands: readonly Operand[]): void => {
    for (const operand of operands)
      if (operand.kind === "value" && !types.has(typeOf(operand.value)))
        refuse(
          "Incorrect operand type for operator or function; " +
            `operator or function: ${operator}, operand type: ${typeOf(operand.value)}`,
        );
  };
  const distinct = (operator: string, first: Operand, ...others: readonly Operand[]): void => {
    if (others.some((other) => isSamePath(first, other)))
      refuse(
        "The first operand must be distinct from the remaining operands for this operator or function; " +
          `operator: ${operator}`,
      );
  };

  switch (condition.kind) {
    case "compare": {
      const { by, left, right } = condition;
      if (by !== "=" && by !== "<>") allow(by, ORDERED, left, right);
      distinct(by, left, right);
      break;
    }
    case "between": {
      const { of, low, high } = condition;
      allow("BETWEEN", ORDERED, of, low, high);
      distinct("BETWEEN", of, low, high);
      if (low.kind === "value" && high.kind === "value" && (compareValues(low.value, high.value) ?? 1) > 0)
        refuse(
          "The BETWEEN operator requires upper bound to be greater than or equal to lower bound, and of its type",
        );
      break;
    }
    case "in":
      distinct("IN", condition.of, ...condition.among);
      break;
    case "begins_with":
      allow("begins_with", BEGINNABLE, condition.of, condition.prefix);
      distinct("begins_with", condition.of, condition.prefix);
      break;
    case "contains":
      distinct("contains", condition.of, condition.part);
      break;
    case "type": {
      const { type } = condition;
      if (type.kind === "value" && !("S" in type.value && TYPES.has(type.value.S)))
        refuse("Invalid attribute type name found; it must be one of the type descriptors, as a string");
      break;
    }
  }
  return condition;
}

const isSamePath = (a: Operand, b: Operand): boolean =>
  a.kind === "path" && b.kind === "path" && pathText(a.path) === pathText(b.path);
