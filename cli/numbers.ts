import { isoOf } from "../shared/time/clock.ts";
import type { EpochMs } from "../shared/time/time.ts";

/** `336776` → 336,776 */
export const grouped = (n: number): string => Math.round(n).toLocaleString("en-US");

/** A watermark for a reader: to the minute, or what an infinite one means. */
export function watermarkText(at: EpochMs): string {
  if (at === Number.POSITIVE_INFINITY) return "end of input";
  if (at === Number.NEGATIVE_INFINITY) return "none yet";
  return isoOf(at).slice(0, 16).replace("T", " ");
}

/** Lines of two columns; numbers stand under one another. */
export function columns(rows: readonly (readonly [name: string, value: string])[], indent = "  "): string {
  const [left, right] = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map(([name, value]) => `${indent}${name.padEnd(left ?? 0)}  ${value.padStart(right ?? 0)}`)
    .join("\n");
}
