/** The relative error of a percentile. */
const ACCURACY = 0.01;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);

/**
 * Count, sum, extremes and percentiles of numbers, mergeable. Percentiles are within 1 % of a value that was added
 * (DDSketch: Masson, Rim, Lee, PVLDB 2019, without its collapsing: a metric's values span few magnitudes).
 */
export class Sketch {
  count = 0;
  sum = 0;
  min: number = Number.POSITIVE_INFINITY;
  max: number = Number.NEGATIVE_INFINITY;
  /** How many values lie in each bucket, by its representative value. */
  readonly #buckets = new Map<number, number>();

  add(value: number, count = 1): void {
    this.count += count;
    this.sum += value * count;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    const bucket = representative(value);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
  }

  /** This one, with what the other holds. */
  merged(other: Sketch): this {
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    for (const [bucket, count] of other.#buckets)
      this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
    return this;
  }

  /** The value below which this share of all values lies, 0 ≤ share ≤ 1. */
  quantile(share: number): number {
    const rank = share * (this.count - 1);
    let seen = 0;
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen > rank) return Math.min(this.max, Math.max(this.min, bucket));
    }
    return this.max;
  }
}

function representative(value: number): number {
  if (value === 0) return 0;
  const bucket = Math.ceil(Math.log(Math.abs(value)) / LOG_GAMMA);
  return (Math.sign(value) * (2 * GAMMA ** bucket)) / (GAMMA + 1);
}
