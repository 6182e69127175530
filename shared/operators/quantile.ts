import { MillraceError } from "../errors/millrace-error.ts";
import { type Aggregate, type Pick, picker } from "./aggregate.ts";

/**
 * The exact quantile by nearest rank (SQL's `percentile_disc`): the smallest value such that at least
 * `q` of all values are not above it. Keeps one counter per distinct value, so it suits values with
 * few of them (minutes of delay, status codes, rounded latencies).
 * @param q - from 0 to 1
 */
export const quantile = <T>(q: number, of: Pick<T, number>): Aggregate<T, number> => {
  if (!(q >= 0 && q <= 1))
    throw new MillraceError("PLAN_OPTION", `quantile(${q}): the rank must lie between 0 and 1`, {
      next: "refused",
    });
  return {
    name: "quantile",
    create: (): Counts => new Map(),
    extract: picker(of),
    add: (counts: Counts, x: number): Counts => counts.set(x, (counts.get(x) ?? 0) + 1),
    merge: (a: Counts, b: Counts): Counts => {
      const merged = new Map(a);
      for (const [value, n] of b) merged.set(value, (merged.get(value) ?? 0) + n);
      return merged;
    },
    finish: (counts: Counts) => nearestRank(counts, q),
    clone: (counts: Counts): Counts => new Map(counts),
    fallible: false,
  };
};

type Counts = Map<number, number>;

function nearestRank(counts: Counts, q: number): number {
  const values = [...counts.keys()].sort((a, b) => a - b);
  let total = 0;
  for (const n of counts.values()) total += n;
  let below = 0;
  for (const value of values) {
    below += counts.get(value) ?? 0;
    if (below >= q * total) return value;
  }
  return values.at(-1) ?? Number.NaN;
}
