import type { AttributeValue } from "../attribute-value.ts";
import { invalidExpression } from "../validation.ts";
import { Cursor } from "./cursor.ts";
import { checkNoOverlap, type Path } from "./document-path.ts";
import type { Placeholders } from "./placeholders.ts";

/** The right side of a SET. */
export type SetValue =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "if_not_exists"; readonly path: Path; readonly otherwise: SetValue }
  | { readonly kind: "list_append"; readonly left: SetValue; readonly right: SetValue }
  | { readonly kind: "sum"; readonly sign: 1 | -1; readonly left: SetValue; readonly right: SetValue };

export type UpdateAction =
  | { readonly kind: "SET"; readonly path: Path; readonly to: SetValue }
  | { readonly kind: "REMOVE"; readonly path: Path }
  | { readonly kind: "ADD" | "DELETE"; readonly path: Path; readonly value: AttributeValue };

const KIND = "UpdateExpression";
const CLAUSES = ["SET", "REMOVE", "ADD", "DELETE"] as const;

/** Parses an UpdateExpression: each of the clauses SET, REMOVE, ADD, DELETE at most once. */
export function parseUpdate(expression: string, placeholders: Placeholders): UpdateAction[] {
  const cursor = new Cursor(KIND, expression, placeholders);
  const actions: UpdateAction[] = [];
  const seen = new Set<string>();
  while (cursor.peek().kind !== "end") {
    const clause = CLAUSES.find((keyword) => cursor.takeKeyword(keyword));
    if (clause === undefined) throw cursor.syntaxError();
    if (seen.has(clause))
      throw invalidExpression(KIND, `The "${clause}" section can only be used once in an update expression;`);
    seen.add(clause);
    actions.push(...cursor.list(() => action(clause, cursor)));
  }
  checkNoOverlap(
    KIND,
    actions.map(({ path }) => path),
  );
  return actions;
}

function action(clause: (typeof CLAUSES)[number], cursor: Cursor): UpdateAction {
  const path = cursor.path();
  if (clause === "REMOVE") return { kind: clause, path };
  if (clause === "SET") {
    cursor.expectSymbol("=");
    return { kind: clause, path, to: sum(cursor) };
  }
  const { kind, text } = cursor.next();
  if (kind !== "value") throw cursor.syntaxError();
  return { kind: clause, path, value: cursor.placeholders.value(KIND, text) };
}

function sum(cursor: Cursor): SetValue {
  if (cursor.takeSymbol("(")) {
    const inner = sum(cursor);
    cursor.expectSymbol(")");
    return inner;
  }
  const left = operand(cursor);
  const sign = cursor.takeSymbol("+") ? 1 : cursor.takeSymbol("-") ? -1 : undefined;
  return sign === undefined ? left : { kind: "sum", sign, left, right: operand(cursor) };
}

function operand(cursor: Cursor): SetValue {
  const { kind, text } = cursor.peek();
  if (kind === "value") {
    cursor.next();
    return { kind: "value", value: cursor.placeholders.value(KIND, text) };
  }
  if (kind !== "word" || cursor.peek(1).text !== "(") return { kind: "path", path: cursor.path() };
  cursor.next();
  cursor.expectSymbol("(");
  const value = call(text, cursor);
  cursor.expectSymbol(")");
  return value;
}

function call(name: string, cursor: Cursor): SetValue {
  if (name === "if_not_exists") {
    const path = cursor.path();
    cursor.expectSymbol(",");
    return { kind: name, path, otherwise: operand(cursor) };
  }
  if (name === "list_append") {
    const left = operand(cursor);
    cursor.expectSymbol(",");
    return { kind: name, left, right: operand(cursor) };
  }
  throw invalidExpression(KIND, `Invalid function name; function: ${name}`);
}
