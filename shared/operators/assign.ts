import { MillraceError } from "../errors/millrace-error.ts";
import type { Span } from "../time/time.ts";
import type { Assign } from "./assigned-windows.ts";
import type { Host } from "./host.ts";
import { ALL_TIME, type Cumulating, type CustomWindows, cumulatingWindowsOf, type Global } from "./window.ts";

/** The windows of each event, for a kind of window that is not aligned by one size. */
export function assignerOf(window: Cumulating | Global | CustomWindows<unknown>, host: Host): Assign {
  switch (window.kind) {
    case "cumulating":
      return () => cumulatingWindowsOf(window, host.context.time);
    case "global": {
      const all = [ALL_TIME];
      return () => all;
    }
    case "custom":
      return (value) => {
        try {
          return checkedSpans(window.assign(value, host.context), window.merge, host.id);
        } catch (thrown) {
          host.fail(value, thrown);
          return undefined;
        }
      };
  }
}

/** @throws MillraceError `WINDOW_SPAN` for what holds no time, or for an event in no window */
function checkedSpans(spans: readonly Span[], merge: boolean, operator: string): readonly Span[] {
  const refused = (why: string): MillraceError =>
    new MillraceError("WINDOW_SPAN", `operator "${operator}": ${why}`, { next: "dead-lettered" });
  if (!Array.isArray(spans) || spans.length === 0)
    throw refused("`assign` gave no window; filter events that belong to none before");
  if (merge && spans.length > 1) throw refused("`assign` of windows that merge must give one each");
  for (const { start, end } of spans as readonly Span[])
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start >= end)
      throw refused(`\`assign\` gave [${start}, ${end}), which holds no whole millisecond`);
  return unlike(spans);
}

/** A window that is named twice is one. */
function unlike(spans: readonly Span[]): readonly Span[] {
  const [first] = spans;
  if (spans.length === 1 && first !== undefined) return spans;
  return [...new Map(spans.map((span) => [`${span.start} ${span.end}`, span])).values()];
}
