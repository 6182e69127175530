import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { TemplateResource } from "./cloud-assembly.ts";
import { expressionOf } from "./intrinsics.ts";

/**
 * The logical ids in an order in which each comes after all that it refers to or depends on.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID for a circle
 */
export function creationOrder(resources: Readonly<Record<string, TemplateResource>>): readonly string[] {
  const order: string[] = [];
  const done = new Set<string>();
  function visit(logicalId: string, path: readonly string[]): void {
    const resource = resources[logicalId];
    if (resource === undefined || done.has(logicalId)) return;
    if (path.includes(logicalId)) {
      const circle = [...path.slice(path.indexOf(logicalId)), logicalId].join(" → ");
      throw new MillraceError("LOCAL_TEMPLATE_INVALID", `resources depend on each other: ${circle}`, {
        next: "refused",
      });
    }
    const { DependsOn = [], Properties } = resource;
    for (const needed of [DependsOn].flat().concat([...namesIn(Properties)]))
      visit(needed, [...path, logicalId]);
    done.add(logicalId);
    order.push(logicalId);
  }
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return order;
}

/** The names that a value's expressions refer to; parameters and pseudo parameters among them. */
export function* namesIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  const [name, argument] = (Array.isArray(value) ? undefined : expressionOf(value)) ?? [];
  if (name === "Ref") yield String(argument);
  if (name === "Fn::GetAtt")
    yield String(Array.isArray(argument) ? argument[0] : argument).split(".")[0] ?? "";
  if (name === "Fn::Sub") {
    const text = String(Array.isArray(argument) ? argument[0] : argument);
    for (const [, found = ""] of text.matchAll(/\$\{([^!}.]+)[^}]*\}/g)) yield found;
  }
  for (const member of Object.values(value)) yield* namesIn(member);
}
