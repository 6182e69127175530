import {
  type Aggregate,
  avg,
  collect,
  count,
  countDistinct,
  custom,
  first,
  last,
  max,
  min,
  quantile,
  sum,
} from "../../shared/index.ts";
import type { Row } from "./rows.ts";

/** Throws half-way, in each of its steps. */
const FRAGILE = custom<Row, { readonly ids: string[] }, number>({
  create: () => ({ ids: [] }),
  add: (state, { id, n }) => {
    state.ids.push(id);
    if (n === 5) throw new RangeError("five");
    return state;
  },
  merge: (a, b) => ({ ids: [...a.ids, ...b.ids] }),
  finish: ({ ids }) => {
    if (ids.length === 4) throw new RangeError("four");
    return ids.length;
  },
});

const LIGHT = {
  events: count<Row>(),
  some: count<Row>(({ n }) => {
    if (n === 6) throw new RangeError("six");
    return n > 3;
  }),
};

const MERGEABLE = {
  ...LIGHT,
  whole: sum<Row>(({ n }) => (n - 3) * 2 ** 51, { whole: true }),
  least: min<Row>("n"),
  most: max<Row>("n"),
  middle: quantile<Row>(0.5, "n"),
  different: countDistinct<Row>("id"),
};

const USUAL = {
  ...MERGEABLE,
  total: sum<Row>("n"),
  tenths: sum<Row>(({ n }) => n / 10),
  mean: avg<Row>("n"),
  ids: collect<Row, "id">(4, "id"),
  oldest: first<Row, "id">("id"),
  newest: last<Row, "id">("id"),
};

/** What the row behind a window is made of; there are others beside it. */
export type Counted = { readonly events: Aggregate<Row, number>; readonly some: Aggregate<Row, number> };

/**
 * Anything; what can be merged in any order; of that what weighs less than a row, so that few rows are worth combining;
 * and something that throws.
 */
export const AGGREGATES: Readonly<Record<"usual" | "mergeable" | "light" | "fragile", Counted>> = {
  light: LIGHT,
  mergeable: MERGEABLE,
  usual: USUAL,
  fragile: { ...USUAL, odd: FRAGILE } as Counted,
};
