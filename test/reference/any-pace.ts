import { fc } from "@fast-check/vitest";
import { lake, milliseconds as ms } from "../../shared/index.ts";
import { anyMs, type Row, type Rows, rowsOf } from "./rows.ts";

/** One operator of a generated pipeline. */
export type PaceStep = {
  readonly kind: "pace";
  readonly by: "throttle" | "debounce" | "sample" | "batch";
  readonly most: number;
  readonly span: number;
};

export const anyPace: fc.Arbitrary<PaceStep> = fc.record({
  kind: fc.constant("pace" as const),
  by: fc.constantFrom("throttle" as const, "debounce" as const, "sample" as const, "batch" as const),
  most: anyMs(1, 4),
  span: anyMs(1, 40),
});

export function paced(flow: Rows, { by, most, span }: PaceStep, i: number): Rows {
  const id = `pace_${i}`;
  switch (by) {
    case "throttle": {
      const passed = flow.throttle({ id, most, per: ms(span) });
      passed.late.to(lake(`late_${i}`));
      passed.excess.to(lake(`excess_${i}`));
      return passed;
    }
    case "debounce": {
      const settled = flow.debounce({ id, quiet: ms(span) });
      settled.late.to(lake(`late_${i}`));
      return settled;
    }
    case "sample":
      return flow.sample({ id, every: ms(span), take: most % 2 === 0 ? "first" : "last" });
    case "batch":
      return rowsOf(
        flow.batch({ id, size: most, within: ms(span) }).map(
          ({ key, values }, { time }): Row => ({
            id: values.map((row) => row.id).join("+"),
            k: String(key),
            g: values.length % 3,
            t: time,
            n: values.reduce((sum, { n }) => sum + n, 0) % 8,
          }),
        ),
      );
  }
}
