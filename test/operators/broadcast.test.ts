import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  application,
  count,
  type EpochMs,
  epochMs,
  lake,
  milliseconds as ms,
  pipeline,
  tumbling,
} from "../../shared/index.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { broadcastStage } from "./broadcast-stage.ts";
import { anyInternalInputs } from "./inputs.ts";
import { readingsOf } from "./one-stage.ts";
import { type Input, Runner, rowsTo } from "./runner.ts";

/** What `broadcastStage` gives: of all control rows so far, by the log, the last of each key. */
function byDefinition(inputs: readonly Input[]): string[][] {
  return inputs.map((input, i) => {
    if (input.kind !== "row" || input.row.n >= 3) return [];
    const before = inputs.slice(0, i).flatMap((one) => (one.kind === "row" ? [one.row] : []));
    const keys = [...new Set(before.map(({ k }) => k))].sort();
    return keys.flatMap((key) => {
      const said = before.findLast(({ k, n }) => k === key && n >= 4 && n !== 5);
      return said === undefined ? [] : [`${input.row.id}: ${key} ${said.n} since ${said.id}`];
    });
  });
}

describe("a broadcast", () => {
  test.prop([anyInternalInputs], { numRuns: 200 })(
    "shows each event the last control value of each key that came before it",
    (inputs) => {
      const runner = new Runner(broadcastStage());
      const given = inputs.map((input, i) => rowsTo("out", runner.batch([input], i)));
      expect(given).toEqual(byDefinition(inputs));
    },
  );

  const stage = broadcastStage();
  const seen = (fold: Fold): unknown => {
    fold.row(0, "a", epochMs(0), { id: "e", n: 0 });
    return fold
      .seal()
      .outputs.feeds.get("p.lake-out")
      ?.map(([, , , row]) => row);
  };
  const heard = (...values: unknown[]): Fold => {
    const fold = new Fold(stage, { codeVersion: "c" });
    fold.record("up/0:1", epochMs(0));
    for (const value of values) fold.row(1, "x", epochMs(50), value);
    return fold;
  };

  test("forgets a key whose value is null", () => {
    expect(seen(heard({ id: "c", n: 4 }))).toEqual(["e: x 4 since c"]);
    expect(seen(heard({ id: "c", n: 4 }, null))).toBeUndefined();
    expect(seen(heard({ id: "c", n: 4 }, null, { id: "d", n: 6 }))).toEqual(["e: x 6 since d"]);
  });

  test("keeps the value before where one cannot be prepared, which fails", () => {
    const fold = heard({ id: "c", n: 4 }, { id: "d", n: 5 });
    expect(seen(fold)).toEqual(["e: x 4 since c"]);
    expect(fold.outputs.failed).toMatchObject([{ operator: "b", error: { message: "five" } }]);
  });

  test("fails events, and loses none, where a value that was kept can be prepared no more", () => {
    const fold = new Fold(stage, { codeVersion: "c" });
    fold.apply([["b", "put", "x", { id: "d", n: 5 }]]);
    fold.resume(fold.sealed.time, fold.sealed.counts);
    seen(fold);
    expect(fold.outputs.failed).toMatchObject([{ payload: { id: "e" }, error: { message: "five" } }]);
  });

  test("takes back what a lost batch heard", () => {
    const fold = heard({ id: "c", n: 4 });
    fold.seal();
    fold.keep();
    fold.row(1, "x", epochMs(0), { id: "d", n: 6 });
    fold.row(1, "y", epochMs(0), { id: "d", n: 7 });
    fold.rollback();
    expect(seen(fold)).toEqual(["e: x 4 since c"]);
  });

  test("lets nothing change a control value", () => {
    const built = stage.nodes[0];
    if (built?.spec.kind !== "broadcast") throw new Error("no broadcast");
    const spec = {
      ...built.spec,
      prepare: undefined,
      onEvent: (_: unknown, latest: ReadonlyMap<unknown, unknown>) => {
        for (const value of latest.values()) (value as { deep: { n: number } }).deep.n += 1;
        return [];
      },
    };
    const fold = new Fold({ ...stage, nodes: [{ ...built, spec }] }, { codeVersion: "c" });
    const said = { deep: { n: 1 } };
    fold.row(1, "x", epochMs(0), said);
    said.deep.n = 7;
    seen(fold);
    expect([...fold.snapshot()]).toEqual([["b", "put", "x", { deep: { n: 1 } }]]);
    expect(fold.outputs.failed).toMatchObject([{ error: { name: "TypeError" } }]);
  });
});

describe("time, where a control flow comes in", () => {
  const twoSides: Stage = {
    ...broadcastStage(),
    input: {
      kind: "internal",
      upstreams: [
        { stage: "events", partitions: 1 },
        { stage: "control", partitions: 2, control: true },
      ],
    },
  };

  test("goes by the events alone", () => {
    const fold = new Fold(twoSides, { codeVersion: "c" });
    fold.channelWatermark("control/0", epochMs(5));
    expect(fold.watermark).toBe(Number.NEGATIVE_INFINITY);
    fold.channelWatermark("events/0", epochMs(90));
    expect(fold.watermark).toBe(90);
    fold.row(1, "x", epochMs(500), { id: "c", n: 4 });
    expect(fold.time()).toMatchObject({ streamTime: Number.NEGATIVE_INFINITY, channels: [["events/0", 90]] });
    fold.row(0, "a", epochMs(95), { id: "e", n: 0 });
    expect(fold.time().streamTime).toBe(95);
  });
});

test("the time of a control value awaits no pane of windows behind it", () => {
  const readings = readingsOf();
  const seconds = (n: number): EpochMs => epochMs(1_000 * n);
  const built = pipeline("p", (p) => {
    const keyed = p.from(readings).keyBy("id");
    keyed
      .withBroadcast(p.from(readings).keyBy("n"), { id: "b", onEvent: (event) => [event] })
      .window(tumbling(ms(10_000)), { id: "short" })
      .aggregate({ n: count() })
      .window(tumbling(ms(60_000)), { id: "long", trigger: { early: ms(20_000) } })
      .aggregate({ short: count() })
      .to(lake("out"));
  });
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  const stage = stages.get("p.b");
  const upstreams = [{ stage: "up", partitions: 1 }];
  const fold = new Fold(
    { ...(stage as Stage), input: { kind: "internal", upstreams } },
    { codeVersion: "c" },
  );
  const shown = (): unknown[] => [...fold.outputs.feeds.values()].flat();
  fold.record("up/0:1", epochMs(0));
  fold.row(0, "a", seconds(1), { id: "a" });
  fold.row(1, 1, seconds(100), { n: 1 });
  // the short window comes to its end, and its result into the long one
  fold.channelWatermark("up/0", seconds(12));
  expect(shown()).toEqual([]);
  fold.row(0, "b", seconds(25), { id: "b" });
  expect(shown()).toHaveLength(1);
});
