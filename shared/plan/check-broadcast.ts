import type { BroadcastSpec } from "../operators/broadcast/spec.ts";
import type { refuse } from "./refuse.ts";

/** Refuses a broadcast that has nothing to call. */
export function checkBroadcast(
  { onEvent, prepare }: BroadcastSpec,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  if (typeof onEvent !== "function" || (prepare !== undefined && typeof prepare !== "function"))
    throw fail(
      "PLAN_OPTION",
      "withBroadcast needs a function `onEvent`, and `prepare` must be one where it is given",
    );
}
