import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { DeployedStack } from "./deployed-stack.ts";

/** The value that one of the stacks exports under a name. */
export const exportedBy = (stacks: readonly DeployedStack[], name: string): string | undefined =>
  stacks.find(({ exports }) => exports.has(name))?.exports.get(name);

/**
 * Keeps the rules of exports: a name is exported once, and what another stack imports is neither changed nor taken
 * away (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html).
 * @param after - undefined for a stack that is to be deleted
 * @param others - the other stacks as they are deployed at this moment
 * @throws MillraceError LOCAL_TEMPLATE_INVALID
 */
export function checkExports(
  before: DeployedStack | undefined,
  after: DeployedStack | undefined,
  others: readonly DeployedStack[],
): void {
  for (const name of after?.exports.keys() ?? []) {
    const other = others.find(({ exports }) => exports.has(name));
    if (other !== undefined)
      throw invalid(`export "${name}" of stack "${after?.name}" is one of "${other.name}" too`);
  }
  for (const [name, value] of before?.exports ?? []) {
    const now = after?.exports.get(name);
    const user = others.find(({ imports }) => imports.has(name));
    if (now === value || user === undefined) continue;
    const what = now === undefined ? "deleted" : "updated";
    throw invalid(`export "${name}" of stack "${before?.name}" cannot be ${what}: "${user.name}" imports it`);
  }
}

const invalid = (message: string): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
