import { resolveValue, type Scope } from "./intrinsics.ts";
import type { PreparedStack } from "./prepare-stack.ts";
import type { Resource } from "./resource-kind.ts";

/** A resource as expressions see it; one in name only has every attribute that it is asked for. */
export type Referable = Resource & { attribute?(name: string): string };

/**
 * What the expressions of a stack may refer to.
 * @param made - its resources, as far as they are there
 * @param imported - values that other stacks export
 */
export const scopeOf = (
  { stack, parameter, holds }: PreparedStack,
  made: ReadonlyMap<string, Referable>,
  imported: (name: string) => string | undefined,
): Scope => ({
  template: stack.template,
  ref: (name) => made.get(name)?.ref ?? parameter(name),
  attribute: (logicalId, name) => {
    const resource = made.get(logicalId);
    return resource?.attributes[name] ?? resource?.attribute?.(name);
  },
  imported,
  holds,
});

/** A stack's outputs, and which of them other stacks may import, by export name. */
export type StackOutputs = {
  readonly outputs: Readonly<Record<string, string>>;
  readonly exports: ReadonlyMap<string, string>;
};

export function outputsOf({ stack: { template } }: PreparedStack, scope: Scope): StackOutputs {
  const outputs: Record<string, string> = {};
  const exports = new Map<string, string>();
  for (const [name, { Value, Condition, Export }] of Object.entries(template.Outputs ?? {})) {
    if (Condition !== undefined && !scope.holds(Condition)) continue;
    const value = String(resolveValue(Value, scope));
    outputs[name] = value;
    if (Export !== undefined) exports.set(String(resolveValue(Export.Name, scope)), value);
  }
  return { outputs, exports };
}
