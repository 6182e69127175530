import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Template } from "./cloud-assembly.ts";
import { resolveValue } from "./intrinsics.ts";

/**
 * Works out the conditions of a template, each once. They may refer to parameters, mappings and each other, never to
 * resources (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html).
 * @param ref - of parameters and pseudo parameters
 * @returns whether the condition of that name holds
 * @throws MillraceError LOCAL_TEMPLATE_INVALID, from the returned function too, for a name that there is not
 */
export function conditionsOf(template: Template, ref: (name: string) => unknown): (name: string) => boolean {
  const known = new Map<string, boolean>();
  function holds(name: string, path: readonly string[]): boolean {
    const before = known.get(name);
    if (before !== undefined) return before;
    const condition = template.Conditions?.[name];
    if (condition === undefined) throw invalid(`unknown condition "${name}"`);
    if (path.includes(name)) throw invalid(`conditions depend on each other: ${[...path, name].join(" → ")}`);
    const value = resolveValue(condition, {
      template,
      ref,
      attribute: () => undefined,
      imported: () => undefined,
      holds: (other) => holds(other, [...path, name]),
    });
    if (typeof value !== "boolean") throw invalid(`condition "${name}" is neither true nor false`);
    known.set(name, value);
    return value;
  }
  for (const name of Object.keys(template.Conditions ?? {})) holds(name, []);
  return (name) => holds(name, []);
}

const invalid = (message: string): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
