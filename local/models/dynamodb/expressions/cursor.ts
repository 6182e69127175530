import { invalidExpression } from "../validation.ts";
import type { Path } from "./document-path.ts";
import type { Placeholders } from "./placeholders.ts";
import { RESERVED_WORDS } from "./reserved-words.ts";
import { type Token, tokensOf } from "./tokens.ts";

const END: Token = { kind: "end", text: "<EOF>" };

/** Reads the tokens of one expression from left to right: what all the grammars share. */
export class Cursor {
  readonly kind: string;
  readonly placeholders: Placeholders;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** The tokens of the group that was read last, half-open. */
  #group = { start: -1, end: -1 };

  /** @param kind - the request parameter that holds the expression, for errors */
  constructor(kind: string, expression: string, placeholders: Placeholders) {
    this.kind = kind;
    this.placeholders = placeholders;
    this.#tokens = tokensOf(kind, expression);
  }

  /** The token `ahead` of the next one. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Whether the next token is this keyword (in any case); it is passed then. */
  takeKeyword(keyword: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== "word" || text.toUpperCase() !== keyword) return false;
    this.#at += 1;
    return true;
  }

  /** Whether the next token is this symbol; it is passed then. */
  takeSymbol(symbol: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== "symbol" || text !== symbol) return false;
    this.#at += 1;
    return true;
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.peek().kind !== "end") throw this.syntaxError();
  }

  /** `name`, `#name`, `a.b[2].#c`. */
  path(): Path {
    const steps: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.takeSymbol(".")) steps.push(this.#name());
      else if (this.takeSymbol("[")) {
        const { kind, text } = this.next();
        if (kind !== "index") throw this.syntaxError();
        steps.push(Number(text));
        this.expectSymbol("]");
      } else return steps;
    }
  }

  /** `( inner )`; DynamoDB refuses parentheses around nothing but parentheses. */
  group<T>(inner: () => T): T {
    const start = this.#at;
    this.expectSymbol("(");
    const value = inner();
    this.expectSymbol(")");
    if (this.#group.start === start + 1 && this.#group.end === this.#at - 1)
      throw invalidExpression(this.kind, "The expression has redundant parentheses;");
    this.#group = { start, end: this.#at };
    return value;
  }

  /** `item (, item)*` */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.takeSymbol(",")) items.push(item());
    return items;
  }

  syntaxError(): Error {
    const near = this.#tokens
      .slice(Math.max(0, this.#at - 1), this.#at + 2)
      .flatMap(({ kind, text }) => (kind === "end" ? [] : [text]));
    return invalidExpression(
      this.kind,
      `Syntax error; token: "${this.peek().text}", near: "${near.join(" ")}"`,
    );
  }

  #name(): string {
    const { kind, text } = this.peek();
    if (kind !== "word" && kind !== "name") throw this.syntaxError();
    this.#at += 1;
    if (kind === "name") return this.placeholders.name(this.kind, text);
    if (RESERVED_WORDS.has(text.toUpperCase()))
      throw invalidExpression(this.kind, `Attribute name is a reserved keyword; reserved keyword: ${text}`);
    return text;
  }
}
