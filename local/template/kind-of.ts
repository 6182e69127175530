import { withoutEffect } from "./no-effect.ts";
import type { ChangeableKind } from "./resource-kind.ts";
import { RESOURCE_KINDS } from "./resource-kinds.ts";

/** Makes resources without effect; no change of them is one here. */
const IN_NAME_ONLY: ChangeableKind = { create: withoutEffect, properties: {} };

/** The kind of a type that is in `RESOURCE_KINDS` or in `NO_EFFECT`. */
export function kindOf(type: string): ChangeableKind {
  const kind = RESOURCE_KINDS[type] ?? IN_NAME_ONLY;
  return typeof kind === "function" ? { create: kind } : kind;
}
