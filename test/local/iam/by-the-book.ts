/**
 * Policies evaluated as the IAM User Guide tells it, word for word on the JSON, without regard to speed: "Policy
 * evaluation logic", "IAM JSON policy elements" (Resource, Condition operators, Variables).
 */
export type Document = { readonly Version: string; readonly Statement: readonly Json[] };
export type Json = { readonly [element: string]: unknown };

export type Book = {
  readonly action: string;
  readonly resource: string;
  readonly keys: Readonly<Record<string, readonly string[]>>;
};

/** "By default, all requests are denied. An explicit deny overrides an allow." */
export function allowedByTheBook(documents: readonly Document[], request: Book): boolean {
  const statements = documents.flatMap(({ Version, Statement }) =>
    Statement.map((statement) => ({ statement, hasVariables: Version === "2012-10-17" })),
  );
  const applying = statements.filter(({ statement, hasVariables }) =>
    applies(statement, request, hasVariables),
  );
  if (applying.some(({ statement }) => statement["Effect"] === "Deny")) return false;
  return applying.some(({ statement }) => statement["Effect"] === "Allow");
}

function applies(statement: Json, request: Book, hasVariables: boolean): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement as Record<string, string[]>;
  const isAction = (pattern: string) => glob(units(pattern.toLowerCase()), request.action.toLowerCase());
  const actionFits = Action ? Action.some(isAction) : !(NotAction ?? []).some(isAction);
  const patterns = (Resource ?? NotResource ?? []).map((text) => substituted(text, request, hasVariables));
  // "If AWS cannot resolve a variable this might cause the entire statement to be invalid"
  if (patterns.includes(undefined)) return false;
  const isResource = (pattern: Unit[] | undefined) =>
    pattern !== undefined && resourceGlob(pattern, request.resource);
  const resourceFits = Resource ? patterns.some(isResource) : !patterns.some(isResource);
  const conditionsHold = Object.entries(Condition as Record<string, Record<string, string[]>>).every(
    ([operator, block]) =>
      Object.entries(block).every(([key, values]) => holds(operator, key, values, request, hasVariables)),
  );
  return actionFits && resourceFits && conditionsHold;
}

/** A character that stands for itself, or a wildcard. */
type Unit = { readonly is: string } | "*" | "?";

const units = (text: string): Unit[] =>
  [...text].map((character) => (character === "*" || character === "?" ? character : { is: character }));
const literal = (text: string): Unit[] => [...text].map((character) => ({ is: character }));

/** The pattern with its variables replaced, whose values are no wildcards; undefined where one has no value. */
function substituted(text: string, { keys }: Book, hasVariables: boolean): Unit[] | undefined {
  if (!hasVariables) return units(text);
  const out: Unit[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.startsWith("${", at) ? text.indexOf("}", at) : -1;
    if (end < 0) {
      out.push(...units(text[at] ?? ""));
      at += 1;
      continue;
    }
    const inside = text.slice(at + 2, end);
    if (["*", "?", "$"].includes(inside)) out.push(...literal(inside));
    else {
      const [name = "", fallback] = inside.split(",").map((part) => part.trim());
      const value = valuesOf(keys, name)?.[0] ?? fallback?.slice(1, -1);
      if (value === undefined) return undefined;
      out.push(...literal(value));
    }
    at = end + 1;
  }
  return out;
}

/** `*`: any characters, none too; `?`: one. */
function glob(pattern: readonly Unit[], text: string): boolean {
  const [unit, ...rest] = pattern;
  if (unit === undefined) return text === "";
  if (unit === "*") return glob(rest, text) || (text !== "" && glob(pattern, text.slice(1)));
  return text !== "" && (unit === "?" || unit.is === text[0]) && glob(rest, text.slice(1));
}

/**
 * "You can use wildcard characters within the individual segments of an ARN. If the * wildcard is the last character
 * of a resource ARN segment, it can expand to match beyond the colon boundaries."
 */
function resourceGlob(pattern: readonly Unit[], text: string, colons = 0): boolean {
  const [unit, ...rest] = pattern;
  if (unit === undefined) return text === "";
  const [next] = rest;
  const isLastOfSegment = next === undefined || (typeof next === "object" && next.is === ":");
  const mayEatColon = colons >= 5;
  const eaten = text.slice(1);
  if (unit === "*") {
    if (resourceGlob(rest, text, colons)) return true;
    if (text === "") return false;
    return (text[0] !== ":" || mayEatColon || isLastOfSegment) && resourceGlob(pattern, eaten, colons);
  }
  if (text === "") return false;
  if (unit === "?") return (text[0] !== ":" || mayEatColon) && resourceGlob(rest, eaten, colons);
  return unit.is === text[0] && resourceGlob(rest, eaten, colons + (unit.is === ":" ? 1 : 0));
}

/** "Each of the six colon-delimited components of the ARN is checked separately." */
function arnLike(pattern: readonly Unit[], text: string): boolean {
  const parts: Unit[][] = [[]];
  for (const unit of pattern)
    if (typeof unit === "object" && unit.is === ":" && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(unit);
  const given = text.split(":");
  const six = [...given.slice(0, 5), given.slice(5).join(":")];
  return given.length >= 6 && parts.every((part, index) => glob(part, six[index] ?? ""));
}

const valuesOf = (keys: Book["keys"], name: string): readonly string[] | undefined =>
  Object.entries(keys).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

function holds(
  operator: string,
  key: string,
  wanted: readonly string[],
  request: Book,
  hasVariables: boolean,
): boolean {
  const given = valuesOf(request.keys, key);
  if (operator === "Null") return wanted.some((value) => (value === "true") === (given === undefined));
  const set = operator.includes(":") ? operator.split(":")[0] : undefined;
  const ifExists = operator.endsWith("IfExists");
  const base = operator.replace(/^\w+:/, "").replace(/IfExists$/, "");
  if (given === undefined && ifExists) return true;
  const isNegated = base.includes("Not");
  const positive = base.replace("Not", "");
  const patterns = wanted.map((value) => substituted(value, request, hasVariables));
  if (patterns.includes(undefined)) return false;
  const fits = (value: string): boolean => {
    const some = wanted.some((text, index) => compare(positive, text, patterns[index] ?? [], value));
    return isNegated ? !some : some;
  };
  // "It also returns true if there are no context keys in the request"
  if (set === "ForAllValues") return given === undefined || given.every(fits);
  if (set === "ForAnyValue") return given?.some(fits) === true;
  // "If the policy condition requires that the key is not matched, and the right key is not present, the condition is true"
  if (given === undefined) return isNegated;
  return fits(given[0] ?? "");
}

function compare(operator: string, text: string, pattern: readonly Unit[], value: string): boolean {
  const written = pattern.map((unit) => (typeof unit === "object" ? unit.is : unit)).join("");
  const [left, right] = [Number(value), Number(text)];
  switch (operator) {
    case "StringEquals":
      return value === written;
    case "StringEqualsIgnoreCase":
      return value.toLowerCase() === written.toLowerCase();
    case "StringLike":
      return glob(pattern, value);
    case "ArnEquals":
    case "ArnLike":
      return arnLike(pattern, value);
    case "Bool":
      return value === text;
    case "NumericEquals":
      return left === right;
    case "NumericLessThan":
      return left < right;
    case "NumericLessThanEquals":
      return left <= right;
    case "NumericGreaterThan":
      return left > right;
    case "NumericGreaterThanEquals":
      return left >= right;
    default:
      throw new Error(`the book's reader does not know ${operator}`);
  }
}
