import type { AttributeValue } from "../attribute-value.ts";
import { checkOperands } from "./check-operands.ts";
import { functionCall } from "./condition-function.ts";
import { Cursor } from "./cursor.ts";
import type { Path } from "./document-path.ts";
import type { Placeholders } from "./placeholders.ts";

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type Operand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly placeholder: string; readonly value: AttributeValue }
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
  | { readonly kind: "type"; readonly of: Operand; readonly type: Operand }
  | { readonly kind: "begins_with"; readonly of: Operand; readonly prefix: Operand }
  | { readonly kind: "contains"; readonly of: Operand; readonly part: Operand };

/** What may stand in parentheses: a condition, or an operand alone. */
export type Term =
  | { readonly is: "condition"; readonly condition: Condition }
  | { readonly is: "operand"; readonly operand: Operand };

const COMPARATORS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);

/**
 * Parses a condition, filter or key condition: OR of ANDs of NOTs of comparisons, BETWEEN, IN, functions and
 * parentheses.
 * @param kind - the request parameter, for errors
 */
export function parseCondition(kind: string, expression: string, placeholders: Placeholders): Condition {
  const cursor = new Cursor(kind, expression, placeholders);
  const condition = conditionOf(cursor, disjunction(cursor));
  cursor.expectEnd();
  cursor.expectNoRefusal();
  return condition;
}

function disjunction(cursor: Cursor): Term {
  let left = conjunction(cursor);
  while (cursor.isKeyword("OR")) left = joined("or", left, cursor, conjunction);
  return left;
}

function conjunction(cursor: Cursor): Term {
  let left = negation(cursor);
  while (cursor.isKeyword("AND")) left = joined("and", left, cursor, negation);
  return left;
}

function joined(kind: "and" | "or", term: Term, cursor: Cursor, right: (cursor: Cursor) => Term): Term {
  const left = conditionOf(cursor, term);
  cursor.next();
  cursor.countOperator();
  return { is: "condition", condition: { kind, left, right: conditionOf(cursor, right(cursor)) } };
}

function negation(cursor: Cursor): Term {
  if (!cursor.takeKeyword("NOT")) return comparison(cursor);
  cursor.countOperator();
  return { is: "condition", condition: { kind: "not", of: conditionOf(cursor, negation(cursor)) } };
}

function comparison(cursor: Cursor): Term {
  const term = primary(cursor);
  const { text } = cursor.peek();
  const isComparison = isComparator(text) || cursor.isKeyword("BETWEEN") || cursor.isKeyword("IN");
  if (!isComparison) return term;
  const left = operandOf(cursor, term);
  cursor.next();
  cursor.countOperator();
  const condition = isComparator(text)
    ? ({ kind: "compare", by: text, left, right: operand(cursor) } as const)
    : text.toUpperCase() === "IN"
      ? among(cursor, left)
      : between(cursor, left);
  checkOperands(cursor, condition);
  return { is: "condition", condition };
}

function between(cursor: Cursor, of: Operand): Condition {
  const low = operand(cursor);
  if (!cursor.takeKeyword("AND")) throw cursor.syntaxError();
  return { kind: "between", of, low, high: operand(cursor) };
}

function among(cursor: Cursor, of: Operand): Condition {
  cursor.expectSymbol("(");
  const list = cursor.list(() => operand(cursor));
  cursor.expectSymbol(")");
  return { kind: "in", of, among: list };
}

const operand = (cursor: Cursor): Operand => operandOf(cursor, primary(cursor));

function primary(cursor: Cursor): Term {
  const { kind, text } = cursor.peek();
  if (kind === "value") return { is: "operand", operand: { kind, placeholder: text, value: cursor.value() } };
  if (text === "(") return cursor.group(() => disjunction(cursor));
  if (cursor.isCall()) return functionCall(cursor, operand);
  return { is: "operand", operand: { kind: "path", path: cursor.path() } };
}

/** The condition that a term is; where it is an operand, a comparison was expected. */
function conditionOf(cursor: Cursor, term: Term): Condition {
  if (term.is === "condition") return term.condition;
  if (term.operand.kind !== "size") throw cursor.syntaxError();
  cursor.misuse("The function is not allowed to be used this way in an expression; function: size");
  return { kind: "not", of: { kind: "in", of: term.operand, among: [] } };
}

function operandOf(cursor: Cursor, term: Term): Operand {
  if (term.is === "operand") return term.operand;
  throw cursor.syntaxError();
}

const isComparator = (text: string): text is Comparator => COMPARATORS.has(text);
