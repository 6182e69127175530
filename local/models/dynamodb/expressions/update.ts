import type { AttributeValue } from "../attribute-value.ts";
import { typeOf } from "../compare-values.ts";
import { Cursor } from "./cursor.ts";
import { checkNoOverlap, type Path } from "./document-path.ts";
import type { Placeholders } from "./placeholders.ts";
import { type SetValue, setValue } from "./set-value.ts";

export type UpdateAction =
  | { readonly kind: "SET"; readonly path: Path; readonly to: SetValue }
  | { readonly kind: "REMOVE"; readonly path: Path }
  | { readonly kind: "ADD" | "DELETE"; readonly path: Path; readonly value: AttributeValue };

const KIND = "UpdateExpression";
const CLAUSES = ["SET", "REMOVE", "ADD", "DELETE"] as const;
const SETS: ReadonlySet<string> = new Set(["SS", "NS", "BS"]);
/** As the errors of ADD and DELETE call the types. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  BOOL: "BOOLEAN",
  NULL: "NULL",
  M: "MAP",
  L: "LIST",
};

/** Parses an UpdateExpression: each of the clauses SET, REMOVE, ADD, DELETE at most once. */
export function parseUpdate(expression: string, placeholders: Placeholders): UpdateAction[] {
  const cursor = new Cursor(KIND, expression, placeholders);
  const actions: UpdateAction[] = [];
  const seen = new Set<string>();
  let twice: string | undefined;
  do {
    const clause = CLAUSES.find((keyword) => cursor.takeKeyword(keyword));
    if (clause === undefined) throw cursor.syntaxError();
    if (seen.has(clause)) twice ??= clause;
    seen.add(clause);
    actions.push(...cursor.list(() => action(clause, cursor)));
  } while (cursor.peek().kind !== "end");
  cursor.expectEnd();
  if (twice !== undefined)
    throw cursor.invalid(`The "${twice}" section can only be used once in an update expression;`);
  checkNoOverlap(
    KIND,
    actions.map(({ path }) => path),
  );
  cursor.expectNoRefusal();
  return actions;
}

function action(clause: (typeof CLAUSES)[number], cursor: Cursor): UpdateAction {
  const path = cursor.path();
  cursor.countOperator();
  if (clause === "REMOVE") return { kind: clause, path };
  if (clause === "SET") {
    cursor.expectSymbol("=");
    return { kind: clause, path, to: setValue(cursor) };
  }
  const value = cursor.value();
  const type = typeOf(value);
  if (!SETS.has(type) && !(clause === "ADD" && type === "N"))
    cursor.refuse(
      `Incorrect operand type for operator or function; operator: ${clause}, ` +
        `operand type: ${TYPE_NAMES[type] ?? type}, typeSet: ALLOWED_FOR_${clause}_OPERAND`,
    );
  return { kind: clause, path, value };
}
