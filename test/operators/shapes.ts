import { count, last, milliseconds as ms, pattern, sum, tumbling } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { broadcastStage } from "./broadcast-stage.ts";
import { joinShapes } from "./join-shapes.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { processShapes } from "./process-shapes.ts";
import { source } from "./shape-source.ts";
import { versionedShapes } from "./versions.ts";
import { windowShapes } from "./window-shapes.ts";

/** Stages that must give the same whatever befalls them. */
export const shapes: Readonly<Record<string, Stage>> = {
  ...windowShapes,
  ...processShapes,
  ...joinShapes,
  "a broadcast": broadcastStage(),
  "a process of a later version": versionedShapes["a process"]({ version: 2, damaged: false }),
  "sessions of a later version": versionedShapes.sessions({ version: 3, damaged: false }),
  "windows of windows": sourceStage((readings) => {
    const inner = readings
      .dedupe({ id: "d", by: "n", within: ms(10) })
      .keyBy("k")
      .window(tumbling(ms(10)), { id: "inner", allowedLateness: ms(10), trigger: { early: ms(10) } })
      .aggregate({ events: count() });
    const outer = inner
      .keyBy("key")
      .window(tumbling(ms(40)), { id: "outer", allowedLateness: ms(10), trigger: { early: ms(15) } })
      .aggregate({ panes: count(), events: sum("events"), newest: last((r) => r.pane) });
    return { out: outer, late: outer.late, inner };
  }, source),
  "what paces": sourceStage((readings) => {
    const keyed = readings.keyBy("k");
    const few = keyed.throttle({ id: "throttle", most: 2, per: ms(15) });
    const calm = keyed.debounce({ id: "debounce", quiet: ms(9) });
    const lists = few.batch({ id: "batch", size: 3, within: ms(20) });
    const some = keyed.sample({ id: "sample", every: ms(12), take: "first" });
    return { few, many: few.excess, late: few.late, calm, calmLate: calm.late, lists, some };
  }, source),
  "a pattern": sourceStage((readings) => {
    const out = readings.keyBy("k").match(
      pattern<Reading>()
        .begin("first", ({ n }) => n < 5)
        .followedBy("more", ({ n }, { first, more }) => n > ((more.at(-1) ?? first[0])?.n ?? 0))
        .oneOrMore()
        .notNext("three", ({ n }) => {
          if (n === 3) throw new Error("three");
          return n === 4;
        })
        .followedByAny("last", ({ n }) => n > 1)
        .optional()
        .within(ms(40)),
      { id: "m", skip: { first: "more" }, maxRuns: 20 },
    );
    return { out, late: out.late, cut: out.timeouts, failed: out.failed };
  }, source),
  "an approximate dedupe": sourceStage((readings) => {
    const approximate = { errorRate: 0.3, capacity: 5 };
    const out = readings.dedupe({ id: "d", by: ({ n, t }) => n + (t % 5) * 8, within: ms(30), approximate });
    return { out, failed: out.failed };
  }, source),
  dedupe: sourceStage((readings) => ({ out: readings.dedupe({ id: "d", by: "n", within: ms(30) }) }), source),
};

export const isInternal = (stage: Stage): boolean => stage.input.kind === "internal";
