import type { AttributeValue } from "../attribute-value.ts";
import { typeOf } from "../compare-values.ts";
import type { Cursor } from "./cursor.ts";
import type { Path } from "./document-path.ts";

/** The right side of a SET. */
export type SetValue =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "if_not_exists"; readonly path: Path; readonly otherwise: SetValue }
  | { readonly kind: "list_append"; readonly left: SetValue; readonly right: SetValue }
  | { readonly kind: "sum"; readonly sign: 1 | -1; readonly left: SetValue; readonly right: SetValue };

/** Functions of conditions, which an update has no use for. */
const OF_CONDITIONS: ReadonlySet<string> = new Set([
  "attribute_exists",
  "attribute_not_exists",
  "attribute_type",
  "begins_with",
  "contains",
  "size",
]);

/** Reads `operand`, `operand + operand` or `operand - operand`, in parentheses or not. */
export function setValue(cursor: Cursor): SetValue {
  const left = cursor.peek().text === "(" ? cursor.group(() => setValue(cursor)) : operand(cursor);
  // A sum in parentheses is no operand of another one.
  const operator = left.kind === "sum" ? undefined : ["+", "-"].find((symbol) => cursor.takeSymbol(symbol));
  if (operator === undefined) return left;
  cursor.countOperator();
  const right = operand(cursor);
  checkNesting(cursor, [left, right]);
  checkType(cursor, operator, "N", left, right);
  return { kind: "sum", sign: operator === "+" ? 1 : -1, left, right };
}

function operand(cursor: Cursor): SetValue {
  const { kind, text } = cursor.peek();
  if (text === "(") return cursor.group(() => operand(cursor));
  if (kind === "value") return { kind: "value", value: cursor.value() };
  if (cursor.isCall()) return call(text, cursor);
  return { kind: "path", path: cursor.path() };
}

function call(name: string, cursor: Cursor): SetValue {
  cursor.next();
  cursor.expectSymbol("(");
  const operands = cursor.list(() => operand(cursor));
  cursor.expectSymbol(")");
  cursor.countOperator();
  const [left, right = left] = operands;
  if (left === undefined || right === undefined) throw cursor.syntaxError();
  if (name !== "if_not_exists" && name !== "list_append")
    cursor.misuse(
      OF_CONDITIONS.has(name)
        ? `The function is not allowed in an update expression; function: ${name}`
        : `Invalid function name; function: ${name}`,
    );
  else if (operands.length !== 2)
    cursor.refuse(
      "Incorrect number of operands for operator or function; " +
        `operator or function: ${name}, number of operands: ${operands.length}`,
    );
  checkNesting(cursor, operands);
  if (name !== "if_not_exists") {
    checkType(cursor, name, "L", left, right);
    return { kind: "list_append", left, right };
  }
  if (left.kind !== "path")
    cursor.refuse(`Operator or function requires a document path; operator or function: ${name}`);
  return { kind: "if_not_exists", path: left.kind === "path" ? left.path : [], otherwise: right };
}

/** A list that was appended to is no operand of anything. */
function checkNesting(cursor: Cursor, operands: readonly SetValue[]): void {
  if (operands.some(({ kind }) => kind === "list_append"))
    cursor.misuse("The function is not allowed to be used this way in an expression; function: list_append");
}

/** Refuses values of another type; what lies at a path is looked at when the update is done. */
function checkType(
  cursor: Cursor,
  operator: string,
  type: "N" | "L",
  ...operands: readonly SetValue[]
): void {
  for (const one of operands)
    if (one.kind === "value" && typeOf(one.value) !== type)
      cursor.refuse(
        "Incorrect operand type for operator or function; " +
          `operator or function: ${operator}, operand type: ${typeOf(one.value)}`,
      );
}
