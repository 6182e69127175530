import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { EventInfo } from "../../shared/events/event.ts";
import { parseTime } from "../../shared/time/clock.ts";
import type { LookedUp } from "./history.ts";
import { keyFrom, sameKey } from "./keys.ts";
import type { LookupNode } from "./stage.ts";

/** What a lookup makes of a value: it with its row, nothing, or that nobody said what the row is. */
export type Enriched = { readonly value: unknown } | "unmatched" | "untold";

/**
 * What a lookup gives, by the rows that the commit at hand is said to have met: those of the value's key, of which the
 * newest that began at the time or before holds. Throws what makes the event a failed event.
 */
export function lookedUp(
  { lookup }: LookupNode["spec"],
  value: unknown,
  info: EventInfo,
  told: readonly LookedUp[],
): Enriched {
  const { table, by, as, type, asOf } = lookup;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw failure("LOOKUP_VALUE", "a row is added to an object only");
  const field = (name: string): unknown => (value as Record<string, unknown>)[name];
  const key = typeof by === "string" ? field(by) : by(value, { ...info });
  const without: Enriched = type === "left" ? { value: { ...value, [as]: null } } : "unmatched";
  if (key === undefined || key === null) return without;
  let at = Number.NEGATIVE_INFINITY;
  if (table.version !== undefined) {
    const said =
      typeof asOf === "string" ? field(asOf) : asOf === undefined ? info.time : asOf(value, { ...info });
    const time = parseTime(said);
    if (time === undefined) throw failure("LOOKUP_AS_OF", "no time");
    at = time;
  }
  const checked = keyFrom(key);
  const of = told.find((one) => one.table === table.name && sameKey(one.key, checked));
  if (of === undefined) return "untold";
  const [row] = of.rows.filter(({ from }) => from <= at).toSorted((a, b) => b.from - a.from);
  if (row === undefined) return without;
  if (row.problem !== undefined) throw failure("LOOKUP_ROW", row.problem);
  return { value: { ...value, [as]: row.row } };
}

const failure = (code: "LOOKUP_VALUE" | "LOOKUP_AS_OF" | "LOOKUP_ROW", why: string): MillraceError =>
  new MillraceError(code, why, { next: "dead-lettered" });
