import type { Apply, Change, ResourceKind } from "./resource-kind.ts";
import { changedNames } from "./same-value.ts";

/** What is to be done about a resource. */
export type ResourceChange = {
  readonly kind: "none" | "in place" | "replacement";
  /** The names of the properties that changed. */
  readonly properties: readonly string[];
  /** Those of them that ask for a replacement. */
  readonly replacing: readonly string[];
  /** For a change in place: what to call, in this order, with the names of the changed properties that it is for. */
  readonly steps: readonly { readonly apply: Apply; readonly properties: readonly string[] }[];
};

type Values = Readonly<Record<string, unknown>>;

/** Compares the resolved properties of a resource, before and after. One that asks for a replacement decides for all. */
export function changeOf(kind: ResourceKind, before: Values, after: Values): ResourceChange {
  const properties = changedNames(before, after);
  if (properties.length === 0) return { kind: "none", properties, replacing: [], steps: [] };
  const changed = Object.entries(kind.properties).filter(([name]) => properties.includes(name));
  const replacing = changed.flatMap(([name, change]) =>
    replaces(change, before[name], after[name]) ? [name] : [],
  );
  if (replacing.length > 0) return { kind: "replacement", properties, replacing, steps: [] };
  const steps = new Map<Apply, string[]>();
  for (const [name, change] of changed) {
    const apply = typeof change === "object" ? change.apply : change;
    if (typeof apply === "function") steps.set(apply, [...(steps.get(apply) ?? []), name]);
  }
  return {
    kind: "in place",
    properties,
    replacing,
    steps: [...steps].map(([apply, names]) => ({ apply, properties: names })),
  };
}

const replaces = (change: Change, before: unknown, after: unknown): boolean =>
  typeof change === "object" ? change.replacedWhen(before, after) : change === "replacement";
