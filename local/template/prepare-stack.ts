import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { ACCOUNT_ID, REGION } from "../models/arn.ts";
import type { Stack, TemplateResource } from "./cloud-assembly.ts";
import { conditionsOf } from "./conditions.ts";
import { DYNAMIC_REFERENCE, INTRINSICS } from "./intrinsics.ts";
import { kindOf } from "./kind-of.ts";
import { NO_EFFECT } from "./no-effect.ts";
import { parameterValue } from "./parameters.ts";
import { RESOURCE_KINDS } from "./resource-kinds.ts";
import { creationOrder } from "./resource-order.ts";

/** A stack whose template was found to be one that can be run here, as far as that shows before anything is made. */
export type PreparedStack = {
  readonly stack: Stack;
  /** The resources whose conditions hold, by logical id, each after all that it refers to or depends on. */
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** What Ref of a parameter or a pseudo parameter yields; undefined for any other name. */
  readonly parameter: (name: string) => unknown;
  /** Whether a condition holds. */
  readonly holds: (condition: string) => boolean;
};

/**
 * Reads a stack's template, and refuses what the local cloud cannot run or CloudFormation would not take.
 * @throws MillraceError LOCAL_RESOURCE_UNSUPPORTED naming logical id and type, for a type that is neither run nor
 *   listed in `NO_EFFECT`, a transform, an unknown function, a dynamic reference; LOCAL_TEMPLATE_INVALID
 */
export function prepareStack(stack: Stack): PreparedStack {
  const { template } = stack;
  if (template.Transform !== undefined)
    throw unsupported(
      `the local cloud runs no transform, and "${stack.name}" has one: ${JSON.stringify(template.Transform)}`,
    );
  for (const section of ["Resources", "Conditions", "Outputs"] as const)
    for (const [name, value] of Object.entries(template[section] ?? {})) {
      refuseFunction(name, `${section} of "${stack.name}"`);
      refuseFunctions(value, `"${name}"`);
    }
  const parameter = parametersOf(stack);
  const holds = conditionsOf(template, parameter);
  const wanted = Object.fromEntries(
    Object.entries(template.Resources).filter(
      ([, { Condition }]) => Condition === undefined || holds(Condition),
    ),
  );
  refuseUnknownTypes(wanted);
  for (const [logicalId, resource] of Object.entries(wanted))
    checkResource(logicalId, resource, template.Resources);
  const resources = new Map(
    creationOrder(wanted).flatMap((id) => (wanted[id] === undefined ? [] : [[id, wanted[id]]])),
  );
  return { stack, resources, parameter, holds };
}

function parametersOf({ name: stackName, template }: Stack): PreparedStack["parameter"] {
  const pseudo = new Map<string, unknown>([
    ["AWS::Region", REGION],
    ["AWS::AccountId", ACCOUNT_ID],
    ["AWS::Partition", "aws"],
    ["AWS::URLSuffix", "amazonaws.com"],
    ["AWS::NotificationARNs", []],
    ["AWS::StackName", stackName],
    ["AWS::StackId", `arn:aws:cloudformation:${REGION}:${ACCOUNT_ID}:stack/${stackName}/local`],
  ]);
  return (name) => {
    const parameter = template.Parameters?.[name];
    return pseudo.get(name) ?? (parameter && parameterValue(name, parameter));
  };
}

function refuseUnknownTypes(resources: Readonly<Record<string, TemplateResource>>): void {
  const unknown = Object.entries(resources).filter(
    ([, { Type }]) => !(Type in RESOURCE_KINDS || Type in NO_EFFECT),
  );
  if (unknown.length === 0) return;
  const names = unknown.map(([logicalId, { Type }]) => `"${logicalId}" (${Type})`).join(", ");
  throw unsupported(`the local cloud cannot run ${names}`);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html; no type here has snapshots. */
const POLICIES = {
  DeletionPolicy: ["Delete", "Retain", "RetainExceptOnCreate"],
  UpdateReplacePolicy: ["Delete", "Retain"],
};

function checkResource(
  logicalId: string,
  resource: TemplateResource,
  all: Readonly<Record<string, TemplateResource>>,
): void {
  const path = `${logicalId} (${resource.Type})`;
  const known = resource.Type in NO_EFFECT ? undefined : kindOf(resource.Type).properties;
  for (const [name, value] of Object.entries(resource.Properties ?? {})) {
    if (known !== undefined && !(name in known)) throw invalid(`${path}.${name} is no property of the type`);
    refuseDynamicReferences(value, `${path}.${name}`);
  }
  for (const needed of [resource.DependsOn ?? []].flat())
    if (!(needed in all))
      throw invalid(`${path} depends on "${needed}", which is no resource of the template`);
  for (const [attribute, values] of Object.entries(POLICIES)) {
    const policy = resource[attribute as keyof typeof POLICIES] ?? "Delete";
    if (!values.includes(policy))
      throw invalid(`${path}: ${attribute} ${policy} is none of ${values.join(", ")}`);
  }
}

function refuseFunctions(value: unknown, where: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value)) refuseFunction(name, where);
    refuseFunctions(member, where);
  }
}

/** Fn::Transform, Fn::ForEach::… and what needs a transform, wherever they stand: beside other members, too. */
function refuseFunction(name: string, where: string): void {
  if (name.startsWith("Fn::") && !(name in INTRINSICS))
    throw unsupported(`the local cloud does not know the intrinsic function ${name}, in ${where}`);
}

function refuseDynamicReferences(value: unknown, where: string): void {
  const [found] = (typeof value === "string" && DYNAMIC_REFERENCE.exec(value)) || [];
  if (found !== undefined) throw unsupported(`${where}: the local cloud cannot resolve ${found}`);
  if (typeof value === "object" && value !== null)
    for (const member of Object.values(value)) refuseDynamicReferences(member, where);
}

const invalid = (message: string): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
const unsupported = (message: string): MillraceError =>
  new MillraceError("LOCAL_RESOURCE_UNSUPPORTED", message, { next: "refused" });
