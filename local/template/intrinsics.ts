import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Template } from "./cloud-assembly.ts";

/** What an expression of a template may refer to. */
export type Scope = {
  readonly template: Template;
  /** Of a resource, a parameter or a pseudo parameter; undefined when there is no such name. */
  ref(name: string): unknown;
  /** An attribute of a resource; undefined when the resource does not have it. */
  attribute(logicalId: string, name: string): unknown;
  /** A value that another stack exports. */
  imported(name: string): unknown;
};

type Expression = readonly [name: string, argument: unknown];

/** Stands for AWS::NoValue: the property or list entry is left out. */
const NO_VALUE: unique symbol = Symbol("AWS::NoValue");

/**
 * A value with every intrinsic function worked out: Ref, GetAtt, Sub, Join, Select, Split, If, FindInMap, Base64,
 * GetAZs, ImportValue, and in conditions Equals, And, Or, Not, Condition.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID for an unknown name, LOCAL_RESOURCE_UNSUPPORTED for another function
 */
export function resolveValue(value: unknown, scope: Scope): unknown {
  const resolved = evaluate(value, scope);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** Whether a condition of the template holds. */
export function conditionHolds(name: string, scope: Scope): boolean {
  const condition = scope.template.Conditions?.[name];
  if (condition === undefined) throw invalid(`unknown condition "${name}"`);
  return evaluate(condition, scope) === true;
}

function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((entry) => evaluate(entry, scope)).filter((entry) => entry !== NO_VALUE);
  if (typeof value !== "object" || value === null) return value;
  const expression = expressionOf(value);
  if (expression !== undefined) return call(expression, scope);
  const entries = Object.entries(value).map(([name, entry]) => [name, evaluate(entry, scope)] as const);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== NO_VALUE));
}

/** A single member named Ref, Condition or Fn::… makes an object an expression. */
export function expressionOf(value: object): Expression | undefined {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return undefined;
  const [name, argument] = entry;
  const named =
    name === "Ref" || name.startsWith("Fn::") || (name === "Condition" && typeof argument === "string");
  return named ? [name, argument] : undefined;
}

function call([name, argument]: Expression, scope: Scope): unknown {
  const list = (): readonly unknown[] => {
    const values = evaluate(argument, scope);
    if (!Array.isArray(values)) throw invalid(`${name} needs a list`);
    return values;
  };
  switch (name) {
    case "Ref":
      return reference(String(argument), scope);
    case "Condition":
      return conditionHolds(String(argument), scope);
    case "Fn::GetAtt":
      return attribute(argument, scope);
    case "Fn::Sub":
      return substitute(argument, scope);
    case "Fn::Join": {
      const [separator, parts] = list();
      return asList(parts, name).map(String).join(String(separator));
    }
    case "Fn::Select": {
      const [index, values] = list();
      return asList(values, name)[Number(index)];
    }
    case "Fn::Split": {
      const [separator, text] = list();
      return String(text).split(String(separator));
    }
    case "Fn::If": {
      const [condition, yes, no] = asList(argument, name);
      return evaluate(conditionHolds(String(condition), scope) ? yes : no, scope);
    }
    case "Fn::Equals": {
      const [left, right] = list();
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case "Fn::And":
      return list().every((holds) => holds === true);
    case "Fn::Or":
      return list().some((holds) => holds === true);
    case "Fn::Not":
      return list()[0] !== true;
    case "Fn::FindInMap": {
      const [map, key, second] = list().map(String);
      const found = scope.template.Mappings?.[map ?? ""]?.[key ?? ""]?.[second ?? ""];
      if (found === undefined) throw invalid(`no mapping ${map}.${key}.${second}`);
      return found;
    }
    case "Fn::ImportValue": {
      const name = String(evaluate(argument, scope));
      const imported = scope.imported(name);
      if (imported === undefined) throw invalid(`no stack exports "${name}"`);
      return imported;
    }
    case "Fn::Base64":
      return Buffer.from(String(evaluate(argument, scope))).toString("base64");
    case "Fn::GetAZs":
      return ["a", "b"].map((zone) => `${scope.ref("AWS::Region")}${zone}`);
    default: {
      const message = `the local cloud does not know the intrinsic function ${name}`;
      throw new MillraceError("LOCAL_RESOURCE_UNSUPPORTED", message, { next: "refused" });
    }
  }
}

function reference(name: string, scope: Scope): unknown {
  if (name === "AWS::NoValue") return NO_VALUE;
  const found = scope.ref(name);
  if (found === undefined) throw invalid(`Ref to unknown "${name}"`);
  return found;
}

function attribute(argument: unknown, scope: Scope): unknown {
  const [logicalId = "", ...rest] =
    typeof argument === "string" ? argument.split(".") : asList(argument, "Fn::GetAtt");
  const name = rest.map((part) => String(evaluate(part, scope))).join(".");
  const found = scope.attribute(String(logicalId), name);
  if (found === undefined) throw invalid(`Fn::GetAtt to unknown "${logicalId}.${name}"`);
  return found;
}

/** `${Name}`, `${Name.Attribute}`, and `${!Literal}` for a dollar sign that stays. */
function substitute(argument: unknown, scope: Scope): string {
  const [text, given] = typeof argument === "string" ? [argument, {}] : asList(argument, "Fn::Sub");
  const variables = new Map(Object.entries(given ?? {}));
  return String(text).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith("!")) return `\${${name.slice(1)}}`;
    if (variables.has(name)) return String(evaluate(variables.get(name), scope));
    return String(name.includes(".") ? attribute(name, scope) : reference(name, scope));
  });
}

function asList(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${name} needs a list`);
  return value;
}

const invalid = (message: string): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
