/** The value of a policy variable, by the condition key's name in lower case; undefined where the call has none. */
export type Variables = (key: string) => string | undefined;

/** A text of a policy with its wildcards and policy variables, read once and asked for every call. */
export type Pattern = {
  /** Variables without which it says nothing, in lower case; those with a default are not among them. */
  readonly needs: readonly string[];
  /** Whether a text fits. To be asked only where every variable that it needs has a value. */
  fits(text: string, variables: Variables): boolean;
};

/**
 * How a text of a policy is compared:
 * - `exact`: as it is; `*` and `?` are characters like others.
 * - `glob`: `*` stands for any characters, `?` for one.
 * - `action`: a glob, upper and lower case alike.
 * - `resource`: a glob over an ARN. A `*` that ends a part between colons goes on beyond the colon; any other stays in
 *   its part, until the resource's own part, the sixth.
 * - `arn`: each of an ARN's six parts is a glob of its own.
 *
 * Source: "IAM JSON policy elements: Resource" and "… Condition operators", IAM User Guide.
 */
export type PatternKind = "exact" | "glob" | "action" | "resource" | "arn";

type Token =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "any" | "one" }
  | { readonly kind: "variable"; readonly key: string; readonly otherwise: string | undefined };

type Solid = Exclude<Token, { readonly kind: "variable" }>;
type Test = (text: string) => boolean;

/**
 * Reads a text of a policy.
 * @param hasVariables - whether `${…}` is a variable: in policies of version 2012-10-17 it is, in older ones a text
 */
export function patternOf(text: string, kind: PatternKind, hasVariables: boolean): Pattern {
  const tokens = tokensOf(text, kind !== "exact", hasVariables);
  const solid = tokens.filter((token) => token.kind !== "variable");
  if (solid.length === tokens.length) {
    const test = testOf(solid, kind);
    return { needs: [], fits: test };
  }
  const needs = tokens.flatMap((token) =>
    token.kind === "variable" && token.otherwise === undefined ? [token.key] : [],
  );
  return { needs, fits: (candidate, variables) => testOf(resolved(tokens, variables), kind)(candidate) };
}

const TOKENS = /\$\{([^}]*)\}|[*?]|[^*?$]+|\$/g;
/** `${aws:username}`, or with a default `${aws:username, 'nobody'}` */
const VARIABLE = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/;

function tokensOf(text: string, hasWildcards: boolean, hasVariables: boolean): Token[] {
  return [...text.matchAll(TOKENS)].flatMap(([whole, inside]): Token[] => {
    if (inside !== undefined) {
      if (!hasVariables) return tokensOfText(whole, hasWildcards);
      // the three characters that a policy cannot write otherwise
      if (inside === "*" || inside === "?" || inside === "$") return [{ kind: "text", text: inside }];
      const [, key = inside, otherwise] = VARIABLE.exec(inside) ?? [];
      return [{ kind: "variable", key: key.toLowerCase(), otherwise }];
    }
    return tokensOfText(whole, hasWildcards);
  });
}

const tokensOfText = (text: string, hasWildcards: boolean): Token[] =>
  (hasWildcards ? text.split(/([*?])/) : [text]).flatMap((part): Token[] => {
    if (hasWildcards && part === "*") return [{ kind: "any" }];
    if (hasWildcards && part === "?") return [{ kind: "one" }];
    return part === "" ? [] : [{ kind: "text", text: part }];
  });

/** A variable's value is a text whatever is in it: a `*` in it is no wildcard. */
const resolved = (tokens: readonly Token[], variables: Variables): Solid[] =>
  tokens.map((token) =>
    token.kind === "variable" ? { kind: "text", text: variables(token.key) ?? token.otherwise ?? "" } : token,
  );

function testOf(tokens: readonly Solid[], kind: PatternKind): Test {
  if (kind === "action") return globOf(tokens, "glob", "i");
  const text = tokens.map((token) => (token.kind === "text" ? token.text : "")).join("");
  const wild = tokens.filter((token) => token.kind !== "text");
  if (wild.length === 0) return (candidate) => candidate === text;
  // a lone star at the end crosses every colon: no need for more than a comparison, and most policies are that
  if (kind !== "arn" && wild.length === 1 && tokens.at(-1)?.kind === "any")
    return (candidate) => candidate.startsWith(text);
  return globOf(tokens, kind, "");
}

/** The colons before an ARN's resource. */
const COLONS_BEFORE_RESOURCE = 5;

function globOf(tokens: readonly Solid[], kind: PatternKind, flags: string): Test {
  let colons = 0;
  const source = tokens.map((token, index) => {
    if (token.kind === "text") {
      colons += token.text.split(":").length - 1;
      return token.text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
    }
    const next = tokens[index + 1];
    const endsPart = next === undefined || (next.kind === "text" && next.text.startsWith(":"));
    const staysInPart =
      (kind === "resource" || kind === "arn") &&
      colons < COLONS_BEFORE_RESOURCE &&
      !(kind === "resource" && token.kind === "any" && endsPart);
    return `${staysInPart ? "[^:]" : "."}${token.kind === "any" ? "*" : ""}`;
  });
  const glob = new RegExp(`^${source.join("")}$`, `s${flags}`);
  return (candidate) => glob.test(candidate);
}
