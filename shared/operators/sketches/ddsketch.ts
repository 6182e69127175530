/**
 * How many values lie in each bucket, for positive values and for negative ones by their size. Bucket i holds
 * `(γ^(i-1), γ^i]`. Plain data: it travels through the commit log.
 */
export type Buckets = {
  readonly positive: Map<number, number>;
  readonly negative: Map<number, number>;
  zeros: number;
  count: number;
  min: number;
  max: number;
};

/** Buckets of one sign that are kept. Beyond them those nearest to zero become one. 2,048 of 1 % span 17 decades. */
export const MOST_BUCKETS = 2_048;

export const emptyBuckets = (): Buckets => ({
  positive: new Map(),
  negative: new Map(),
  zeros: 0,
  count: 0,
  min: Number.MAX_VALUE,
  max: -Number.MAX_VALUE,
});

/**
 * Quantiles within a relative error, mergeable (DDSketch: Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable
 * quantile sketch with relative-error guarantees", PVLDB 12(12), 2019; the collapsing variant of its section 2.2).
 */
export class DdSketch {
  readonly #gamma: number;
  readonly #logGamma: number;

  /** @param relativeError - α: a quantile is within α times its size of a value of that rank */
  constructor(relativeError: number) {
    this.#gamma = (1 + relativeError) / (1 - relativeError);
    this.#logGamma = Math.log(this.#gamma);
  }

  add(buckets: Buckets, value: number): Buckets {
    if (value === 0) buckets.zeros += 1;
    else {
      const side = value > 0 ? buckets.positive : buckets.negative;
      const index = Math.ceil(Math.log(Math.abs(value)) / this.#logGamma);
      side.set(index, (side.get(index) ?? 0) + 1);
      if (side.size > MOST_BUCKETS) collapse(side);
    }
    buckets.count += 1;
    buckets.min = Math.min(buckets.min, value);
    buckets.max = Math.max(buckets.max, value);
    return buckets;
  }

  /** The value of rank `q × (count - 1)`, from 0; undefined of no values. */
  quantile(buckets: Buckets, q: number): number | undefined {
    if (buckets.count === 0) return undefined;
    const rank = q * (buckets.count - 1);
    const value = this.#at(buckets, rank);
    return Math.min(buckets.max, Math.max(buckets.min, value));
  }

  #at({ negative, zeros, positive, max }: Buckets, rank: number): number {
    let seen = 0;
    for (const [index, n] of sorted(negative).reverse()) {
      seen += n;
      if (seen > rank) return -this.#middle(index);
    }
    seen += zeros;
    if (seen > rank) return 0;
    for (const [index, n] of sorted(positive)) {
      seen += n;
      if (seen > rank) return this.#middle(index);
    }
    return max;
  }

  /** The value whose relative distance to both ends of a bucket is the same. */
  #middle(index: number): number {
    return (2 * this.#gamma ** index) / (this.#gamma + 1);
  }
}

/** The buckets of all values of both; neither is changed. */
export function mergedBuckets(a: Buckets, b: Buckets): Buckets {
  return {
    positive: mergedSide(a.positive, b.positive),
    negative: mergedSide(a.negative, b.negative),
    zeros: a.zeros + b.zeros,
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

export const copiedBuckets = (buckets: Buckets): Buckets => ({
  ...buckets,
  positive: new Map(buckets.positive),
  negative: new Map(buckets.negative),
});

function mergedSide(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Map<number, number> {
  const side = new Map(a);
  for (const [index, n] of b) side.set(index, (side.get(index) ?? 0) + n);
  while (side.size > MOST_BUCKETS) collapse(side);
  return side;
}

/** Joins the two buckets nearest to zero. */
function collapse(side: Map<number, number>): void {
  let [lowest, next] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const index of side.keys())
    if (index < lowest) [lowest, next] = [index, lowest];
    else if (index < next) next = index;
  side.set(next, (side.get(next) ?? 0) + (side.get(lowest) ?? 0));
  side.delete(lowest);
}

const sorted = (side: ReadonlyMap<number, number>): [index: number, n: number][] =>
  [...side].sort(([a], [b]) => a - b);
