import type { AnyWindow } from "../operators/window.ts";
import type { refuse } from "./refuse.ts";

/** Refuses a window that is empty, or that would leave events in none. */
export function checkWindow(
  window: AnyWindow<unknown>,
  duration: (what: string, ms: number) => void,
  fail: (code: Parameters<typeof refuse>[0], sentence: string) => Error,
): void {
  switch (window.kind) {
    case "session":
      duration("gap", window.gap);
      return;
    case "tumbling":
      duration("size", window.size);
      return;
    case "hopping":
      duration("size", window.size);
      duration("slide", window.slide);
      if (window.slide > window.size)
        throw fail("PLAN_OPTION", "a slide beyond the size would leave events in no window");
      return;
    case "cumulating":
      duration("size", window.size);
      duration("step", window.step);
      if (window.size % window.step !== 0)
        throw fail("PLAN_OPTION", "the size of windows that cumulate must be a multiple of their step");
      return;
    case "custom":
      if (typeof window.assign !== "function" || typeof window.name !== "string" || window.name === "")
        throw fail("PLAN_OPTION", "custom windows need a name, and a function `assign`");
  }
}
