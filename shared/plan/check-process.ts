import type { ProcessSpec } from "../operators/process/spec.ts";
import type { refuse } from "./refuse.ts";
import { checkVersion } from "./versions.ts";

const KINDS: readonly string[] = ["value", "list", "map"];
const DOMAINS: readonly string[] = ["event-time", "processing-time"];

/** Refuses a process that has nothing to call, or states that cannot be kept. */
export function checkProcess(
  { state, onEvent, onTimer, onProcessingTimer }: ProcessSpec,
  duration: (what: string, ms: number) => void,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  const called = [onTimer, onProcessingTimer].filter((fn) => fn !== undefined);
  if (![onEvent, ...called].every((fn) => typeof fn === "function"))
    throw fail(
      "PLAN_OPTION",
      "a process needs a function `onEvent`, and `onTimer` and `onProcessingTimer` must be functions where they are given",
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
    if (!DOMAINS.includes(spec.in))
      throw fail(
        "PLAN_OPTION",
        `state "${name}" must be kept in "event-time" or "processing-time", not in ${JSON.stringify(spec.in)}`,
      );
    if (spec.in === "processing-time" && spec.ttl === undefined)
      throw fail("PLAN_OPTION", `state "${name}" is kept in processing time, and has no ttl that goes by it`);
  }
}

/** Whether something of a process goes by event time. */
export const usesTime = ({ state, onTimer }: ProcessSpec): boolean =>
  onTimer !== undefined ||
  Object.values(state).some((spec) => spec.ttl !== undefined && spec.in === "event-time");
