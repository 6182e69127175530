import { ServiceError } from "../service-error.ts";

/** What one member of an input may be. */
export type Rule = { readonly required?: boolean } & (
  | {
      readonly is: "text";
      readonly pattern?: RegExp;
      /** Characters. @default 1 to any number */
      readonly longest?: number;
      readonly oneOf?: readonly string[];
    }
  | { readonly is: "integer"; readonly min?: number; readonly max?: number }
  | { readonly is: "time" }
  | { readonly is: "flag" }
  | { readonly is: "structure"; readonly members: Shape }
);

/** The members of an input that are checked. */
export type Shape = Readonly<Record<string, Rule>>;

/**
 * Checks an input's members as AWS does before it looks at anything else. Throws SerializationException for a member
 * of another type, and one ValidationException for all that break a rule of length, range or pattern.
 */
export function checkInput(input: object, shape: Shape): void {
  const broken = brokenRules(input, shape, "");
  if (broken.length === 0) return;
  const count = `${broken.length} validation error${broken.length > 1 ? "s" : ""} detected`;
  throw new ServiceError("ValidationException", `${count}: ${broken.join("; ")}`);
}

function brokenRules(input: object, shape: Shape, parent: string): string[] {
  const members = new Map(Object.entries(input));
  return Object.entries(shape).flatMap(([name, rule]) => {
    const value: unknown = members.get(name);
    const path = `${parent}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    if (value === undefined || value === null)
      return rule.required === true ? [failure(null, path, "must not be null")] : [];
    if (!hasType(value, rule.is))
      throw new ServiceError("SerializationException", `${path} is no ${rule.is}`);
    if (rule.is === "structure") return brokenRules(value as object, rule.members, `${path}.`);
    const why = whyBroken(value, rule);
    return why === undefined ? [] : [failure(value, path, why)];
  });
}

function hasType(value: unknown, type: Rule["is"]): boolean {
  if (type === "text") return typeof value === "string";
  if (type === "flag") return typeof value === "boolean";
  if (type === "integer") return Number.isSafeInteger(value);
  if (type === "time") return typeof value === "number";
  return typeof value === "object" && !Array.isArray(value);
}

function whyBroken(value: unknown, rule: Rule): string | undefined {
  if (rule.is === "text" && typeof value === "string") {
    const { pattern, longest = Number.POSITIVE_INFINITY, oneOf } = rule;
    if (value.length < 1) return "must have length greater than or equal to 1";
    if (value.length > longest) return `must have length less than or equal to ${longest}`;
    if (oneOf?.includes(value) === false) return `must satisfy enum value set: [${oneOf.join(", ")}]`;
    if (pattern?.test(value) === false)
      return `must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`;
  }
  if (rule.is === "integer" && typeof value === "number") {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = rule;
    if (value < min) return `must have value greater than or equal to ${min}`;
    if (value > max) return `must have value less than or equal to ${max}`;
  }
  return undefined;
}

const failure = (value: unknown, path: string, rule: string): string =>
  `Value ${value === null ? "null" : `'${value}'`} at '${path}' failed to satisfy constraint: Member ${rule}`;
