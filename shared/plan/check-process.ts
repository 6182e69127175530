import type { ProcessSpec } from "../operators/process/spec.ts";
import type { refuse } from "./refuse.ts";
import { checkVersion } from "./versions.ts";

const KINDS: readonly string[] = ["value", "list", "map"];

/** Refuses a process that has nothing to call, or states that cannot be kept. */
export function checkProcess(
  { state, onEvent, onTimer }: ProcessSpec,
  duration: (what: string, ms: number) => void,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  if (typeof onEvent !== "function" || (onTimer !== undefined && typeof onTimer !== "function"))
    throw fail(
      "PLAN_OPTION",
      "a process needs a function `onEvent`, and `onTimer` must be one where it is given",
    );
  if (typeof state !== "object" || state === null)
    throw fail("PLAN_OPTION", "a process needs `state`: {} where it keeps none");
  for (const [name, spec] of Object.entries(state)) {
    if (name === "" || !KINDS.includes(spec?.kind))
      throw fail(
        "PLAN_OPTION",
        `state "${name}" must have a name, and be a valueState, a listState or a mapState`,
      );
    if (spec.ttl !== undefined) duration(`ttl of state "${name}"`, spec.ttl);
    checkVersion(`state "${name}"`, spec, fail);
  }
}

/** Whether something of a process goes by event time. */
export const usesTime = ({ state, onTimer }: ProcessSpec): boolean =>
  onTimer !== undefined || Object.values(state).some(({ ttl }) => ttl !== undefined);
