import type { Condition } from "./condition.ts";
import { readCondition } from "./condition.ts";
import { type Pattern, patternOf, type Variables } from "./pattern.ts";
import { invalid, unsupported } from "./policy-error.ts";
import { type PrincipalPattern, readPrincipals } from "./principal-pattern.ts";

/**
 * What a policy is attached to: `identity`, a role; `resource`, a bucket, queue or function; `trust`, a role too, and
 * it says who may assume it.
 */
export type PolicyKind = "identity" | "resource" | "trust";

/** A statement, compiled. */
export type Statement = {
  /** Its place in the template: logical id, property, number. */
  readonly where: string;
  readonly effect: "Allow" | "Deny";
  /** Whom it is about; undefined in an identity policy, where it is the role. */
  readonly principals: readonly PrincipalPattern[] | undefined;
  /** As written, for whoever lists the grants. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  coversAction(action: string): boolean;
  coversResource(resource: string, variables: Variables): boolean;
  readonly conditions: readonly Condition[];
};

/** Services of which the local cloud knows operations, by their prefix in actions. */
const MODELLED = new Set([
  "kinesis",
  "dynamodb",
  "s3",
  "sqs",
  "lambda",
  "logs",
  "cloudwatch",
  "execute-api",
  "sts",
]);

const VERSIONS = ["2012-10-17", "2008-10-17"];
const ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/**
 * Reads a policy document, its intrinsics resolved.
 * @param where - its place in the template, by logical id, for messages
 * @throws MillraceError LOCAL_TEMPLATE_INVALID for what IAM would refuse too; LOCAL_RESOURCE_UNSUPPORTED for an
 *   element, operator or condition key that is not modelled
 */
export function readPolicy(document: unknown, kind: PolicyKind, where: string): readonly Statement[] {
  const policy = recordIn(document, where);
  const version = policy["Version"] ?? "2008-10-17";
  if (!VERSIONS.includes(String(version))) throw invalid(where, `has the unknown Version ${version}`);
  return listOf(policy["Statement"]).map((statement, index) =>
    readStatement(
      recordIn(statement, `${where}.Statement[${index}]`),
      kind,
      version === "2012-10-17",
      `${where}.Statement[${index}]`,
    ),
  );
}

function readStatement(
  statement: Readonly<Record<string, unknown>>,
  kind: PolicyKind,
  hasVariables: boolean,
  where: string,
): Statement {
  const unknown = Object.keys(statement).find((element) => !ELEMENTS.has(element));
  if (unknown !== undefined) throw unsupported(where, `has the element ${unknown}, which is not modelled`);
  const effect = statement["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw invalid(where, "has no Effect that is Allow or Deny");
  if ((statement["Principal"] !== undefined) !== (kind !== "identity"))
    throw invalid(where, kind === "identity" ? "must have no Principal" : "has no Principal");
  const action = readElement(statement, "Action", where);
  // a role's trust policy is about the role itself
  const resource =
    kind === "trust" ? { texts: ["*"], isNegated: false } : readElement(statement, "Resource", where);
  const isInert = kind === "identity" && !action.isNegated && action.texts.every(isForeign);
  const actions = action.texts.map((text) => patternOf(text, "action", false));
  const resources = resource.texts.map((text) => patternOf(text, "resource", hasVariables));
  const needs = resources.flatMap((pattern) => pattern.needs);
  return {
    where,
    effect,
    principals: kind === "identity" ? undefined : readPrincipals(statement["Principal"], where),
    actions: action.texts,
    resources: resource.texts,
    coversAction: (text) => someFits(actions, text, noVariables) !== action.isNegated,
    coversResource: (text, variables) =>
      needs.every((variable) => variables(variable) !== undefined) &&
      someFits(resources, text, variables) !== resource.isNegated,
    // it can decide no call that arrives here, so that its conditions need not be understood
    conditions: isInert ? [] : readConditions(statement["Condition"], hasVariables, where),
  };
}

/** `Action` or `NotAction`, `Resource` or `NotResource`: exactly one of the two. */
function readElement(
  statement: Readonly<Record<string, unknown>>,
  name: "Action" | "Resource",
  where: string,
): { readonly texts: readonly string[]; readonly isNegated: boolean } {
  const [plain, negated] = [statement[name], statement[`Not${name}`]];
  if ((plain === undefined) === (negated === undefined))
    throw invalid(where, `must have either ${name} or Not${name}`);
  const texts = textsOf(plain ?? negated, `${where}.${name}`);
  const bad = texts.find((text) => text !== "*" && !text.includes(":"));
  if (texts.length === 0 || bad !== undefined)
    throw invalid(`${where}.${name}`, `is ${bad === undefined ? "empty" : `"${bad}"`}`);
  return { texts, isNegated: plain === undefined };
}

function readConditions(block: unknown, hasVariables: boolean, where: string): readonly Condition[] {
  return Object.entries(recordIn(block ?? {}, `${where}.Condition`)).flatMap(([operator, keys]) =>
    Object.entries(recordIn(keys, `${where}.Condition.${operator}`)).map(([key, values]) => {
      const place = `${where}.Condition.${operator}`;
      return readCondition(operator, key, textsOf(values, place), hasVariables, place);
    }),
  );
}

/** Whether an action is of a service of which no operation is known here; a wildcard in the service's name may be any. */
function isForeign(action: string): boolean {
  const service = action.split(":")[0] ?? "";
  return !/[*?]/.test(service) && !MODELLED.has(service.toLowerCase());
}

const noVariables: Variables = () => undefined;

const someFits = (patterns: readonly Pattern[], text: string, variables: Variables): boolean =>
  patterns.some((pattern) => pattern.fits(text, variables));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** CloudFormation hands on true for "true" and 5 for "5". */
const textsOf = (value: unknown, where: string): readonly string[] =>
  listOf(value).map((text) => {
    if (typeof text === "string" || typeof text === "number" || typeof text === "boolean")
      return String(text);
    throw invalid(where, "is no text");
  });

function recordIn(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(where, "is no object");
}
