import { fc } from "@fast-check/vitest";
import {
  cumulating,
  global,
  hopping,
  lake,
  milliseconds as ms,
  type ResultFlow,
  session,
  type Trigger,
  tumbling,
  view,
  type WindowSpec,
} from "../../shared/index.ts";
import { whyNotCombined } from "../../shared/operators/combine/spec.ts";
import { AGGREGATES, type Counted } from "./aggregates.ts";
import { anyMs, type Row, type Rows } from "./rows.ts";

type Early =
  | { readonly ms: number }
  | { readonly byClock: number }
  | { readonly events: number }
  /** The number of an event that shows its windows. */
  | { readonly n: number }
  | undefined;

export type Aligned = Extract<WindowSpec, { readonly kind: "tumbling" | "hopping" }>;

/** One operator of a generated pipeline. */
export type WindowStep = {
  readonly kind: "window";
  readonly window: WindowSpec;
  readonly lateness: number;
  readonly early: Early;
  readonly discarding: boolean;
  /** What it aggregates. */
  readonly of: keyof typeof AGGREGATES;
  /** Partitions over which its keys are spread, where they can be. */
  readonly spread: number | undefined;
};

const anyWindow: fc.Arbitrary<WindowSpec> = fc.oneof(
  anyMs(5, 40).map((size) => tumbling(ms(size))),
  fc.tuple(anyMs(5, 40), anyMs(4, 40)).map(([a, b]) => hopping(ms(Math.max(a, b)), ms(Math.min(a, b)))),
  fc.tuple(anyMs(4, 12), anyMs(2, 4)).map(([slide, times]) => hopping(ms(slide * times), ms(slide))),
  fc.tuple(anyMs(4, 12), anyMs(2, 4)).map(([step, times]) => cumulating(ms(step * times), ms(step))),
  anyMs(2, 25).map((gap) => session(ms(gap))),
  fc.constant(global()),
);

export const anyAligned: fc.Arbitrary<Aligned> = anyWindow.filter(
  (window): window is Aligned => window.kind === "tumbling" || window.kind === "hopping",
);

const anyEarly: fc.Arbitrary<Early> = fc.oneof(
  fc.constant(undefined),
  fc.record({ ms: anyMs(1, 30) }),
  fc.record({ byClock: anyMs(1, 30_000) }),
  fc.record({ events: anyMs(1, 4) }),
  fc.record({ n: fc.nat({ max: 7 }) }),
);

export const anyWindowStep: fc.Arbitrary<WindowStep> = fc.record({
  kind: fc.constant("window" as const),
  window: anyWindow,
  lateness: fc.oneof(fc.constant(0), anyMs(1, 60)),
  early: anyEarly,
  discarding: fc.boolean(),
  of: fc.constantFrom("usual" as const, "mergeable" as const, "light" as const, "fragile" as const),
  spread: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, anyMs(2, 3)),
});

export function windowed(
  flow: Rows,
  step: WindowStep,
  i: number,
  { combine = true }: { readonly combine?: boolean },
): Rows {
  const { early } = step;
  const allowedLateness = ms(step.lateness);
  const accumulation = step.discarding ? ({ accumulation: "discarding" } as const) : {};
  const trigger = { ...(early === undefined ? {} : { early: earlyOf(early) }), ...accumulation };
  const isSpread =
    step.spread !== undefined &&
    (step.of === "mergeable" || step.of === "light") &&
    early === undefined &&
    whyNotCombined({ window: step.window, allowedLateness, trigger: accumulation, aggregates: {} }) ===
      undefined;
  const keyed = isSpread ? flow.spread(step.spread) : flow;
  const results = keyed
    .window(step.window, {
      id: `window_${i}`,
      combine,
      allowedLateness,
      trigger,
    })
    .aggregate(AGGREGATES[step.of]) as Results;
  written(results, i);
  return results.map(
    (r, { time }): Row => ({
      id: `${r.key}/${r.window.start}/${r.pane.index}`,
      k: String(r.key),
      g: r.some % 3,
      t: time,
      n: r.events % 8,
    }),
  );
}

const earlyOf = (early: NonNullable<Early>): NonNullable<Trigger<Row>["early"]> => {
  if ("ms" in early) return ms(early.ms);
  if ("n" in early) return { when: ({ n }) => n === early.n };
  return "byClock" in early ? { processingTime: ms(early.byClock) } : early;
};

type Results = ResultFlow<string | number, Row, Counted>;

function written(results: Results, i: number): void {
  results.to(view(`results_${i}`, { key: (r) => r.key, sort: (r) => r.window.start }));
  results.to(lake(`panes_${i}`));
  results.late.to(lake(`late_${i}`));
  results.failed.to(lake(`failed_${i}`));
}
