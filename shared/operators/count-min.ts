import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { type Aggregate, type Pick, picker } from "./aggregate.ts";
import { checkedKey } from "./checked-key.ts";
import { type Hash64, hash64 } from "./sketches/hash64.ts";

export type CountMinOptions = {
  /** How much too high a frequency may be, as a part of all events. 0.00001 to below 1. @default 0.01 */
  readonly error?: number;
  /** How surely it is within that. 0 to below 1. @default 0.99 */
  readonly confidence?: number;
};

/**
 * How often any value came, at most: `frequencyIn` asks it. Plain data that a view or a lake table keeps, `width × depth`
 * counters, 1,360 by default.
 */
export type CountMinSketch = {
  readonly width: number;
  /** Of all events. */
  readonly total: number;
  /** Row after row. */
  readonly counters: readonly number[];
};

/** Counters that a sketch may have: a view's row must hold them. */
const MOST_COUNTERS = 50_000;

const hash: Hash64 = { high: 0, low: 0 };

/**
 * A Count-Min sketch of all values (Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch
 * and its applications", J. Algorithms 55, 2005): for those who know only later which values they want to ask about.
 * @throws MillraceError `PLAN_OPTION` for an error or a confidence that no sketch keeps
 */
export function countMin<T>(
  of: Pick<T, Key>,
  { error = 0.01, confidence = 0.99 }: CountMinOptions = {},
): Aggregate<T, CountMinSketch> {
  const width = Math.ceil(Math.E / error);
  const depth = Math.max(1, Math.ceil(Math.log(1 / (1 - confidence))));
  if (!(error > 0 && error < 1 && confidence >= 0 && confidence < 1 && width * depth <= MOST_COUNTERS))
    throw new MillraceError(
      "PLAN_OPTION",
      `countMin: an error of ${error} at a confidence of ${confidence} is impossible: both lie between 0 and 1, and e/error × ln(1/(1 - confidence)) must not exceed ${MOST_COUNTERS}`,
      { next: "refused" },
    );
  const pick = picker(of);
  type Counters = { total: number; readonly counters: number[] };
  return {
    name: `countMin/${width}/${depth}`,
    create: (): Counters => ({ total: 0, counters: new Array<number>(width * depth).fill(0) }),
    extract: (value, info) => checkedKey(pick(value, info), "countMin"),
    add: (sketch: Counters, value: Key): Counters => {
      const { counters } = sketch;
      hash64(value, hash);
      for (let row = 0; row < depth; row += 1) {
        const at = placeIn(row, width);
        counters[at] = (counters[at] ?? 0) + 1;
      }
      sketch.total += 1;
      return sketch;
    },
    merge: (a: Counters, b: Counters): Counters => ({
      total: a.total + b.total,
      counters: a.counters.map((n, i) => n + (b.counters[i] ?? 0)),
    }),
    finish: ({ total, counters }: Counters): CountMinSketch => ({ width, total, counters: [...counters] }),
    clone: ({ total, counters }: Counters): Counters => ({ total, counters: [...counters] }),
    fallible: false,
    combines: "accumulator",
  };
}

/** How often a value came: never too low, and too high by `error × total` at most, as surely as the sketch was told. */
export function frequencyIn({ width, counters }: CountMinSketch, value: Key): number {
  hash64(value, hash);
  let least = Number.POSITIVE_INFINITY;
  for (let row = 0; row * width < counters.length; row += 1)
    least = Math.min(least, counters[placeIn(row, width)] ?? 0);
  return least;
}

/** Rows hash apart enough as `high + row × low` (Kirsch and Mitzenmacher, ESA 2006). */
const placeIn = (row: number, width: number): number =>
  row * width + (((hash.high + Math.imul(row, hash.low | 1)) >>> 0) % width);
