import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { ChangeJournal } from "./change-journal.ts";
import type { Stack, TemplateResource } from "./cloud-assembly.ts";
import { nameOf, type StackResource } from "./deployed-stack.ts";
import { kindOf } from "./kind-of.ts";
import { NO_EFFECT } from "./no-effect.ts";
import type { PhysicalNames } from "./physical-names.ts";
import { Properties } from "./properties.ts";
import { changeOf, type ResourceChange } from "./resource-change.ts";
import type { Apply, Services } from "./resource-kind.ts";

/** A resource as the template wants it. */
export type Wanted = {
  readonly logicalId: string;
  readonly template: TemplateResource;
  /** Its properties, resolved. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly stack: Stack;
  readonly services: Services;
};

/** A resource as it is now, and what was done to it. */
export type ChangedResource = {
  readonly resource: StackResource;
  readonly action: "created" | "updated" | "replaced" | "unchanged";
  readonly properties: readonly string[];
};

/**
 * Makes, changes or replaces one resource. One that is replaced is still there afterwards.
 * @param old - the resource of that logical id, as it is; undefined for a new one
 * @throws MillraceError naming logical id and property; what was done until then is in the journal
 */
export async function changeResource(
  old: StackResource | undefined,
  wanted: Wanted,
  names: PhysicalNames,
  journal: ChangeJournal,
): Promise<ChangedResource> {
  if (old === undefined) {
    const resource = created(wanted, names);
    journal.made(resource);
    return { resource, action: "created", properties: [] };
  }
  const resource = { ...old, ...stated(wanted, old.request.name) };
  const kind = kindOf(old.type);
  const change = changeOf(kind, old.values, wanted.values);
  const { properties } = change;
  if (change.kind === "none") {
    if (kind.moved !== undefined) await applied(old, resource, kind.moved, [], journal);
    return { resource, action: "unchanged", properties };
  }
  if (change.kind === "replacement") {
    refuseSameIdentity(resource, change);
    const other = created(wanted, names);
    journal.replaces(other);
    return { resource: other, action: "replaced", properties };
  }
  for (const step of change.steps) await applied(old, resource, step.apply, step.properties, journal);
  return { resource, action: "updated", properties };
}

/** @param properties - those for which it is done */
async function applied(
  old: StackResource,
  resource: StackResource,
  apply: Apply,
  properties: readonly string[],
  journal: ChangeJournal,
): Promise<void> {
  journal.changes(old, () => apply(old.request, old));
  try {
    await apply(resource.request, resource);
  } catch (error) {
    throw failure(resource, properties, error);
  }
}

/** All of a resource that is known before it is made. */
function stated(
  { logicalId, template, values, stack, services }: Wanted,
  name: string,
): Omit<StackResource, "ref" | "attributes"> {
  const { Type: type, DeletionPolicy = "Delete", UpdateReplacePolicy = "Delete" } = template;
  const properties = new Properties(values, nameOf({ logicalId, type }));
  return {
    logicalId,
    type,
    noEffect: NO_EFFECT[type],
    request: { logicalId, type, properties, stack, name, services },
    values,
    deletionPolicy: DeletionPolicy,
    updateReplacePolicy: UpdateReplacePolicy,
  };
}

function created(wanted: Wanted, names: PhysicalNames): StackResource {
  const what = stated(wanted, names.next(wanted.stack.name, wanted.logicalId));
  try {
    return { ...what, ...kindOf(what.type).create(what.request) };
  } catch (error) {
    throw failure(what, [], error);
  }
}

/** As CloudFormation, which cannot update a stack when a custom-named resource requires replacing. */
function refuseSameIdentity({ values, ...resource }: StackResource, change: ResourceChange): void {
  const { identity } = kindOf(resource.type);
  const stays = (name: string) => values[name] !== undefined && !change.properties.includes(name);
  if (identity === undefined || !identity.every(stays)) return;
  const what = `${nameOf(resource)}.${change.replacing.join(", ")}`;
  const message = `${what} asks for a replacement, which cannot be made beside the old one: change ${identity.join(" or ")} too`;
  throw new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
}

/** What went wrong, with the resource and its properties named. */
function failure(
  resource: { readonly logicalId: string; readonly type: string },
  properties: readonly string[],
  error: unknown,
): MillraceError {
  const name = nameOf(resource);
  if (error instanceof MillraceError && error.message.startsWith(name)) return error;
  const what = properties.length === 0 ? name : `${name}.${properties.join(", ")}`;
  return new MillraceError("LOCAL_TEMPLATE_INVALID", `${what}: ${messageOf(error)}`, {
    next: "refused",
    cause: error,
  });
}
