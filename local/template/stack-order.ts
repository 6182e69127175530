import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Stack } from "./cloud-assembly.ts";
import { expressionOf } from "./intrinsics.ts";

/**
 * The stacks in an order in which each comes after those whose exports it imports.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID for a circle
 */
export function stackOrder(stacks: readonly Stack[]): readonly Stack[] {
  const exporters = new Map(
    stacks.flatMap((stack) => exportNames(stack).map((name) => [name, stack] as const)),
  );
  const order: Stack[] = [];
  function visit(stack: Stack, path: readonly Stack[]): void {
    if (order.includes(stack)) return;
    if (path.includes(stack)) {
      const message = `stack "${stack.name}" imports from a stack that imports from it`;
      throw new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
    }
    for (const name of exporters.size === 0 ? [] : importedNames(stack.template)) {
      const exporter = exporters.get(name);
      if (exporter !== undefined) visit(exporter, [...path, stack]);
    }
    order.push(stack);
  }
  for (const stack of stacks) visit(stack, []);
  return order;
}

const exportNames = ({ template }: Stack): readonly string[] =>
  Object.values(template.Outputs ?? {}).flatMap(({ Export }) =>
    typeof Export?.Name === "string" ? [Export.Name] : [],
  );

function* importedNames(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  const [name, argument] = (Array.isArray(value) ? undefined : expressionOf(value)) ?? [];
  if (name === "Fn::ImportValue" && typeof argument === "string") yield argument;
  for (const member of Object.values(value)) yield* importedNames(member);
}
