import { MillraceError } from "../errors/millrace-error.ts";
import type { EventInfo } from "../events/event.ts";
import type { EpochMs } from "../time/time.ts";
import { type Aggregate, type Pick, picker, primitive } from "./aggregate.ts";
import { wholeSum } from "./whole-sum.ts";

const plus = (a: number, b: number): number => a + b;
const same = <A>(accumulator: A): A => accumulator;

/** How many events; with a condition, how many that meet it. */
export const count = <T>(where?: (value: T, info: EventInfo) => boolean): Aggregate<T, number> =>
  primitive("count", {
    create: () => 0,
    extract: where === undefined ? () => 1 : (value, info) => (where(value, info) ? 1 : 0),
    add: plus,
    merge: plus,
    finish: same,
    divisible: true,
    combines: "accumulator",
  });

export type SumOptions = {
  /**
   * The values are whole numbers, as cents are, of 2^53 - 1 at most either way: what is not fails. They are summed up
   * exactly, and the result is the double next to the sum, whatever the order of events. @default false
   */
  readonly whole?: boolean;
};

/** The sum, in doubles, in the order in which the events came; or of whole numbers, exactly. 0 for none. */
export const sum = <T>(of: Pick<T, number>, { whole = false }: SumOptions = {}): Aggregate<T, number> =>
  whole
    ? wholeSum(of)
    : primitive("sum", {
        create: () => 0,
        extract: picker(of),
        add: plus,
        merge: plus,
        finish: same,
        combines: "values",
      });

const best = <T>(
  name: string,
  of: Pick<T, number>,
  pick: (a: number, b: number) => number,
): Aggregate<T, number> => {
  const add = (a: number | null, b: number | null): number | null =>
    a === null ? b : b === null ? a : pick(a, b);
  return primitive<T, number | null, number, number>(name, {
    create: () => null,
    extract: picker(of),
    add,
    merge: add,
    finish: (accumulator) => accumulator as number,
    divisible: true,
    combines: "accumulator",
  });
};

/** The smallest value. */
export const min = <T>(of: Pick<T, number>): Aggregate<T, number> => best("min", of, Math.min);

/** The largest value. */
export const max = <T>(of: Pick<T, number>): Aggregate<T, number> => best("max", of, Math.max);

/** The arithmetic mean, in doubles. */
export const avg = <T>(of: Pick<T, number>): Aggregate<T, number> => {
  type Mean = { sum: number; count: number };
  const merge = (a: Mean, b: Mean): Mean => ({ sum: a.sum + b.sum, count: a.count + b.count });
  return {
    name: "avg",
    create: (): Mean => ({ sum: 0, count: 0 }),
    extract: picker(of),
    add: (mean: Mean, x: number): Mean => {
      mean.sum += x;
      mean.count += 1;
      return mean;
    },
    merge,
    finish: (mean: Mean) => mean.sum / mean.count,
    clone: (mean: Mean): Mean => ({ ...mean }),
    fallible: false,
    combines: "values",
  };
};

type Timed = { readonly time: EpochMs; readonly value: unknown } | null;

const timed = <T, V>(
  name: string,
  of: Pick<T, V> | undefined,
  newer: (a: EpochMs, b: EpochMs) => boolean,
): Aggregate<T, V> => {
  const pick = of === undefined ? (value: T) => value as unknown : picker(of);
  const add = (a: Timed, b: Timed): Timed => (a === null || (b !== null && newer(b.time, a.time)) ? b : a);
  return primitive<T, Timed, Timed, V>(name, {
    create: () => null,
    extract: (value, info) => ({ time: info.time, value: pick(value, info) }),
    add,
    merge: add,
    finish: (accumulator) => accumulator?.value as V,
    divisible: true,
    combines: "values",
  });
};

/** Of the event with the lowest event time; of several, the one that came first. The whole value without `of`. */
export function first<T>(): Aggregate<T, T>;
export function first<T, F extends keyof T & string>(of: F): Aggregate<T, T[F]>;
export function first<T, V>(of: (value: T, info: EventInfo) => V): Aggregate<T, V>;
export function first<T, V>(of?: Pick<T, V>): Aggregate<T, V> {
  return timed("first", of, (b, a) => b < a);
}

/** Of the event with the highest event time; of several, the one that came last. The whole value without `of`. */
export function last<T>(): Aggregate<T, T>;
export function last<T, F extends keyof T & string>(of: F): Aggregate<T, T[F]>;
export function last<T, V>(of: (value: T, info: EventInfo) => V): Aggregate<T, V>;
export function last<T, V>(of?: Pick<T, V>): Aggregate<T, V> {
  return timed("last", of, (b, a) => b >= a);
}

/**
 * The first `limit` values in the order in which they came, and no more: state stays bounded.
 * Add a `count()` beside it to see whether some were left out.
 * @param limit - a whole number from 1
 */
export function collect<T>(limit: number): Aggregate<T, T[]>;
export function collect<T, F extends keyof T & string>(limit: number, of: F): Aggregate<T, T[F][]>;
export function collect<T, V>(limit: number, of: (value: T, info: EventInfo) => V): Aggregate<T, V[]>;
export function collect<T, V>(limit: number, of?: Pick<T, V>): Aggregate<T, V[]> {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new MillraceError("PLAN_OPTION", `collect(${limit}): the limit must be a whole number from 1`, {
      next: "refused",
    });
  const pick = of === undefined ? (value: T) => value as unknown as V : picker(of);
  return {
    name: "collect",
    parameter: limit,
    create: (): V[] => [],
    extract: pick,
    add: (values: V[], x: V): V[] => {
      if (values.length < limit) values.push(x);
      return values;
    },
    merge: (a: V[], b: V[]): V[] => [...a, ...b].slice(0, limit),
    finish: (values: V[]) => [...values],
    clone: (values: V[]): V[] => [...values],
    fallible: false,
    combines: "values",
  };
}
