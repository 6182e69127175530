import { MillraceError } from "../errors/millrace-error.ts";
import { type Aggregate, type Pick, picker } from "./aggregate.ts";
import { type Buckets, copiedBuckets, DdSketch, emptyBuckets, mergedBuckets } from "./sketches/ddsketch.ts";

export type ApproxQuantileOptions = {
  /** How far from a value of that rank the result may be, as a part of it. 0.0001 to below 1. @default 0.01 */
  readonly relativeError?: number;
};

/**
 * About the value below which a share of all values lies, by a DDSketch: where `quantile` keeps a counter for every
 * distinct value, this keeps one for every bucket of `relativeError`, some 115 for each power of ten at 0.01, 2,048 for
 * either sign at most. Values that are no finite numbers fail.
 * @param q - from 0 to 1
 * @throws MillraceError `PLAN_OPTION` for a rank or an error that is impossible
 */
export function approxQuantile<T>(
  q: number,
  of: Pick<T, number>,
  { relativeError = 0.01 }: ApproxQuantileOptions = {},
): Aggregate<T, number> {
  if (!(q >= 0 && q <= 1)) throw impossible(`approxQuantile(${q}): the rank must lie between 0 and 1`);
  if (!(relativeError >= 0.0001 && relativeError < 1))
    throw impossible(
      `approxQuantile: a relative error of ${relativeError} is impossible: give one from 0.0001 to below 1`,
    );
  const sketch = new DdSketch(relativeError);
  const pick = picker(of);
  return {
    name: `approxQuantile/${relativeError}`,
    create: emptyBuckets,
    extract: (value, info) => {
      const picked = pick(value, info);
      if (Number.isFinite(picked)) return picked;
      throw new MillraceError(
        "AGGREGATE_VALUE",
        `approxQuantile takes finite numbers, not ${String(picked)}`,
        {
          next: "dead-lettered",
        },
      );
    },
    add: (buckets: Buckets, value: number) => sketch.add(buckets, value),
    merge: mergedBuckets,
    finish: (buckets: Buckets) => sketch.quantile(buckets, q) ?? Number.NaN,
    clone: copiedBuckets,
    fallible: false,
    combines: "accumulator",
  };
}

const impossible = (message: string): MillraceError =>
  new MillraceError("PLAN_OPTION", message, { next: "refused" });
