import {
  type Aggregate,
  avg,
  collect,
  count,
  countDistinct,
  countMin,
  type DurationMs,
  epochMs,
  first,
  last,
  max,
  min,
  milliseconds as ms,
  quantile,
  sum,
  topK,
  tumbling,
} from "../../shared/index.ts";
import { Combiner } from "../../shared/operators/combine/combiner.ts";
import type { CombinedWindow, CombineSpec, Row } from "../../shared/operators/combine/spec.ts";
import type { WindowOptions } from "../../shared/operators/spec.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { combineOf } from "../../shared/plan/combining.ts";
import type { Reading } from "./one-stage.ts";

/** All that can be combined. Readings of 3 throw, and one of 6 asks for what only the receiver knows. */
export const aggregates: Readonly<Record<string, Aggregate<Reading, unknown>>> = {
  events: count<Reading>(),
  some: count<Reading>(({ n }) => {
    if (n === 3) throw new Error("three");
    return n > 3;
  }),
  least: min<Reading>("n"),
  most: max<Reading>("n"),
  middle: quantile<Reading>(0.5, "n"),
  different: countDistinct<Reading>("n"),
  named: count<Reading>(({ n }, info) => n !== 6 || info.id !== ""),
  often: countMin<Reading>("id", { error: 0.5 }),
  whole: sum<Reading>(({ n }) => (n - 3) * 2 ** 51, { whole: true }),
  total: sum<Reading>(({ n }) => n / 10),
  mean: avg<Reading>(({ n }) => n / 3),
  oldest: first<Reading, "id">("id"),
  newest: last<Reading, "id">("id"),
  ids: collect<Reading, "id">(4, "id"),
  top: topK<Reading, number>(2, "n", { capacity: 3 }),
};

/** Of these the ones on which the order of events has no bearing. */
const unordered = Object.fromEntries(
  Object.entries(aggregates).filter(([, { combines }]) => combines === "accumulator"),
);

type Options = Pick<WindowOptions, "allowedLateness" | "trigger"> & {
  /** Whether the order of events has a bearing on what is aggregated. */
  readonly ordered?: boolean;
  /** How often a window behind the first one shows early panes, by stream time. */
  readonly behind?: DurationMs | undefined;
};

export const stageOf = (window: CombinedWindow, { behind, ordered = true, ...options }: Options): Stage => ({
  id: "p.w",
  pipeline: "p",
  kind: "stage",
  partitions: 1,
  input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] },
  fingerprint: "",
  versions: [],
  nodes: [
    {
      id: "w",
      spec: {
        kind: "window",
        window,
        aggregates: (ordered ? aggregates : unordered) as CombineSpec["aggregates"],
        ...options,
      },
      inputs: [{ edge: 0 }],
      onError: "dead-letter",
    },
    ...(["main", "late", "failed"] as const).map((port) => ({
      id: port,
      spec: { kind: "feed" as const, stage: port, partitions: 1, edge: 0, reach: "own" as const },
      inputs: [{ node: 0, port }],
      onError: "dead-letter" as const,
    })),
    ...(behind === undefined ? [] : windowBehind(behind)),
  ],
});

/** It counts panes, early ones too. */
const windowBehind = (early: DurationMs): Stage["nodes"] => [
  {
    id: "behind",
    spec: {
      kind: "window",
      window: tumbling(ms(40)),
      aggregates: { panes: count() },
      allowedLateness: ms(100),
      trigger: { early },
    },
    inputs: [{ node: 0, port: "main" }],
    onError: "dead-letter",
  },
  {
    id: "panes",
    spec: { kind: "feed", stage: "panes", partitions: 1, edge: 0, reach: "own" },
    inputs: [{ node: 4, port: "main" }],
    onError: "dead-letter",
  },
];

/** As the planner would have it. */
export function combinerFor({ nodes }: Stage): Combiner {
  const [head] = nodes;
  const spec = head?.spec.kind === "window" ? combineOf(head.spec, nodes) : undefined;
  if (spec === undefined) throw new RangeError("nothing is combined for it");
  return new Combiner(spec);
}

/** Beside this a count weighs little. */
export const HEAVY: { readonly note: string } = { note: "x".repeat(80) };

export const reading = (id: string, t: number, n = 1, k = "a"): Row => [
  0,
  k,
  epochMs(t),
  { id, k, t, n, ...HEAVY },
];
