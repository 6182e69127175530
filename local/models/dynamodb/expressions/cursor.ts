import type { AttributeValue } from "../attribute-value.ts";
import { invalidExpression } from "../validation.ts";
import type { Path } from "./document-path.ts";
import type { Placeholders } from "./placeholders.ts";
import { RESERVED_WORDS } from "./reserved-words.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** "Expression parameters" in "Constraints in Amazon DynamoDB", Developer Guide. */
const MAX_OPERATORS = 300;
const MAX_LIST_INDEX = 2 ** 31 - 1;
const NO_VALUE: AttributeValue = { NULL: true };
/** Of all the grammars: none of them takes these for names. */
const KEYWORDS: ReadonlySet<string> = new Set([
  "AND",
  "OR",
  "NOT",
  "BETWEEN",
  "IN",
  "SET",
  "REMOVE",
  "ADD",
  "DELETE",
]);

/**
 * Reads the tokens of one expression from left to right: what all the grammars share. As in DynamoDB, syntax comes
 * first: its errors are thrown at once. What is wrong with a well-formed expression is kept until its end: the first
 * word that was misused, then the first operand that was refused.
 */
export class Cursor {
  /** The request parameter that holds the expression. */
  readonly kind: string;
  readonly #expression: string;
  readonly #placeholders: Placeholders;
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #at = 0;
  #operators = 0;
  #misuse: string | undefined;
  #refusal: string | undefined;
  /** The tokens of the group that was read last, half-open. */
  #group = { start: -1, end: -1 };

  constructor(kind: string, expression: string, placeholders: Placeholders) {
    this.kind = kind;
    this.#expression = expression;
    this.#placeholders = placeholders;
    this.#tokens = tokensOf(kind, expression);
    this.#end = this.#tokens.at(-1) ?? { kind: "end", text: "", start: 0, end: 0 };
  }

  /** The token `ahead` of the next one. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#end;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Whether a call comes next: a name with a parenthesis behind it. */
  isCall(): boolean {
    const { kind, text } = this.peek();
    return kind === "word" && this.peek(1).text === "(" && !KEYWORDS.has(text.toUpperCase());
  }

  isKeyword(keyword: string): boolean {
    const { kind, text } = this.peek();
    return kind === "word" && text.toUpperCase() === keyword;
  }

  /** Whether the next token is this keyword (in any case); it is passed then. */
  takeKeyword(keyword: string): boolean {
    const isNext = this.isKeyword(keyword);
    if (isNext) this.#at += 1;
    return isNext;
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

  /** Throws where anything follows, or where a word was misused. */
  expectEnd(): void {
    if (this.peek().kind !== "end") throw this.syntaxError();
    if (this.#misuse !== undefined) throw this.invalid(this.#misuse);
  }

  /** Throws where something was refused that an operator or a path is made of. */
  expectNoRefusal(): void {
    if (this.#refusal !== undefined) throw this.invalid(this.#refusal);
  }

  /** Notes a name, a function or an index that cannot stand there; the first one counts. */
  misuse(why: string): void {
    this.#misuse ??= why;
  }

  /** Refuses an operand or an operator; the first refusal counts. */
  refuse(why: string): void {
    this.#refusal ??= why;
  }

  /** The error that the expression is not valid. */
  invalid(why: string): Error {
    return invalidExpression(this.kind, why);
  }

  /** Notes an operator or function: DynamoDB takes so many in one expression. */
  countOperator(): void {
    this.#operators += 1;
    if (this.#operators > MAX_OPERATORS)
      this.refuse(`The expression contains too many operators; operator count: ${this.#operators}`);
  }

  /** `name`, `#name`, `a.b[2].#c`. */
  path(): Path {
    const steps: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.takeSymbol(".")) steps.push(this.#name());
      else if (this.takeSymbol("[")) {
        steps.push(this.#index());
        this.expectSymbol("]");
      } else return steps;
    }
  }

  /** `:value`. */
  value(): AttributeValue {
    const { kind, text } = this.peek();
    if (kind !== "value") throw this.syntaxError();
    this.#at += 1;
    const value = this.#placeholders.value(text);
    if (value === undefined)
      this.refuse(
        `An expression attribute value used in expression is not defined; attribute value: ${text}`,
      );
    return value ?? NO_VALUE;
  }

  /** `( inner )`; DynamoDB refuses parentheses around nothing but parentheses. */
  group<T>(inner: () => T): T {
    const start = this.#at;
    this.expectSymbol("(");
    const value = inner();
    this.expectSymbol(")");
    if (this.#group.start === start + 1 && this.#group.end === this.#at - 1)
      throw this.invalid("The expression has redundant parentheses;");
    this.#group = { start, end: this.#at };
    return value;
  }

  /** `item (, item)*` */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.takeSymbol(",")) items.push(item());
    return items;
  }

  /** The error that the next token is not what the grammar has there. */
  syntaxError(): Error {
    const token = this.peek();
    const before = this.#tokens[this.#at - 1];
    const after = this.peek(1);
    const near =
      token.kind === "end" && before === undefined
        ? this.#expression
        : this.#expression.slice((before ?? token).start, (after.kind === "end" ? token : after).end).trim();
    return this.invalid(`Syntax error; token: "${token.text}", near: "${near}"`);
  }

  #name(): string {
    const { kind, text } = this.peek();
    if (kind !== "name" && (kind !== "word" || KEYWORDS.has(text.toUpperCase()))) throw this.syntaxError();
    this.#at += 1;
    if (kind === "word") {
      if (RESERVED_WORDS.has(text.toUpperCase()))
        this.misuse(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
      return text;
    }
    const name = this.#placeholders.name(text);
    if (name === undefined)
      this.refuse(
        `An expression attribute name used in the document path is not defined; attribute name: ${text}`,
      );
    return name ?? text;
  }

  #index(): number {
    const { kind, text } = this.peek();
    if (kind !== "index") throw this.syntaxError();
    this.#at += 1;
    const index = Number(text);
    if (index > MAX_LIST_INDEX) this.misuse(`List index is not within the allowable range; index: [${text}]`);
    return index;
  }
}
