import type { AttributeValue } from "../attribute-value.ts";
import type { Condition, Operand } from "./condition.ts";

/** What a `:value` stands for. */
export type GivenValue = (placeholder: string) => AttributeValue;

/** A condition with other values; what has none is shared, not copied. */
export function boundCondition(condition: Condition, given: GivenValue): Condition {
  const bound = (operand: Operand): Operand => boundOperand(operand, given);
  switch (condition.kind) {
    case "and":
    case "or": {
      const { kind, left, right } = condition;
      return { kind, left: boundCondition(left, given), right: boundCondition(right, given) };
    }
    case "not":
      return { kind: "not", of: boundCondition(condition.of, given) };
    case "compare": {
      const { by, left, right } = condition;
      return { kind: "compare", by, left: bound(left), right: bound(right) };
    }
    case "between": {
      const { of, low, high } = condition;
      return { kind: "between", of: bound(of), low: bound(low), high: bound(high) };
    }
    case "in":
      return { kind: "in", of: bound(condition.of), among: condition.among.map(bound) };
    case "exists":
      return condition;
    case "type":
      return { kind: "type", of: bound(condition.of), type: bound(condition.type) };
    case "begins_with":
      return { kind: "begins_with", of: bound(condition.of), prefix: bound(condition.prefix) };
    case "contains":
      return { kind: "contains", of: bound(condition.of), part: bound(condition.part) };
  }
}

function boundOperand(operand: Operand, given: GivenValue): Operand {
  if (operand.kind === "path") return operand;
  if (operand.kind === "size") return { kind: "size", of: boundOperand(operand.of, given) };
  const { placeholder } = operand;
  return { kind: "value", placeholder, value: given(placeholder) };
}

/** Whether a condition was looked at by its values, and not by their types alone: another value may be refused there. */
export function isCheckedByValue(condition: Condition): boolean {
  switch (condition.kind) {
    case "and":
    case "or":
      return isCheckedByValue(condition.left) || isCheckedByValue(condition.right);
    case "not":
      return isCheckedByValue(condition.of);
    case "between":
      // an upside-down one is refused
      return condition.low.kind === "value" && condition.high.kind === "value";
    case "type":
      // the name of a type that there is not is refused
      return true;
    default:
      return false;
  }
}
