import { inNameOnly } from "./no-effect.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { RESOURCE_KINDS } from "./resource-kinds.ts";

/** Makes resources without effect; no change of them is one here. */
const IN_NAME_ONLY: ResourceKind = { create: inNameOnly, properties: {} };

/** The kind of a type that is in `RESOURCE_KINDS` or in `NO_EFFECT`. */
export const kindOf = (type: string): ResourceKind => RESOURCE_KINDS[type] ?? IN_NAME_ONLY;
