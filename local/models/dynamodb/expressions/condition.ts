import type { AttributeValue } from "../attribute-value.ts";
import { invalidExpression } from "../validation.ts";
import { checkOperands } from "./check-operands.ts";
import { Cursor } from "./cursor.ts";
import type { Path } from "./document-path.ts";
import type { Placeholders } from "./placeholders.ts";

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type Operand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "size"; readonly of: Operand };

/** A parsed condition; names and values are already those of the request. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly of: Condition }
  | {
      readonly kind: "compare";
      readonly by: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: "between"; readonly of: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: "in"; readonly of: Operand; readonly among: readonly Operand[] }
  | { readonly kind: "exists"; readonly path: Path; readonly wanted: boolean }
  | { readonly kind: "type"; readonly path: Path; readonly type: Operand }
  | { readonly kind: "begins_with"; readonly of: Operand; readonly prefix: Operand }
  | { readonly kind: "contains"; readonly of: Operand; readonly part: Operand };

const COMPARATORS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);
const FUNCTIONS: ReadonlySet<string> = new Set([
  "attribute_exists",
  "attribute_not_exists",
  "attribute_type",
  "begins_with",
  "contains",
]);

/**
 * Parses a condition, filter or key condition: OR of ANDs of NOTs of comparisons, BETWEEN, IN, functions and
 * parentheses.
 * @param kind - the request parameter, for errors
 */
export function parseCondition(kind: string, expression: string, placeholders: Placeholders): Condition {
  const cursor = new Cursor(kind, expression, placeholders);
  const condition = disjunction(cursor);
  cursor.expectEnd();
  return condition;
}

function disjunction(cursor: Cursor): Condition {
  let left = conjunction(cursor);
  while (cursor.takeKeyword("OR")) left = { kind: "or", left, right: conjunction(cursor) };
  return left;
}

function conjunction(cursor: Cursor): Condition {
  let left = negation(cursor);
  while (cursor.takeKeyword("AND")) left = { kind: "and", left, right: negation(cursor) };
  return left;
}

function negation(cursor: Cursor): Condition {
  if (cursor.takeKeyword("NOT")) return { kind: "not", of: negation(cursor) };
  if (cursor.peek().text === "(") return cursor.group(() => disjunction(cursor));
  const { kind, text } = cursor.peek();
  const isCall = kind === "word" && cursor.peek(1).text === "(";
  if (isCall && text !== "size") {
    if (FUNCTIONS.has(text)) return checkOperands(cursor.kind, call(cursor));
    throw invalidExpression(cursor.kind, `Invalid function name; function: ${text}`);
  }
  return checkOperands(cursor.kind, comparison(cursor));
}

function call(cursor: Cursor): Condition {
  const name = cursor.next().text;
  cursor.expectSymbol("(");
  const condition = callOf(name, cursor);
  cursor.expectSymbol(")");
  return condition;
}

function callOf(name: string, cursor: Cursor): Condition {
  if (name === "attribute_exists" || name === "attribute_not_exists")
    return { kind: "exists", path: cursor.path(), wanted: name === "attribute_exists" };
  if (name === "attribute_type") {
    const path = cursor.path();
    cursor.expectSymbol(",");
    return { kind: "type", path, type: operand(cursor) };
  }
  const of = operand(cursor);
  cursor.expectSymbol(",");
  const other = operand(cursor);
  return name === "contains"
    ? { kind: "contains", of, part: other }
    : { kind: "begins_with", of, prefix: other };
}

function comparison(cursor: Cursor): Condition {
  const left = operand(cursor);
  if (cursor.takeKeyword("BETWEEN")) {
    const low = operand(cursor);
    if (!cursor.takeKeyword("AND")) throw cursor.syntaxError();
    return { kind: "between", of: left, low, high: operand(cursor) };
  }
  if (cursor.takeKeyword("IN")) {
    cursor.expectSymbol("(");
    const among = cursor.list(() => operand(cursor));
    cursor.expectSymbol(")");
    return { kind: "in", of: left, among };
  }
  const { text } = cursor.peek();
  if (!isComparator(text)) throw cursor.syntaxError();
  cursor.next();
  return { kind: "compare", by: text, left, right: operand(cursor) };
}

function operand(cursor: Cursor): Operand {
  const { kind, text } = cursor.peek();
  if (kind === "value") {
    cursor.next();
    return { kind: "value", value: cursor.placeholders.value(cursor.kind, text) };
  }
  if (kind === "word" && text === "size" && cursor.peek(1).text === "(") {
    cursor.next();
    cursor.expectSymbol("(");
    const of = operand(cursor);
    cursor.expectSymbol(")");
    return { kind: "size", of };
  }
  return { kind: "path", path: cursor.path() };
}

const isComparator = (text: string): text is Comparator => COMPARATORS.has(text);
