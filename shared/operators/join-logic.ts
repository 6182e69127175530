import { IntervalJoin } from "./interval-join.ts";
import type { JoinLogic, JoinParts } from "./join.ts";
import type { JoinSpec } from "./join-spec.ts";
import { TemporalJoin } from "./temporal-join.ts";
import { WindowJoin } from "./window-join.ts";

type Of<By extends JoinSpec["by"]> = Extract<JoinSpec, { readonly by: By }>;

/** What a join does with its rows. */
export function joinLogic(spec: JoinSpec, parts: JoinParts): JoinLogic {
  switch (spec.by) {
    case "window":
      return new WindowJoin(parts, spec);
    case "version":
      return new TemporalJoin(parts, { ...spec, type: outer(spec) });
    case "interval":
      return new IntervalJoin(parts, { ...spec, type: outer(spec) });
    case "key":
      return new IntervalJoin(parts, { type: "inner", grace: spec.grace, ...remembered(spec) });
  }
}

const outer = ({ type }: JoinSpec): "inner" | "left" => (type === "left" ? "left" : "inner");

/** Two rows are remembered together where they are less than `ttl` apart. */
const remembered = ({ ttl }: Of<"key">): { readonly from: number; readonly to: number } =>
  ttl === undefined
    ? { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
    : { from: 1 - ttl, to: ttl };
