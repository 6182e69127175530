import { describe, expect, test } from "vitest";
import { customWindows, epochMs, milliseconds as ms, type Span, tumbling } from "../../shared/index.ts";
import { Combiner } from "../../shared/operators/combine/combiner.ts";
import { COMBINED_EDGE, type Row } from "../../shared/operators/combine/spec.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { BEGINNING_OF_TIME } from "../../shared/time/time.ts";
import { aggregates, reading, stageOf } from "./combining.ts";

describe("a combined row that its receiver did not ask for", () => {
  const whole = stageOf(tumbling(ms(10)), { allowedLateness: ms(0), trigger: {} });
  // no policy may drop it
  const stage = { ...whole, nodes: whole.nodes.map((node) => ({ ...node, onError: "skip" as const })) };
  const failedBy = (row: Row, watermark = 0): unknown => {
    const fold = new Fold(stage, { codeVersion: "1" });
    for (const channel of [0, 1]) fold.channelWatermark(`up/${channel}`, epochMs(watermark));
    fold.row(...row);
    return fold.seal().outputs.failed.map(({ operator, error, payload }) => [operator, error.code, payload]);
  };

  test.each<[string, unknown]>([
    ["of other aggregates", { n: 1, "=events": 1 }],
    ["of one more", { ...wholeOf(), "=more": 1 }],
    ["of what is no partial result", "x"],
    ["with no number", { ...wholeOf(), n: "many" }],
    ["whose values are no list", { ...wholeOf(), "=total": 1 }],
  ])("is a failed event: %s", (_, value) => {
    expect(failedBy([COMBINED_EDGE, "a", epochMs(1), value])).toEqual([["p.w", "PARTIAL_UNKNOWN", value]]);
  });

  test("is a failed event where its windows are over", () => {
    const row = new Combiner({ window: tumbling(ms(10)), aggregates: aggregates as never }).combined(
      [reading("a", 1)],
      BEGINNING_OF_TIME,
      true,
    )[0] as Row;
    expect(failedBy(row)).toEqual([]);
    expect(failedBy(row, 10)).toEqual([["p.w", "PARTIAL_UNKNOWN", row[3]]]);
  });

  test("is a failed event of a stage that takes none", () => {
    const [window, ...others] = stage.nodes;
    const assign = (): Span[] => [{ start: epochMs(0), end: epochMs(10) }];
    const own = {
      ...window?.spec,
      window: customWindows("own", { assign }),
    } as Stage["nodes"][number]["spec"];
    const fold = new Fold(
      { ...stage, nodes: [{ ...(window as Stage["nodes"][number]), spec: own }, ...others] },
      { codeVersion: "1" },
    );
    fold.row(COMBINED_EDGE, "a", epochMs(1), {});
    expect(fold.seal().outputs.failed).toMatchObject([
      { operator: "p.w", error: { code: "PARTIAL_UNKNOWN" } },
    ]);
  });
});

/** What a combined row for `aggregates` is. */
function wholeOf(): Record<string, unknown> {
  const [row] = new Combiner({ window: tumbling(ms(10)), aggregates: aggregates as never }).combined(
    [reading("a", 1)],
    BEGINNING_OF_TIME,
    true,
  );
  return row?.[3] as Record<string, unknown>;
}
