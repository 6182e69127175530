import { typeOf } from "../compare-values.ts";
import { checkOperands } from "./check-operands.ts";
import type { Condition, Operand, Term } from "./condition.ts";
import type { Cursor } from "./cursor.ts";

const OPERANDS: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};
const SIZED: ReadonlySet<string> = new Set(["S", "B", "M", "L", "SS", "NS", "BS"]);

/** Reads a call in a condition, from its name; `operand` reads one of its operands. */
export function functionCall(cursor: Cursor, operand: (cursor: Cursor) => Operand): Term {
  const name = cursor.next().text;
  cursor.expectSymbol("(");
  const operands = cursor.list(() => operand(cursor));
  cursor.expectSymbol(")");
  cursor.countOperator();
  const [first, second] = operands;
  const wanted = Object.hasOwn(OPERANDS, name) ? OPERANDS[name] : undefined;
  if (wanted === undefined) cursor.misuse(`Invalid function name; function: ${name}`);
  else if (wanted !== operands.length)
    cursor.refuse(
      "Incorrect number of operands for operator or function; " +
        `operator or function: ${name}, number of operands: ${operands.length}`,
    );
  if (first === undefined) throw cursor.syntaxError();
  // What nobody knows may be meant for either: it is refused as what it is.
  if (name === "size" || wanted === undefined) return { is: "operand", operand: sizeOf(cursor, first) };
  const condition = conditionOf(cursor, name, first, second ?? first);
  if (wanted === operands.length) checkOperands(cursor, condition);
  return { is: "condition", condition };
}

function sizeOf(cursor: Cursor, of: Operand): Operand {
  const type = of.kind === "value" ? typeOf(of.value) : of.kind === "size" ? "N" : "S";
  if (!SIZED.has(type))
    cursor.refuse(
      `Incorrect operand type for operator or function; operator or function: size, operand type: ${type}`,
    );
  return { kind: "size", of };
}

function conditionOf(cursor: Cursor, name: string, of: Operand, other: Operand): Condition {
  switch (name) {
    case "attribute_type":
      return { kind: "type", of, type: other };
    case "begins_with":
      return { kind: "begins_with", of, prefix: other };
    case "contains":
      return { kind: "contains", of, part: other };
  }
  if (of.kind !== "path")
    cursor.refuse(`Operator or function requires a document path; operator or function: ${name}`);
  return { kind: "exists", path: of.kind === "path" ? of.path : [], wanted: name !== "attribute_not_exists" };
}
