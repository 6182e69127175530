import { keptRowsOf, type StageNode } from "../operators/stage.ts";
import { type Versioned, versionOf } from "../operators/versioned.ts";
import type { StateVersion } from "../state/stamp.ts";
import type { refuse } from "./refuse.ts";

/** What an operator keeps for its user, by name: states of a process, aggregates of a window, rows. */
function versionedIn(spec: StageNode["spec"]): [name: string, state: Versioned][] {
  if (spec.kind === "process") return Object.entries(spec.state);
  if (spec.kind === "control") return [];
  return Object.entries(spec.kind === "window" ? spec.aggregates : (keptRowsOf(spec) ?? {}));
}

/** The versions above 1. */
export const versionsOf = (nodes: readonly StageNode[]): StateVersion[] =>
  nodes.flatMap(({ id, spec }) =>
    versionedIn(spec).flatMap(([name, state]): StateVersion[] =>
      versionOf(state) > 1 ? [[id, name, versionOf(state)]] : [],
    ),
  );

/** Refuses a version that could not read what was kept in the one before. */
export function checkVersion(
  what: string,
  state: Versioned,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  const { migrate } = state;
  const version = versionOf(state);
  if (!Number.isSafeInteger(version) || version < 1)
    throw fail("PLAN_OPTION", `the version of ${what} must be a whole number from 1, not ${version}`);
  if (version > 1 && typeof migrate !== "function")
    throw fail("PLAN_MIGRATION", `${what} has version ${version} and no \`migrate\` from those before`);
  if (version === 1 && migrate !== undefined)
    throw fail("PLAN_MIGRATION", `${what} has a \`migrate\`, which version 1 never calls: raise the version`);
}
