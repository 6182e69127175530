import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { Sketch } from "../../../../local/models/cloudwatch/sketch.ts";

const anyValues = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

test.prop([anyValues, anyValues, fc.constantFrom(0, 0.5, 0.9, 0.99, 1)])(
  "two sketches together know count, sum and extremes of all values, and percentiles to 1 %",
  (left, right, share) => {
    const [one, other] = [left, right].map((values) => {
      const sketch = new Sketch();
      for (const value of values) sketch.add(value);
      return sketch;
    }) as [Sketch, Sketch];
    const all = [...left, ...right].sort((a, b) => a - b);
    const merged = one.merged(other);
    expect(merged).toMatchObject({ count: all.length, min: all[0], max: all.at(-1) });
    expect(merged.sum).toBeCloseTo(
      all.reduce((sum, value) => sum + value, 0),
      3,
    );
    const exact = all[Math.floor(share * (all.length - 1))] ?? 0;
    expect(Math.abs(merged.quantile(share) - exact)).toBeLessThanOrEqual(
      Math.abs(exact) * 0.0100001 + 1e-300,
    );
  },
);
