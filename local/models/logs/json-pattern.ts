import { ServiceError } from "../service-error.ts";
import type { Matches } from "./filter-pattern.ts";

type Test = (root: unknown) => boolean;

const TOKEN =
  /\s*(?:(\$(?:\.[A-Za-z0-9_-]+|\[\d+\]|\["[^"]+"\])+)|(&&|\|\||!=|>=|<=|[=<>()])|"((?:[^"\\]|\\.)*)"|([^\s"()=<>!&|]+))/y;

/**
 * `{ $.a.b = "text*" && ($.n > 5 || $.x NOT EXISTS) }`: comparisons of members with texts (* stands for anything),
 * numbers, TRUE, FALSE, NULL. A message that is no JSON matches nothing.
 */
export function jsonPattern(pattern: string): Matches {
  const test = new Parser(pattern).parse();
  return (message) => {
    try {
      return test(JSON.parse(message));
    } catch {
      // no JSON
      return false;
    }
  };
}

type Token = { readonly kind: "path" | "sign" | "text" | "word"; readonly text: string };

class Parser {
  readonly #pattern: string;
  readonly #tokens: Token[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#tokens = this.#tokensOf(pattern.endsWith("}") ? pattern.slice(1, -1).trim() : this.#refuse());
  }

  parse(): Test {
    const test = this.#or();
    return this.#at === this.#tokens.length ? test : this.#refuse();
  }

  #or(): Test {
    const first = this.#and();
    if (!this.#takes("||")) return first;
    const second = this.#or();
    return (root) => first(root) || second(root);
  }

  #and(): Test {
    const first = this.#one();
    if (!this.#takes("&&")) return first;
    const second = this.#and();
    return (root) => first(root) && second(root);
  }

  #one(): Test {
    if (this.#takes("(")) {
      const inner = this.#or();
      return this.#takes(")") ? inner : this.#refuse();
    }
    const path = this.#next("path");
    const read = reader(path.text);
    const sign = this.#next();
    if (sign.kind === "word") return this.#named(read, sign.text);
    const value = this.#next();
    return comparison(read, sign.text, value) ?? this.#refuse();
  }

  /** `IS TRUE`, `NOT EXISTS` … */
  #named(read: (root: unknown) => unknown, first: string): Test {
    const name = `${first} ${this.#next("word").text}`.toUpperCase();
    const tests: Readonly<Record<string, Test>> = {
      "IS TRUE": (root) => read(root) === true,
      "IS FALSE": (root) => read(root) === false,
      "IS NULL": (root) => read(root) === null,
      "NOT EXISTS": (root) => read(root) === undefined,
    };
    return tests[name] ?? this.#refuse();
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #next(kind?: Token["kind"]): Token {
    const token = this.#tokens[this.#at++];
    return token === undefined || (kind !== undefined && token.kind !== kind) ? this.#refuse() : token;
  }

  #tokensOf(text: string): Token[] {
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const [, path, sign, quoted, word] = TOKEN.exec(text) ?? [];
      if (path !== undefined) tokens.push({ kind: "path", text: path });
      else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
      else if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.replaceAll(/\\(.)/g, "$1") });
      else tokens.push(word === undefined ? this.#refuse() : { kind: "word", text: word });
    }
    return tokens;
  }

  #refuse(): never {
    throw new ServiceError("InvalidParameterException", `Invalid filter pattern: ${this.#pattern}`);
  }
}

function reader(path: string): (root: unknown) => unknown {
  const steps = [...path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]|\["([^"]+)"\]/g)].map(
    ([, name, index, quoted]) => name ?? quoted ?? Number(index),
  );
  return (root) =>
    steps.reduce<unknown>(
      (value, step) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, step)
          ? Reflect.get(value, step)
          : undefined,
      root,
    );
}

function comparison(read: (root: unknown) => unknown, sign: string, { kind, text }: Token): Test | undefined {
  const number = kind === "word" ? Number(text) : Number.NaN;
  if (!Number.isNaN(number)) {
    const compare = NUMERIC[sign];
    return compare && ((root) => compare(read(root), number));
  }
  const matches = wildcard(text);
  if (sign === "=") return (root) => typeof read(root) === "string" && matches(String(read(root)));
  if (sign === "!=") return (root) => read(root) !== undefined && !matches(String(read(root)));
  return undefined;
}

const NUMERIC: Readonly<Record<string, (value: unknown, number: number) => boolean>> = {
  "=": (value, number) => value === number,
  "!=": (value, number) => value !== undefined && value !== number,
  ">": (value, number) => typeof value === "number" && value > number,
  ">=": (value, number) => typeof value === "number" && value >= number,
  "<": (value, number) => typeof value === "number" && value < number,
  "<=": (value, number) => typeof value === "number" && value <= number,
};

function wildcard(text: string): (value: string) => boolean {
  const parts = text.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (value) => expression.test(value);
}
