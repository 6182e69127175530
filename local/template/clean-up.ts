import { messageOf } from "../../shared/errors/millrace-error.ts";
import { remove } from "./change-journal.ts";
import type { DeployedStack, StackResource } from "./deployed-stack.ts";
import type { ResourceUpdate } from "./stack-update.ts";

type Stacks = ReadonlyMap<string, DeployedStack>;

/**
 * Deletes what an update has left over, in the reverse order of references: resources that are in no template any
 * more, by their DeletionPolicy, and those that others have taken the place of, by the UpdateReplacePolicy. One that
 * cannot be deleted stays, as on AWS, where the update is complete without it.
 * @returns what was done: the updates, with what stays of replaced resources, and the deletions
 */
export async function cleanUp(
  before: Stacks,
  after: Stacks,
  updates: readonly ResourceUpdate[],
): Promise<readonly ResourceUpdate[]> {
  const replaced = new Map<string, string | undefined>();
  const gone: ResourceUpdate[] = [];
  for (const { name: stack, resources } of [...before.values()].toReversed())
    for (const old of [...resources.values()].toReversed()) {
      const { logicalId, type } = old;
      const now = after.get(stack)?.resources.get(logicalId);
      if (now === undefined) {
        const kept = await deleted(old, "DeletionPolicy", old.deletionPolicy);
        gone.push({ stack, logicalId, type, action: "deleted", properties: [], kept });
      } else if (now.request.name !== old.request.name)
        replaced.set(
          `${stack}/${logicalId}`,
          await deleted(old, "UpdateReplacePolicy", now.updateReplacePolicy),
        );
    }
  return [
    ...updates.map((update) => ({ ...update, kept: replaced.get(`${update.stack}/${update.logicalId}`) })),
    ...gone,
  ];
}

/** Why a resource is still there; undefined once it is deleted. */
async function deleted(
  resource: StackResource,
  attribute: "DeletionPolicy" | "UpdateReplacePolicy",
  policy: string,
): Promise<string | undefined> {
  if (policy !== "Delete") return `its ${attribute} is ${policy}`;
  try {
    await remove(resource);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
