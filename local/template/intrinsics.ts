import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { cidrBlocks } from "./cidr.ts";
import type { Template } from "./cloud-assembly.ts";
import { sameValue } from "./same-value.ts";

/** What an expression of a template may refer to. */
export type Scope = {
  readonly template: Template;
  /** Of a resource, a parameter or a pseudo parameter; undefined when there is no such name. */
  ref(name: string): unknown;
  /** An attribute of a resource; undefined when the resource does not have it. */
  attribute(logicalId: string, name: string): unknown;
  /** A value that another stack exports. */
  imported(name: string): unknown;
  /** Whether a condition of the template holds; throws when there is no such condition. */
  holds(condition: string): boolean;
};

type Expression = readonly [name: string, argument: unknown];

/** Stands for AWS::NoValue: the property or list entry is left out. */
const NO_VALUE: unique symbol = Symbol("AWS::NoValue");

/**
 * A value with every intrinsic function worked out.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID for an unknown name; LOCAL_RESOURCE_UNSUPPORTED for a function that is
 *   not in `INTRINSICS`, and for a dynamic reference
 */
export function resolveValue(value: unknown, scope: Scope): unknown {
  const resolved = evaluate(value, scope);
  return resolved === NO_VALUE ? undefined : resolved;
}

function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((entry) => evaluate(entry, scope)).filter((entry) => entry !== NO_VALUE);
  if (typeof value === "string") return withoutDynamicReference(value);
  if (typeof value !== "object" || value === null) return value;
  const expression = expressionOf(value);
  if (expression !== undefined) {
    const result = call(expression, scope);
    return typeof result === "string" ? withoutDynamicReference(result) : result;
  }
  const entries = Object.entries(value).map(([name, entry]) => [name, evaluate(entry, scope)] as const);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== NO_VALUE));
}

/** A single member named Ref, Condition or Fn::… makes an object an expression. */
export function expressionOf(value: object): Expression | undefined {
  const [name, ...more] = Object.keys(value);
  if (name === undefined || more.length > 0) return undefined;
  const argument = (value as Readonly<Record<string, unknown>>)[name];
  const named =
    name === "Ref" || name.startsWith("Fn::") || (name === "Condition" && typeof argument === "string");
  return named ? [name, argument] : undefined;
}

function call([name, argument]: Expression, scope: Scope): unknown {
  const intrinsic = INTRINSICS[name];
  if (intrinsic !== undefined) return intrinsic(argument, scope);
  throw unsupported(`the local cloud does not know the intrinsic function ${name}`);
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html */
export const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => reference(String(argument), scope),
  Condition: (argument, scope) => scope.holds(String(argument)),
  "Fn::GetAtt": attribute,
  "Fn::Sub": substitute,
  "Fn::ImportValue": (argument, scope) => {
    const name = String(evaluate(argument, scope));
    const imported = scope.imported(name);
    if (imported === undefined) throw invalid(`no stack exports "${name}"`);
    return imported;
  },
  "Fn::Join": (argument, scope) => {
    const [separator, parts] = listOf("Fn::Join", argument, scope);
    return asList(parts, "Fn::Join").map(String).join(String(separator));
  },
  "Fn::Split": (argument, scope) => {
    const [separator, text] = listOf("Fn::Split", argument, scope);
    return String(text).split(String(separator));
  },
  "Fn::Select": (argument, scope) => {
    const [index, values] = listOf("Fn::Select", argument, scope);
    const found = asList(values, "Fn::Select")[Number(index)];
    if (found === undefined) throw invalid(`Fn::Select finds nothing at index ${String(index)}`);
    return found;
  },
  "Fn::FindInMap": (argument, scope) => {
    const path = listOf("Fn::FindInMap", argument, scope);
    if (path.length !== 3)
      throw unsupported("Fn::FindInMap with a default value needs a transform, which is not run locally");
    const [map, key, second] = path.map(String);
    const found = scope.template.Mappings?.[map ?? ""]?.[key ?? ""]?.[second ?? ""];
    if (found === undefined) throw invalid(`no mapping ${map}.${key}.${second}`);
    return found;
  },
  "Fn::Base64": (argument, scope) => Buffer.from(String(evaluate(argument, scope))).toString("base64"),
  "Fn::GetAZs": (argument, scope) => {
    const [here, asked] = [scope.ref("AWS::Region"), evaluate(argument, scope)];
    if (asked !== "" && asked !== here)
      throw unsupported(`Fn::GetAZs of ${String(asked)}: all is in ${here}`);
    return ["a", "b", "c"].map((zone) => `${here}${zone}`);
  },
  "Fn::Cidr": (argument, scope) => {
    const [range, count, bits] = listOf("Fn::Cidr", argument, scope);
    const blocks = cidrBlocks(String(range), Number(count), Number(bits));
    if (blocks === undefined) throw invalid(`Fn::Cidr finds no ${count} blocks of ${bits} bits in ${range}`);
    return blocks;
  },
  "Fn::If": (argument, scope) => {
    const [condition, yes, no] = asList(argument, "Fn::If");
    return evaluate(scope.holds(String(condition)) ? yes : no, scope);
  },
  "Fn::Equals": (argument, scope) => {
    const [left, right] = listOf("Fn::Equals", argument, scope);
    return sameValue(left, right);
  },
  "Fn::And": (argument, scope) => listOf("Fn::And", argument, scope).every((holds) => holds === true),
  "Fn::Or": (argument, scope) => listOf("Fn::Or", argument, scope).some((holds) => holds === true),
  "Fn::Not": (argument, scope) => listOf("Fn::Not", argument, scope)[0] !== true,
};

function listOf(name: string, argument: unknown, scope: Scope): readonly unknown[] {
  return asList(evaluate(argument, scope), name);
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

/** `{{resolve:ssm:…}}`, `{{resolve:secretsmanager:…}}`: CloudFormation would put in what those services hold. */
export const DYNAMIC_REFERENCE: RegExp = /\{\{resolve:.*?\}\}/;

function withoutDynamicReference(text: string): string {
  const [found] = DYNAMIC_REFERENCE.exec(text) ?? [];
  if (found === undefined) return text;
  throw unsupported(`the local cloud cannot resolve the dynamic reference ${found}`);
}

function asList(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${name} needs a list`);
  return value;
}

const invalid = (message: string): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });

const unsupported = (message: string): MillraceError =>
  new MillraceError("LOCAL_RESOURCE_UNSUPPORTED", message, { next: "refused" });
