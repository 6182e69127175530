import { createHash } from "node:crypto";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { ACCOUNT_ID, REGION } from "../models/arn.ts";
import type { Stack, TemplateResource } from "./cloud-assembly.ts";
import { conditionHolds, resolveValue, type Scope } from "./intrinsics.ts";
import { NO_EFFECT, withoutEffect } from "./no-effect.ts";
import { Properties } from "./properties.ts";
import type { Resource, Services } from "./resource-kind.ts";
import { RESOURCE_KINDS } from "./resource-kinds.ts";
import { creationOrder } from "./resource-order.ts";

/** A resource of a deployed stack. */
export type DeployedResource = Resource & {
  readonly logicalId: string;
  readonly type: string;
  /** Why it does nothing here; undefined where it does something. */
  readonly noEffect: string | undefined;
};

export type Deployment = {
  readonly resources: readonly DeployedResource[];
  /** The stack's outputs, resolved. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What other stacks may import, by export name. */
  readonly exports: ReadonlyMap<string, string>;
};

type Known = DeployedResource & { attribute?(name: string): string };

/**
 * Makes every resource of a stack in the services, in the order of their references.
 * @throws MillraceError LOCAL_RESOURCE_UNSUPPORTED naming logical id and type, before anything was made,
 *   for a type that is neither run nor listed in `NO_EFFECT`; LOCAL_TEMPLATE_INVALID
 */
export function deployStack(
  stack: Stack,
  services: Services,
  imports: ReadonlyMap<string, string> = new Map(),
): Deployment {
  const made = new Map<string, Known>();
  const scope = scopeOf(stack, made, imports);
  const wanted = (resource: TemplateResource) =>
    resource.Condition === undefined || conditionHolds(resource.Condition, scope);
  const resources = Object.fromEntries(
    Object.entries(stack.template.Resources).filter(([, resource]) => wanted(resource)),
  );
  refuseUnknown(resources);
  for (const logicalId of creationOrder(resources)) {
    const { Type: type = "", Properties: raw = {} } = resources[logicalId] ?? {};
    const values = resolveValue(raw, scope) as Readonly<Record<string, unknown>>;
    const properties = new Properties(values, `${logicalId} (${type})`);
    const request = {
      logicalId,
      type,
      properties,
      stack,
      services,
      name: physicalName(stack.name, logicalId),
    };
    const make = RESOURCE_KINDS[type] ?? withoutEffect;
    made.set(logicalId, { ...make(request), logicalId, type, noEffect: NO_EFFECT[type] });
  }
  return { resources: [...made.values()], ...outputsOf(stack, scope) };
}

function refuseUnknown(resources: Readonly<Record<string, TemplateResource>>): void {
  const unknown = Object.entries(resources).filter(
    ([, { Type }]) => !(Type in RESOURCE_KINDS || Type in NO_EFFECT),
  );
  if (unknown.length === 0) return;
  const names = unknown.map(([logicalId, { Type }]) => `"${logicalId}" (${Type})`).join(", ");
  throw new MillraceError("LOCAL_RESOURCE_UNSUPPORTED", `the local cloud cannot run ${names}`, {
    next: "refused",
  });
}

function scopeOf(
  stack: Stack,
  made: ReadonlyMap<string, Known>,
  imports: ReadonlyMap<string, string>,
): Scope {
  const pseudo = new Map([
    ["AWS::Region", REGION],
    ["AWS::AccountId", ACCOUNT_ID],
    ["AWS::Partition", "aws"],
    ["AWS::URLSuffix", "amazonaws.com"],
    ["AWS::StackName", stack.name],
    ["AWS::StackId", `arn:aws:cloudformation:${REGION}:${ACCOUNT_ID}:stack/${stack.name}/local`],
  ]);
  return {
    template: stack.template,
    imported: (name) => imports.get(name),
    ref: (name) => pseudo.get(name) ?? made.get(name)?.ref ?? stack.template.Parameters?.[name]?.Default,
    attribute: (logicalId, name) => {
      const resource = made.get(logicalId);
      return resource?.attributes[name] ?? resource?.attribute?.(name);
    },
  };
}

function outputsOf({ template }: Stack, scope: Scope): Pick<Deployment, "outputs" | "exports"> {
  const outputs: Record<string, string> = {};
  const exports = new Map<string, string>();
  for (const [name, { Value, Condition, Export }] of Object.entries(template.Outputs ?? {})) {
    if (Condition !== undefined && !conditionHolds(Condition, scope)) continue;
    const value = String(resolveValue(Value, scope));
    outputs[name] = value;
    if (Export !== undefined) exports.set(String(resolveValue(Export.Name, scope)), value);
  }
  return { outputs, exports };
}

/** At most 60 characters, which fits a function (64), a bucket (63) and a stream (128). */
function physicalName(stackName: string, logicalId: string): string {
  const name = `${stackName}-${logicalId}`.replaceAll(/[^A-Za-z0-9-]/g, "-");
  if (name.length <= 60) return name;
  return `${name.slice(0, 51)}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
