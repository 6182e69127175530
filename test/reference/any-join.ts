import { fc } from "@fast-check/vitest";
import { type Flow, type KeyedFlow, lake, milliseconds as ms } from "../../shared/index.ts";
import { type Aligned, anyAligned } from "./any-window.ts";
import { anyMs, type Row, type Rows, rowsOf } from "./rows.ts";

/** One operator of a generated pipeline. */
export type JoinStep = {
  readonly kind: "join";
  readonly by: "window" | "interval" | "key" | "version";
  readonly with: "itself" | "other";
  readonly window: Aligned;
  readonly outer: boolean;
  readonly from: number;
  readonly length: number;
  readonly grace: number;
};

export const anyJoin: fc.Arbitrary<JoinStep> = fc.record({
  kind: fc.constant("join" as const),
  by: fc.constantFrom("window" as const, "interval" as const, "key" as const, "version" as const),
  with: fc.constantFrom("itself" as const, "other" as const),
  window: anyAligned,
  outer: fc.boolean(),
  from: anyMs(-30, 20),
  length: anyMs(1, 40),
  grace: fc.oneof(fc.constant(0), anyMs(1, 30)),
});

type Pair = { readonly left: Row | null; readonly right: Row | null };

/** Both sides by one field, since keys must be of one type. */
export function joined(flow: Rows, step: JoinStep, i: number, other: () => Flow<Row>): Rows {
  const left = flow.keyBy("k");
  const right = (step.with === "other" ? other() : flow)
    .map((row) => ({ ...row, id: `${row.id}"` }))
    .keyBy("k");
  const shared = { id: `join_${i}`, grace: ms(step.grace) };
  const outer = step.outer ? ("left" as const) : ("inner" as const);
  const pairs = (): unknown => {
    switch (step.by) {
      case "window":
        return left.join(right, { ...shared, window: step.window, type: step.outer ? "full" : "inner" });
      case "interval":
        return left.join(right, {
          ...shared,
          type: outer,
          within: { from: ms(step.from), to: ms(step.from + step.length) },
        });
      case "key":
        return left.join(right, { ...shared, ttl: ms(step.length) });
      case "version":
        return left.temporalJoin(right, { ...shared, type: outer, ttl: ms(step.length * 3) });
    }
  };
  const found = pairs() as KeyedFlow<string, Pair> & { readonly late: Flow<unknown> };
  found.to(lake(`pairs_${i}`));
  found.late.to(lake(`late_rows_${i}`));
  return rowsOf(
    found.map(
      (pair, { time }): Row => ({
        id: `${pair.left?.id}&${pair.right?.id}`,
        k: (pair.left ?? pair.right)?.k ?? "",
        g: ((pair.left?.g ?? 0) + (pair.right?.g ?? 0)) % 3,
        t: time,
        n: ((pair.left?.n ?? 0) + (pair.right?.n ?? 0)) % 8,
      }),
    ),
  );
}
