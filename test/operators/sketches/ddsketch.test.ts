import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  type Buckets,
  DdSketch,
  emptyBuckets,
  MOST_BUCKETS,
  mergedBuckets,
} from "../../../shared/operators/sketches/ddsketch.ts";

const ALPHA = 0.05;
const GAMMA = (1 + ALPHA) / (1 - ALPHA);
const sketch = new DdSketch(ALPHA);
const of = (values: readonly number[]): Buckets =>
  values.reduce((buckets, value) => sketch.add(buckets, value), emptyBuckets());

/** How many values are in `(γ^(i-1), γ^i]`, each bound looked at. */
const counted = (values: readonly number[]): Map<number, number> => {
  const side = new Map<number, number>();
  for (const value of values) {
    let index = 0;
    while (value > GAMMA ** index) index += 1;
    while (value <= GAMMA ** (index - 1)) index -= 1;
    side.set(index, (side.get(index) ?? 0) + 1);
  }
  return side;
};

type Side = ReadonlyMap<number, number>;

/** The buckets with the highest numbers, the lowest of which has what was in all below it. */
function mostOf(side: Side): [number, number][] {
  const all = [...side].sort(([a], [b]) => b - a);
  const kept = all.slice(0, MOST_BUCKETS);
  const below = all.slice(MOST_BUCKETS).reduce((sum, [, n]) => sum + n, 0);
  return kept.map(([index, n], i): [number, number] => [index, i === MOST_BUCKETS - 1 ? n + below : n]);
}

const sorted = (side: Side): [number, number][] => [...side].sort(([a], [b]) => b - a);

/** Every other bucket from `from` on, shuffled, as values come in no order. */
const filled = (from: number, length = MOST_BUCKETS): Map<number, number> =>
  new Map(
    Array.from({ length }, (_, i) => {
      const index = (i * 1_237) % length;
      return [from + 2 * index, 1 + (index % 3)] as const;
    }),
  );

const numbered = (side: Side): number => [...side.values()].reduce((sum, n) => sum + n, 0);
const full = (side: "positive" | "negative"): Buckets => {
  const buckets = { ...emptyBuckets(), [side]: filled(-1_000) };
  buckets.count = numbered(buckets[side]);
  return buckets;
};

describe("a DDSketch", () => {
  const anyValue = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: -9, max: 9 }));

  test.prop([
    fc.array(
      anyValue.map((x) => (Math.abs(x) < 1e-9 ? 0 : x)),
      { maxLength: 40 },
    ),
  ])("counts values by bucket and sign, and keeps the least and the greatest", (values) => {
    expect(of(values)).toEqual({
      positive: counted(values.filter((value) => value > 0)),
      negative: counted(values.filter((value) => value < 0).map((value) => -value)),
      zeros: values.filter((value) => value === 0).length,
      count: values.length,
      min: Math.min(Number.MAX_VALUE, ...values),
      max: Math.max(-Number.MAX_VALUE, ...values),
    });
  });

  test.each([
    ["nearer to zero than all others", -1_500],
    ["between the two that are nearest", -999],
    ["next to those", -997],
    ["in the midst", 501],
    ["beyond all others", 4_000],
  ])("with one bucket too many joins the two nearest to zero: that one is %s", (_, index) => {
    // a value in the midst of the bucket
    const value = (2 * GAMMA ** index) / (GAMMA + 1);
    for (const [side, sign] of [
      ["positive", 1],
      ["negative", -1],
    ] as const) {
      const buckets = full(side);
      const before = buckets.count;
      const expected = mostOf(new Map([...buckets[side], [index, 1]]));
      sketch.add(buckets, sign * value);
      expect(sorted(buckets[side])).toEqual(expected);
      expect(buckets.count).toBe(before + 1);
    }
  });

  test("with a value in a bucket that is there joins none", () => {
    const buckets = full("positive");
    sketch.add(buckets, (2 * GAMMA ** 500) / (GAMMA + 1));
    expect(sorted(buckets.positive)).toEqual(
      sorted(full("positive").positive).map(([index, n]) => [index, index === 500 ? n + 1 : n]),
    );
  });

  test.each([-3_000, -1_001, -1_000, 300])(
    "that is merged with another has the buckets farthest from zero, and counts all: from %d",
    (from) => {
      const [a, b] = [full("negative"), { ...emptyBuckets(), negative: filled(from, 900) }];
      const all = new Map(a.negative);
      for (const [index, n] of b.negative) all.set(index, (all.get(index) ?? 0) + n);
      expect(sorted(mergedBuckets(a, b).negative)).toEqual(mostOf(all));
      expect(sorted(mergedBuckets(b, a).negative)).toEqual(mostOf(all));
    },
  );

  test("keeps its error above the buckets that were joined, and its count", () => {
    // three thousand buckets of one value each
    const values = Array.from({ length: 3_000 }, (_, i) => GAMMA ** (i - 1_500 + 0.5));
    const buckets = of(values.toSorted((a, b) => Math.sin(a) - Math.sin(b)));
    expect(buckets.count).toBe(3_000);
    expect(numbered(buckets.positive)).toBe(3_000);
    expect(buckets.positive.size).toBe(MOST_BUCKETS);
    for (let rank = 3_000 - MOST_BUCKETS; rank < 2_999; rank += 97) {
      const found = sketch.quantile(buckets, (rank + 0.5) / 2_999) ?? Number.NaN;
      expect(Math.abs(found / (values[rank] ?? 0) - 1)).toBeLessThanOrEqual(ALPHA * (1 + 1e-9));
    }
  });

  test("of no values has no quantile, and of one value has that", () => {
    expect(sketch.quantile(emptyBuckets(), 0.5)).toBeUndefined();
    for (const value of [7, -7, 0]) expect(sketch.quantile(of([value]), 0.5)).toBe(value);
  });

  test("finds a rank among negative values, zeros and positive ones in their order", () => {
    const buckets = of([-100, -10, 0, 0, 10, 100]);
    const at = (rank: number): number => sketch.quantile(buckets, rank / 5) ?? Number.NaN;
    expect(at(0)).toBe(-100);
    expect(at(1)).toBeCloseTo(-10, -1);
    expect([at(2), at(3)]).toEqual([0, 0]);
    expect(at(4)).toBeCloseTo(10, -1);
    expect(at(4)).toBeGreaterThan(0);
    expect(at(5)).toBeGreaterThan(90);
  });
});
