import { invalidExpression } from "../validation.ts";

export type Token = {
  readonly kind: "word" | "name" | "value" | "index" | "symbol" | "end";
  readonly text: string;
};

const TOKEN = /\s*(?:([A-Za-z]\w*)|(#\w+)|(:\w+)|(\d+)|(<>|<=|>=|[=<>()[\].,+-]))/y;
const KINDS = ["word", "name", "value", "index", "symbol"] as const;
const END: Token = { kind: "end", text: "<EOF>" };

/**
 * Splits an expression into words, `#names`, `:values`, list indexes and symbols.
 * @param kind - the parameter's name, for the error
 */
export function tokensOf(kind: string, expression: string): Token[] {
  const tokens: Token[] = [];
  const text = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw invalidExpression(kind, `Syntax error; token: "${text.slice(at).trim()[0]}"`);
    const found = match.slice(1).findIndex((group) => group !== undefined);
    tokens.push({ kind: KINDS[found] ?? "symbol", text: match[found + 1] ?? "" });
  }
  if (tokens.length === 0) throw invalidExpression(kind, "The expression can not be empty;");
  tokens.push(END);
  return tokens;
}
