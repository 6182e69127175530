import { invalidExpression } from "../validation.ts";

export type Token = {
  readonly kind: "word" | "name" | "value" | "index" | "symbol" | "unknown" | "end";
  readonly text: string;
  /** Where it stands in the expression, half-open. */
  readonly start: number;
  readonly end: number;
};

/** "Expression parameters" in "Constraints in Amazon DynamoDB", Developer Guide. */
const MAX_BYTES = 4_096;
const TOKEN = /\s*(?:([A-Za-z]\w*)|(#\w+)|(:\w+)|(0|[1-9]\d*)|(<>|<=|>=|[=<>()[\].,+-])|(\S))/y;
const KINDS = ["word", "name", "value", "index", "symbol", "unknown"] as const;

/**
 * Splits an expression into words, `#names`, `:values`, list indexes and symbols; an end is the last. What no
 * expression has becomes a token too, so that the parser says where it stands.
 * @param kind - the parameter's name, for the error
 */
export function tokensOf(kind: string, expression: string): Token[] {
  if (expression.length === 0) throw invalidExpression(kind, "The expression can not be empty;");
  const bytes = expression.length > MAX_BYTES / 3 ? Buffer.byteLength(expression) : 0;
  if (bytes > MAX_BYTES)
    throw invalidExpression(
      kind,
      `Expression size has exceeded the maximum allowed size; expression size: ${bytes}`,
    );
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(expression); match !== null; match = TOKEN.exec(expression)) {
    const found = match.findIndex((group, i) => i > 0 && group !== undefined);
    const text = match[found] ?? "";
    tokens.push({
      kind: KINDS[found - 1] ?? "unknown",
      text,
      start: TOKEN.lastIndex - text.length,
      end: TOKEN.lastIndex,
    });
  }
  const { length } = expression;
  tokens.push({ kind: "end", text: "<EOF>", start: length, end: length });
  return tokens;
}
