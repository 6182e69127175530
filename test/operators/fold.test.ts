import { describe, expect, test } from "vitest";
import {
  count,
  cumulating,
  hopping,
  milliseconds as ms,
  type Span,
  session,
  tumbling,
  type WindowSpec,
} from "../../shared/index.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { epochMs } from "../../shared/time/time.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, type Input, Runner, rowsTo } from "./runner.ts";

const read = (id: string, k: string, t: number, n = 0): Reading => ({ id, k, t, n });
const tick = (at: number, sentAt = at): Input => ({ kind: "tick", at, sentAt });

const windows = (options: Parameters<typeof sourceStage>[1] = {}): Stage =>
  sourceStage(
    (all) => ({
      out: all
        .keyBy("k")
        .window(tumbling(ms(10)), { id: "w" })
        .aggregate({ n: count() }),
    }),
    options,
  );

describe("a tick", () => {
  const idle = { threshold: ms(100), incrementBy: ms(20), stepInterval: ms(50), initSourceDelay: ms(500) };

  test("moves the watermark of a source that has been idle, and gives windows their ends", () => {
    const runner = new Runner(windows({ idle }));
    runner.batch([{ ...eventOf(read("1", "a", 1)), sentAt: 1_000 }], 0);
    expect(runner.batch([tick(1_099)], 1).time).toMatchObject({ watermark: 1, lastEventAt: 1_000 });
    const given = runner.batch([tick(1_100)], 2);
    expect(given.time).toMatchObject({ watermark: 21, lastStepAt: 1_100 });
    expect(rowsTo("out", given)).toMatchObject([{ n: 1, window: { end: 10 } }]);
    expect(runner.batch([tick(1_149)], 3).time.watermark).toBe(21);
    expect(runner.batch([tick(1_150)], 4).time.watermark).toBe(41);
  });

  test("is remembered where it is the first, and no later one is", () => {
    const runner = new Runner(windows({ idle }));
    expect(runner.batch([tick(3_000)], 0).time).toMatchObject({ firstTickAt: 3_000, watermark: -Infinity });
    expect(runner.batch([tick(3_499)], 1).time).toMatchObject({ firstTickAt: 3_000, watermark: -Infinity });
    expect(runner.batch([tick(3_500)], 2).time).toMatchObject({ firstTickAt: 3_000, watermark: 3_000 });
  });

  const upstreams = [{ stage: "up", partitions: 1 }];
  test.each<[string, Stage]>([
    ["a source that says nothing of idleness", windows()],
    ["a stage behind a shuffle", { ...windows({ idle }), input: { kind: "internal", upstreams } }],
  ])("moves nothing in %s", (_, stage) => {
    const runner = new Runner(stage);
    const { time } = runner.batch([tick(1_000), tick(9_000)], 0);
    expect(time).toMatchObject({ firstTickAt: -Infinity, watermark: -Infinity, processingTime: 9_000 });
  });
});

/** Of key a, which has events at 38 and then at 1, each counted. */
function shown(window: WindowSpec): number[][] {
  const stage = sourceStage(
    (all) => ({ out: all.keyBy("k").window(window, { id: "w" }).aggregate({ n: count() }) }),
    {
      outOfOrder: 100,
    },
  );
  const runner = new Runner(stage);
  runner.batch([read("1", "a", 38), read("2", "a", 1), read("3", "b", 15)].map(eventOf), 0);
  expect(runner.fold.stateOf("w", "c")).toEqual([]);
  const rows = runner.fold.stateOf("w", "a") as { key: string; n: number; window: Span }[];
  for (const { key, n } of rows) expect([key, n]).toEqual(["a", 1]);
  return rows.map(({ window: { start, end } }) => [start, end]);
}

describe("a fold", () => {
  test("says when the first of its timers is, and none where there is none", () => {
    const runner = new Runner(windows({ outOfOrder: 100 }));
    expect(runner.fold.seal().nextTimer).toBeUndefined();
    for (const [t, next] of [
      [31, 40],
      [15, 20],
      [52, 20],
      [130, 40],
    ] as const) {
      runner.batch([eventOf(read(`${t}`, "a", t))], t);
      expect(runner.fold.seal().nextTimer).toBe(next);
    }
    runner.batch([END], 0);
    expect(runner.fold.seal().nextTimer).toBeUndefined();
  });

  test("counts the windows that it has shown, and those that are open", () => {
    const stage = sourceStage((all) => {
      const keyed = all.keyBy("k");
      const trigger = { early: { events: 2 } };
      return {
        w: keyed.window(tumbling(ms(10)), { id: "w", trigger }).aggregate({ n: count() }),
        s: keyed.window(session(ms(10)), { id: "s" }).aggregate({ n: count() }),
        d: all.dedupe({ id: "d", within: ms(1_000) }),
      };
    });
    const runner = new Runner(stage);
    const first = runner.batch(
      [1, 2, 3].map((t) => eventOf(read(`${t}`, "a", t))),
      0,
    );
    expect([first.counts.windows, runner.fold.openWindows, runner.fold.size]).toEqual([0, 2, 5]);
    const then = runner.batch([eventOf(read("50", "b", 50))], 3);
    expect([then.counts.windows, runner.fold.openWindows]).toEqual([2, 2]);
    expect(runner.batch([END], 4).counts.windows).toBe(4);
  });

  test.each<[string, Parameters<typeof shown>[0], number[][]]>([
    [
      "tumbling windows",
      tumbling(ms(10)),
      [
        [0, 10],
        [30, 40],
      ],
    ],
    [
      "hopping windows of slices",
      hopping(ms(20), ms(10)),
      [
        [-10, 10],
        [0, 20],
        [20, 40],
        [30, 50],
      ],
    ],
    [
      "hopping windows",
      hopping(ms(15), ms(10)),
      [
        [-10, 5],
        [0, 15],
        [30, 45],
      ],
    ],
    [
      "sessions",
      session(ms(5)),
      [
        [1, 6],
        [38, 43],
      ],
    ],
    [
      "windows that cumulate",
      cumulating(ms(20), ms(10)),
      [
        [0, 10],
        [0, 20],
        [20, 40],
      ],
    ],
  ])("lists the open windows of a key, the oldest first: %s", (_, window, spans) => {
    expect(shown(window)).toEqual(spans);
  });

  test("names what a window gives by its operator, key, start and pane", () => {
    const stage = sourceStage((all) => ({
      out: all
        .keyBy("k")
        .window(tumbling(ms(10)), { id: "w", trigger: { early: { events: 1 } } })
        .aggregate({ n: count() })
        .dedupe({ id: "d", within: ms(80) }),
    }));
    const { changes } = new Runner(stage).batch(
      [eventOf(read("1", "a", 11)), eventOf(read("2", "a", 12))],
      0,
    );
    expect(changes.filter(([operator]) => operator === "d").map(([, , id]) => id)).toEqual([
      "w/a/10/0",
      "w/a/10/1",
    ]);
  });

  test("tells the failed events of a record apart by their numbers in it", () => {
    const stage = sourceStage((all) => ({
      out: all.map(({ n }) => {
        if (n > 0) throw new TypeError("no");
        return n;
      }),
    }));
    const fold = new Fold(stage, { codeVersion: "c" });
    fold.record("shard:7", epochMs(0));
    for (const [i, n] of [1, 0, 1].entries()) fold.event(i, epochMs(5), "a", { n }, 0);
    fold.reject("decoder", "?", new SyntaxError("no JSON"), epochMs(9));
    fold.reject("decoder", "!", new SyntaxError("no JSON"));
    expect(fold.seal().outputs.failed.map(({ position, id, time }) => [position, id, time])).toEqual([
      ["shard:7#0", "shard:7#0", 5],
      ["shard:7#2", "shard:7#2", 5],
      ["shard:7#3", "shard:7#3", 9],
      ["shard:7#4", "shard:7#4", 0],
    ]);
    expect(fold.seal().counts).toMatchObject({ input: 3, failed: 4 });
  });

  test("numbers the rows of a record, and keeps one that comes by an edge that it has not", () => {
    const upstreams = [{ stage: "up", partitions: 1 }];
    const stage: Stage = {
      ...sourceStage((all) => ({ out: all.dedupe({ id: "d", within: ms(80) }) })),
      input: { kind: "internal", upstreams },
    };
    const fold = new Fold(stage, { codeVersion: "c" });
    fold.record("up/0:3", epochMs(0));
    for (const edge of [0, 5, 0]) fold.row(edge, "a", epochMs(1), { n: edge });
    const { changes, outputs } = fold.seal();
    expect(changes.map(([, , id]) => id)).toEqual(["up/0:3#0", "up/0:3#2"]);
    expect(outputs.failed).toMatchObject([
      {
        id: "up/0:3#1",
        operator: stage.id,
        payload: { n: 5 },
        error: { code: "PARTIAL_UNKNOWN", message: `stage "${stage.id}" takes no rows by edge 5` },
      },
    ]);
  });
});
