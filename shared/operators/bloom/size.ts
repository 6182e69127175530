/** How sure an approximate dedupe is, and of how many ids. */
export type BloomOptions = {
  /** How many new ids of all that come, as a part of them, are at most taken for repeats. Above 0, below 1. */
  readonly errorRate: number;
  /** Ids that are remembered at one time: those of `within`, of a quarter more, and of how far the watermark is behind. */
  readonly capacity: number;
};

/** A filter's bits, and how many of them an id sets. */
export type BloomSize = { readonly bits: number; readonly hashes: number };

/** The same, and how many ids it takes. */
export type PartSize = BloomSize & { readonly capacity: number };

/**
 * The bits and hashes with which `capacity` ids make no more errors than `errorRate`: as many hashes as are best,
 * log₂(1/errorRate), then the fewest bits m for which (1 − e^(−kn/m))^k is not above it.
 * @see Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13(7), 1970
 */
export function bloomSize({ errorRate, capacity }: BloomOptions): BloomSize {
  const hashes = Math.max(1, Math.ceil(Math.log2(1 / errorRate)));
  const bits = Math.ceil((-hashes * capacity) / Math.log(1 - errorRate ** (1 / hashes)));
  return { bits, hashes };
}

/** Filters that have all ids together, where each is full. */
const PARTS = 4;

/**
 * The size of one filter, where ids that are forgotten at different times are in different ones and nobody knows how
 * many come at which: each takes a quarter of the ids, with a quarter of the errors. Where an id has two bits or more,
 * errors grow faster than ids, so that filters which are not full together make no more errors than fewer which are.
 */
export function partSize({ errorRate, capacity }: BloomOptions): PartSize {
  const part = { errorRate: errorRate / PARTS, capacity: Math.ceil(capacity / PARTS) };
  return { ...bloomSize(part), capacity: part.capacity };
}
