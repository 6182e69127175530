import { MillraceError } from "../../errors/millrace-error.ts";
import type { Key } from "../../events/event.ts";
import { parseTime } from "../../time/clock.ts";
import { BEGINNING_OF_TIME, type EpochMs } from "../../time/time.ts";
import { checkedKey } from "../checked-key.ts";
import type { Host } from "../host.ts";
import type { Push } from "../operator.ts";
import type { FoundRow } from "./answer.ts";
import type { LookupSpec, TableSpec } from "./spec.ts";

/** Says which row holds; `LACKING` where that must be fetched first. */
export type LookUp = (table: TableSpec, key: Key, at: EpochMs) => FoundRow | typeof NO_ROW | typeof LACKING;

export const NO_ROW = "no row";
export const LACKING = "lacking";

/**
 * Adds to each value the row that a table has for it. Where the row is not known yet nothing goes on: the batch will be
 * taken back, and folded again once all that it lacks is there.
 */
export function lookupPush(
  host: Host,
  spec: LookupSpec,
  { lookUp, unmatched }: { readonly lookUp: LookUp; readonly unmatched: () => void },
): Push {
  const { emit, fail, id } = host;
  const { as, type, table } = spec;
  const find = finder(host, spec, lookUp);
  return (value) => {
    let found: ReturnType<LookUp>;
    try {
      found = find(value);
      if (typeof found === "object" && found.problem !== undefined) throw unusable(id, table, found.problem);
    } catch (thrown) {
      fail(value, thrown);
      return;
    }
    if (found === LACKING) return;
    if (found !== NO_ROW) emit({ ...(value as object), [as]: found.row });
    else if (type === "left") emit({ ...(value as object), [as]: null });
    else unmatched();
  };
}

function finder(
  { context, id }: Host,
  { table, by, asOf }: LookupSpec,
  lookUp: LookUp,
): (value: unknown) => ReturnType<LookUp> {
  const keyOf = typeof by === "string" ? (value: unknown) => fieldOf(value, by) : by;
  const timeOf = typeof asOf === "string" ? (value: unknown) => fieldOf(value, asOf) : asOf;
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new MillraceError(
        "LOOKUP_VALUE",
        `operator "${id}": a row can be added to an object only; make one of the value with map before the lookup`,
        { next: "dead-lettered" },
      );
    const key = keyOf(value, context);
    if (key === undefined || key === null) return NO_ROW;
    let at = BEGINNING_OF_TIME;
    if (table.version !== undefined)
      at = timeOf === undefined ? context.time : asTime(timeOf(value, context), id);
    return lookUp(table, checkedKey(key, id), at);
  };
}

const fieldOf = (value: unknown, field: string): Key | undefined => (value as Record<string, Key>)[field];

function asTime(time: unknown, operator: string): EpochMs {
  const at = parseTime(time);
  if (at !== undefined) return at;
  throw new MillraceError(
    "LOOKUP_AS_OF",
    `operator "${operator}": \`asOf\` must give epoch milliseconds or RFC 3339, not ${JSON.stringify(time) ?? typeof time}`,
    { next: "dead-lettered" },
  );
}

function unusable(operator: string, { name, store }: TableSpec, problem: string): MillraceError {
  const what = store === "s3" ? "file" : "table";
  return new MillraceError(
    "LOOKUP_ROW",
    `operator "${operator}", lookup ${what} "${name}": ${problem}; mend the ${what} or the schema, and send the event again`,
    { next: "dead-lettered" },
  );
}
