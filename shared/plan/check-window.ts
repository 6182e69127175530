import type { WindowSpec } from "../operators/window.ts";
import type { refuse } from "./refuse.ts";

/** Refuses a window that is empty, or that would leave events in none. */
export function checkWindow(
  window: WindowSpec,
  duration: (what: string, ms: number) => void,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  if (window.kind === "session") duration("gap", window.gap);
  else duration("size", window.size);
  if (window.kind !== "hopping") return;
  duration("slide", window.slide);
  if (window.slide > window.size)
    throw fail("PLAN_OPTION", "a slide beyond the size would leave events in no window");
}
