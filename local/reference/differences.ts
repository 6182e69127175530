import type { FailedEvent } from "../../shared/events/event.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import { UNKEPT } from "./partition.ts";
import type { Counts, Results } from "./results.ts";

/** What an application has left behind, as one finds it. */
export type Found = {
  readonly view: (name: string) => readonly unknown[];
  readonly lake: (name: string) => readonly unknown[];
  readonly failed: () => readonly FailedEvent[];
  /** By stage. */
  readonly counts: () => Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/**
 * A sentence for each view, lake table, stage and the failed events where what was found is not what the reference has
 * worked out, row by row; rows in any order.
 */
export function differences({ plan }: Planned, found: Found, right: Results): string[] {
  const wrong = [...right.contradictions];
  const compare = (what: string, rows: readonly unknown[], expected: readonly unknown[]): void => {
    const sentence = differenceOf(rows.map(comparable).map(textOf), expected.map(comparable).map(textOf));
    if (sentence !== undefined) wrong.push(`${what}: ${sentence}`);
  };
  for (const { sinks, stages } of plan.pipelines) {
    for (const { kind, name } of sinks) compare(`${kind} "${name}"`, found[kind](name), right[kind](name));
    for (const { id } of stages)
      compare(`counts of stage "${id}"`, [countsOf(found.counts()[id])], [countsOf(right.counts.get(id))]);
  }
  compare("failed events", found.failed().map(withoutId), right.failed);
  return wrong;
}

/** Where a failed event is stored is not part of it. */
const withoutId = ({ failedId: _, ...event }: FailedEvent & { readonly failedId?: string }): FailedEvent =>
  event;

const COUNTED = ["input", "late", "failed", "skipped", "duplicates", "windows", "unmatched"] as const;

const countsOf = (
  counts: Readonly<Partial<Counts>> | Readonly<Record<string, number>> | undefined,
): unknown =>
  Object.fromEntries(COUNTED.map((name) => [name, (counts as Partial<Counts> | undefined)?.[name] ?? 0]));

/**
 * A row as two implementations can agree on it. Of failed events that is not all: Millrace's own sentences are for
 * people, and a window whose result fails shows what it had kept in its own way.
 */
export function comparable(row: unknown): unknown {
  if (!isFailedEvent(row)) return row;
  const { payload, error, codeVersion: _, ...rest } = row;
  const said = error.code === "OPERATOR_FAILED" ? error : { code: error.code };
  return { ...rest, payload: comparablePayload(payload), error: said };
}

const isFailedEvent = (row: unknown): row is FailedEvent =>
  typeof row === "object" && row !== null && "payload" in row && "position" in row && "codeVersion" in row;

function comparablePayload(payload: unknown): unknown {
  if (typeof payload === "string" && payload.startsWith(UNKEPT)) return UNKEPT;
  if (typeof payload !== "object" || payload === null || !("accumulators" in payload)) return payload;
  const { accumulators: _, ...kept } = payload;
  return kept;
}

/** What one list has and the other has not. */
function differenceOf(found: readonly string[], expected: readonly string[]): string | undefined {
  const missing = without(expected, found);
  const wrong = without(found, expected);
  if (missing.length + wrong.length === 0) return undefined;
  const shown = (rows: readonly string[]): string =>
    rows.length === 0
      ? "none"
      : `${rows.slice(0, 3).join(", ")}${rows.length > 3 ? ` and ${rows.length - 3} more` : ""}`;
  return `${found.length} rows where ${expected.length} are right; wrong: ${shown(wrong)}; missing: ${shown(missing)}`;
}

function without(rows: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(other, (left.get(other) ?? 0) + 1);
  return rows.filter((row) => {
    const n = left.get(row) ?? 0;
    left.set(row, n - 1);
    return n <= 0;
  });
}

/** One text for each value, whatever the order of its fields. */
export function textOf(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if (Array.isArray(value)) return `[${Array.from(value, textOf).join(",")}]`;
  if (value instanceof Map)
    return `Map{${[...value].map(([key, one]) => `${textOf(key)}=>${textOf(one)}`).join(",")}}`;
  if (value instanceof Set) return `Set{${[...value].map(textOf).join(",")}}`;
  if (value instanceof Uint8Array) return `bytes[${value.join(",")}]`;
  if (Object.prototype.toString.call(value) === "[object Date]") return `Date(${Number(value)})`;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${textOf(one)}`).join(",")}}`;
}
