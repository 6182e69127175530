import type { ChangeJournal } from "./change-journal.ts";
import { changeResource, type Wanted } from "./change-resource.ts";
import type { DeployedStack, StackResource } from "./deployed-stack.ts";
import { resolveValue } from "./intrinsics.ts";
import type { PhysicalNames } from "./physical-names.ts";
import type { PreparedStack } from "./prepare-stack.ts";
import type { Services } from "./resource-kind.ts";
import { outputsOf, scopeOf } from "./stack-scope.ts";
import type { ResourceUpdate } from "./stack-update.ts";

export type ChangeOptions = {
  readonly services: Services;
  readonly names: PhysicalNames;
  readonly journal: ChangeJournal;
  /** A value that another stack exports. */
  readonly imported: (name: string) => string | undefined;
};

export type ChangedStack = { readonly deployed: DeployedStack; readonly updates: readonly ResourceUpdate[] };

/**
 * Makes a stack's resources what its template says, in the order of their references. What is not wanted any more is
 * still there afterwards.
 * @param before - the stack as it is deployed; undefined for a new one
 * @throws MillraceError naming logical id and property; what was done until then is in the journal
 */
export async function changeStack(
  before: DeployedStack | undefined,
  prepared: PreparedStack,
  { services, names, journal, imported }: ChangeOptions,
): Promise<ChangedStack> {
  const { stack } = prepared;
  const resources = new Map<string, StackResource>();
  const updates: ResourceUpdate[] = [];
  const imports = new Set<string>();
  const scope = scopeOf(prepared, resources, (name) => {
    imports.add(name);
    return imported(name);
  });
  for (const [logicalId, template] of prepared.resources) {
    const values = resolveValue(template.Properties ?? {}, scope) as Wanted["values"];
    const wanted = { logicalId, template, values, stack, services };
    const { resource, ...update } = await changeResource(
      before?.resources.get(logicalId),
      wanted,
      names,
      journal,
    );
    resources.set(logicalId, resource);
    updates.push({ stack: stack.name, logicalId, type: template.Type, kept: undefined, ...update });
  }
  return { deployed: { name: stack.name, resources, imports, ...outputsOf(prepared, scope) }, updates };
}
