import type { AttributeValue } from "../attribute-value.ts";
import { validation } from "../validation.ts";
import { type Comparator, type Condition, type Operand, parseCondition } from "./condition.ts";
import type { Placeholders } from "./placeholders.ts";

/** One condition of a KeyConditionExpression, its attribute on the left side. */
export type KeyTerm = {
  readonly attribute: string;
  readonly by: Exclude<Comparator, "<>"> | "BETWEEN" | "begins_with";
  /** Two for BETWEEN, one otherwise. */
  readonly values: readonly [AttributeValue, ...AttributeValue[]];
};

const MIRRORED = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

/** Parses a KeyConditionExpression: conditions of attributes and values, joined by AND, one for each attribute. */
export function parseKeyCondition(expression: string, placeholders: Placeholders): KeyTerm[] {
  const terms = conjuncts(parseCondition("KeyConditionExpression", expression, placeholders)).map(termOf);
  if (new Set(terms.map(({ attribute }) => attribute)).size !== terms.length)
    throw validation("KeyConditionExpressions must only contain one condition per key");
  return terms;
}

function conjuncts(condition: Condition): Condition[] {
  return condition.kind === "and"
    ? [...conjuncts(condition.left), ...conjuncts(condition.right)]
    : [condition];
}

function termOf(condition: Condition): KeyTerm {
  switch (condition.kind) {
    case "compare": {
      const { by, left, right } = condition;
      if (by === "<>") throw invalidOperator(by);
      const attribute = attributeAmong(left, right);
      return left.kind === "path"
        ? { attribute, by, values: [constant(right)] }
        : { attribute, by: MIRRORED[by], values: [constant(left)] };
    }
    case "between": {
      const { of, low, high } = condition;
      const attribute = attributeFirst("BETWEEN", of, low, high);
      return { attribute, by: "BETWEEN", values: [constant(low), constant(high)] };
    }
    case "begins_with": {
      const { of, prefix } = condition;
      return {
        attribute: attributeFirst("begins_with", of, prefix),
        by: "begins_with",
        values: [constant(prefix)],
      };
    }
    case "exists":
      throw invalidOperator(condition.wanted ? "attribute_exists" : "attribute_not_exists");
    case "type":
      throw invalidOperator("attribute_type");
    case "contains":
      throw invalidOperator("contains");
    default:
      throw invalidOperator(condition.kind.toUpperCase());
  }
}

function attributeFirst(operator: string, first: Operand, ...others: readonly Operand[]): string {
  if (first.kind === "value")
    throw validation(
      `Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`,
    );
  return attributeAmong(first, ...others);
}

function attributeAmong(...operands: readonly Operand[]): string {
  if (operands.some(({ kind }) => kind === "size"))
    throw validation("KeyConditionExpressions cannot contain nested operations");
  const paths = operands.flatMap((operand) => (operand.kind === "path" ? [operand.path] : []));
  const [path] = paths;
  if (path === undefined)
    throw validation("Invalid condition in KeyConditionExpression: No key attribute specified");
  if (paths.length > 1)
    throw validation(
      "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
    );
  if (path.length > 1)
    throw validation("KeyConditionExpressions cannot have conditions on nested attributes");
  return String(path[0]);
}

function constant(operand: Operand): AttributeValue {
  if (operand.kind === "value") return operand.value;
  throw validation("Invalid condition in KeyConditionExpression: No key attribute specified");
}

const invalidOperator = (operator: string): Error =>
  validation(`Invalid operator used in KeyConditionExpression: ${operator}`);
