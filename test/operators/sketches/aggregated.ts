import { type Aggregate, epochMs } from "../../../shared/index.ts";

const info = { id: "e", time: epochMs(0), key: "k" };

/** What an aggregate keeps of some values. */
export const kept = <T>(aggregate: Aggregate<T, unknown>, values: Iterable<T>): unknown => {
  let accumulator = aggregate.create();
  for (const value of values)
    accumulator = aggregate.add(accumulator, aggregate.extract(value, info) as never, info);
  return accumulator;
};

/** The result over the values. */
export const over = <T, R>(aggregate: Aggregate<T, R>, values: Iterable<T>): R =>
  aggregate.finish(kept(aggregate, values));

/** The result over parts that were aggregated apart and merged, from left to right. */
export const overParts = <T, R>(aggregate: Aggregate<T, R>, parts: readonly (readonly T[])[]): R =>
  aggregate.finish(parts.map((part) => kept(aggregate, part)).reduce((a, b) => aggregate.merge(a, b)));
