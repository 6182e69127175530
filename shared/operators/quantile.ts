import { MillraceError } from "../errors/millrace-error.ts";
import { type Aggregate, type Pick, picker } from "./aggregate.ts";

/**
 * The exact quantile by nearest rank (SQL's `percentile_disc`): the smallest value such that at least
 * `q` of all values are not above it. Keeps one counter per distinct value, so it suits values with
 * few of them (minutes of delay, status codes, rounded latencies). What is no number fails its event
 * (`AGGREGATE_VALUE`): it has no rank among numbers.
 * @param q - from 0 to 1
 */
export const quantile = <T>(q: number, of: Pick<T, number>): Aggregate<T, number> => {
  if (!(q >= 0 && q <= 1))
    throw new MillraceError("PLAN_OPTION", `quantile(${q}): the rank must lie between 0 and 1`, {
      next: "refused",
    });
  const pick = picker(of);
  return {
    name: "quantile",
    parameter: q,
    create: (): Counts => new Map(),
    extract: (value, info) => {
      const picked: unknown = pick(value, info);
      if (typeof picked === "number" && !Number.isNaN(picked)) return picked;
      throw new MillraceError("AGGREGATE_VALUE", `quantile takes numbers, not ${String(picked)}`, {
        next: "dead-lettered",
      });
    },
    add: (counts: Counts, x: number): Counts => counts.set(x, (counts.get(x) ?? 0) + 1),
    merge: (a: Counts, b: Counts): Counts => {
      const merged = new Map(a);
      for (const [value, n] of b) merged.set(value, (merged.get(value) ?? 0) + n);
      return merged;
    },
    finish: (counts: Counts) => nearestRank(counts, q),
    clone: (counts: Counts): Counts => new Map(counts),
    fallible: false,
    combines: "accumulator",
    absorb: (into: Counts, from: Counts): Counts => {
      for (const [value, n] of from) into.set(value, (into.get(value) ?? 0) + n);
      return into;
    },
  };
};

type Counts = Map<number, number>;

function nearestRank(counts: Counts, q: number): number {
  const values = [...counts.keys()].sort((a, b) => a - b);
  let total = 0;
  for (const n of counts.values()) total += n;
  const rank = rankOf(q, total);
  let below = 0;
  for (const value of values) {
    below += counts.get(value) ?? 0;
    if (below >= rank) return value;
  }
  return values.at(-1) ?? Number.NaN;
}

/**
 * The least whole number that is not below `q × total`, where `q` means the ratio a/b that it was rounded from:
 * 0.07 × 100 is 7.000000000000001 in floating point, and rank 7. Rounding q and rounding the product can add
 * 2^-52 of the product together, which is taken off again; the result is exact as long as b × total < 2^50.
 */
const rankOf = (q: number, total: number): number => Math.ceil(q * total * (1 - Number.EPSILON));
