import type { Planned } from "../../shared/plan/planner.ts";

const KNOWN: ReadonlySet<string> = new Set([
  ...[
    "filter",
    "map",
    "flatMap",
    "select",
    "keyBy",
    "union",
    "dedupe",
    "window",
    "join",
    "process",
    "broadcast",
    "control",
    "match",
    "pace",
    "lookup",
    "feed",
    "sink",
  ],
]);

/** The operators of an application for which the reference has no definition: with one of them it judges nothing. */
export const withoutDefinition = ({ stages }: Pick<Planned, "stages">): string[] =>
  [...stages.values()].flatMap(({ nodes }) =>
    nodes.filter(({ spec }) => !KNOWN.has(spec.kind)).map(({ id }) => id),
  );
