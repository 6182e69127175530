import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  application,
  collect,
  count,
  custom,
  epochMs,
  hopping,
  lake,
  milliseconds,
  pipeline,
  session,
  sum,
  tumbling,
} from "../../shared/index.ts";
import { encodeParquet } from "../../shared/lake/parquet.ts";
import type { FailurePolicy } from "../../shared/operators/spec.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { type Reading, readingsOf, sourceStage } from "./one-stage.ts";
import { END, eventOf, type Given, Runner, rowsTo } from "./runner.ts";

const ms = milliseconds;
const read = (n: number, t = 0, k = "a"): Reading => ({ id: `e${n}`, k, t, n });
const failedOf = (given: Given) =>
  (
    given.outputs as {
      failed: {
        payload: unknown;
        operator: string;
        position: string;
        error: { code: string; message: string };
      }[];
    }
  ).failed;
const run = (stage: Stage, readings: readonly Reading[]): Given =>
  new Runner(stage).batch([...readings.map(eventOf), END], 0);
const refuseTwo = ({ n }: Reading): number => {
  if (n === 2) throw new RangeError("no twos");
  return n;
};

const throwers = {
  filter: (onError: FailurePolicy) =>
    sourceStage((all) => {
      const out = all.filter((one) => refuseTwo(one) > 0, { id: "op", onError });
      return { out, failed: out.failed };
    }),
  map: (onError: FailurePolicy) =>
    sourceStage((all) => {
      const out = all.map(refuseTwo, { id: "op", onError });
      return { out, failed: out.failed };
    }),
  flatMap: (onError: FailurePolicy) =>
    sourceStage((all) => {
      const out = all.flatMap(
        function* (one) {
          yield one;
          yield refuseTwo(one);
        },
        { id: "op", onError },
      );
      return { out, failed: out.failed };
    }),
  keyBy: (onError: FailurePolicy) =>
    sourceStage((all) => {
      const out = all.keyBy(refuseTwo, { id: "op", onError });
      return { out, failed: out.failed };
    }),
  dedupe: (onError: FailurePolicy) =>
    sourceStage((all) => {
      const out = all.dedupe({ id: "op", by: refuseTwo, within: ms(9), onError });
      return { out, failed: out.failed };
    }),
  aggregate: (onError: FailurePolicy) =>
    sourceStage((all) => {
      const out = all
        .keyBy("k")
        .window(tumbling(ms(10)), { id: "op", onError })
        .aggregate({ n: count(), total: sum(refuseTwo) });
      return { out, failed: out.failed };
    }),
} satisfies Record<string, (onError: FailurePolicy) => Stage>;

describe.each(Object.entries(throwers))("where the function of a %s throws", (_, stageOf) => {
  const readings = [read(1), read(2), read(3)];
  const without = rowsTo("out", run(stageOf("dead-letter"), [read(1), read(3)]));

  test("the event becomes a failed event that says what, where and why, and its neighbours go on", () => {
    const given = run(stageOf("dead-letter"), readings);
    expect(rowsTo("out", given)).toEqual(without);
    expect(failedOf(given)).toEqual([
      {
        payload: read(2),
        error: { code: "OPERATOR_FAILED", name: "RangeError", message: "no twos" },
        pipeline: "p",
        stage: "p.readings",
        operator: "op",
        position: "shard:1#0",
        id: "e2",
        time: 0,
        codeVersion: "code-1",
      },
    ]);
    expect(rowsTo("failed", given)).toEqual(failedOf(given));
    expect(given.counts).toMatchObject({ input: 3, failed: 1, skipped: 0 });
  });

  test("and the policy is to skip, it is counted and nothing else", () => {
    const given = run(stageOf("skip"), readings);
    expect(rowsTo("out", given)).toEqual(without);
    expect(failedOf(given)).toEqual([]);
    expect(given.counts).toMatchObject({ input: 3, failed: 0, skipped: 1 });
  });

  test("and the policy is to halt, the fold stops and can take all of the batch back", () => {
    const runner = new Runner(stageOf("halt"));
    expect(() => runner.seal(readings.map(eventOf), 0)).toThrow(
      expect.objectContaining({ code: "OPERATOR_HALTED", message: expect.stringContaining('operator "op"') }),
    );
    runner.fold.rollback();
    expect(rowsTo("out", runner.batch([eventOf(read(1)), eventOf(read(3)), END], 0))).toEqual(without);
  });
});

describe("a key", () => {
  test.each([[undefined], [null], [true], [{}], [10n]])("of %s fails its event", (key) => {
    const stage = sourceStage((all) => ({ out: all.keyBy(() => key as unknown as string, { id: "op" }) }));
    const given = run(stage, [read(1)]);
    expect(rowsTo("out", given)).toEqual([]);
    expect(failedOf(given)).toMatchObject([{ operator: "op", error: { code: "KEY_TYPE" } }]);
  });

  test.each([[undefined], [null], [true]])(
    "of %s to tell repeats by fails its event, and is nobody's repeat",
    (key) => {
      const stage = sourceStage((all) => ({
        out: all.dedupe({ id: "op", by: () => key as unknown as string, within: ms(5) }),
      }));
      const given = run(stage, [read(1), read(2)]);
      expect(rowsTo("out", given)).toEqual([]);
      expect(failedOf(given)).toMatchObject([
        { error: { code: "KEY_TYPE" } },
        { error: { code: "KEY_TYPE" } },
      ]);
      expect(given.counts.duplicates).toBe(0);
    },
  );
});

describe("a custom aggregate", () => {
  /** Throws on 2 when it has already changed its accumulator, and where two accumulators with a 4 are joined. */
  const halfWay = custom<Reading, { seen: number[] }, number[]>({
    create: () => ({ seen: [] }),
    add: (all, { n }) => {
      all.seen.push(n);
      refuseTwo({ n } as Reading);
      return all;
    },
    merge: (a, b) => {
      a.seen.push(...b.seen);
      if (a.seen.includes(4)) throw new Error("no fours together");
      return a;
    },
    finish: ({ seen }) => {
      if (seen.includes(7)) throw new Error("no sevens");
      return seen;
    },
  });
  const windows = { tumbling: tumbling(ms(10)), hopping: hopping(ms(10), ms(5)) };

  test.each(Object.entries(windows))("that throws half-way leaves no trace in %s windows", (_, window) => {
    const stage = sourceStage((all) => ({
      out: all
        .keyBy("k")
        .window(window, { id: "w" })
        .aggregate({ before: collect(9, "n"), seen: halfWay, after: count() }),
    }));
    const given = run(stage, [read(1), read(2), read(3), read(2, 4)]);
    expect(rowsTo("out", given)).toEqual(rowsTo("out", run(stage, [read(1), read(3)])));
    expect(failedOf(given)).toMatchObject([
      { payload: read(2), position: "shard:1#0" },
      { payload: read(2, 4), position: "shard:3#0" },
    ]);
  });

  test("that throws leaves a session's bounds, and what was shown of it, as they were", () => {
    const stage = sourceStage(
      (all) => ({
        out: all
          .keyBy("k")
          .window(session(ms(10)), { id: "w", trigger: { early: { events: 1 } } })
          .aggregate({ seen: halfWay }),
      }),
      { outOfOrder: 100 },
    );
    const given = run(stage, [read(1, 0), read(2, 8), read(2, 15), read(3, 19)]);
    expect(rowsTo("out", given)).toEqual(rowsTo("out", run(stage, [read(1, 0), read(3, 19)])));
    expect(failedOf(given)).toHaveLength(2);
  });

  test("that cannot join two sessions fails the event between them, and they stay two", () => {
    const stage = sourceStage(
      (all) => ({
        out: all
          .keyBy("k")
          .window(session(ms(10)), { id: "w" })
          .aggregate({ seen: halfWay }),
      }),
      { outOfOrder: 100 },
    );
    const given = run(stage, [read(1, 0), read(4, 20), read(3, 10)]);
    expect(rowsTo("out", given)).toMatchObject([
      { window: { start: 0, end: 10 }, seen: [1] },
      { window: { start: 20, end: 30 }, seen: [4] },
    ]);
    expect(failedOf(given)).toMatchObject([
      { payload: read(3, 10), error: { message: "no fours together" } },
    ]);
  });

  test("whose finish throws makes a failed event of its window, as it was then", () => {
    const stage = sourceStage((all) => ({
      out: all
        .keyBy("k")
        .window(tumbling(ms(10)), { id: "w", trigger: { early: { events: 2 } } })
        .aggregate({ seen: halfWay }),
    }));
    const given = run(stage, [read(7), read(1), read(3), read(1, 0, "b")]);
    expect(rowsTo("out", given)).toMatchObject([{ key: "b", seen: [1] }]);
    expect(failedOf(given)).toMatchObject([
      {
        payload: { key: "a", window: { start: 0, end: 10 }, accumulators: [{ seen: [7, 1] }] },
        error: { message: "no sevens" },
      },
      { payload: { key: "a", accumulators: [{ seen: [7, 1, 3] }] } },
    ]);
  });
});

describe("a row for a lake table", () => {
  /** Rows as the table's own stage takes them, each in the place of a reading. */
  const written = (options: Parameters<typeof lake>[1], rows: readonly unknown[]): Given => {
    const readings = readingsOf();
    const built = pipeline("p", (p) => p.from(readings).to(lake("files", options)));
    const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
    const { fold, stage } = new Runner(stages.get("p.lake-files") as Stage);
    expect(stage.kind).toBe("lake");
    for (const [i, row] of rows.entries()) {
      fold.record(`shard:${i}`, epochMs(0));
      fold.row(0, "a", epochMs(0), row);
    }
    const { outputs, ...sealed } = fold.seal();
    return { ...sealed, outputs: { lake: [...outputs.lake.values()], failed: outputs.failed } };
  };
  const columns = {
    s: "string",
    n: "double",
    i: "int64",
    t: "timestamp",
    w_start: "int64",
    j: "json",
  } as const;
  const good = { s: "x", n: 1.5, i: 1, t: "2013-01-01T00:00:00Z", w: { start: 2 }, j: [1], other: true };

  test("without a folder fails before it is committed, and its neighbours are written", () => {
    const given = written({ partitionBy: (one) => ({ n: String(refuseTwo(one as Reading)) }) }, [
      read(1),
      read(2),
      read(3),
    ]);
    expect(given.outputs).toMatchObject({
      lake: [
        ["files", { n: "1" }, [read(1)]],
        ["files", { n: "3" }, [read(3)]],
      ],
    });
    expect(failedOf(given)).toMatchObject([{ payload: read(2), operator: "lake-files" }]);
  });

  test.each([
    ["no text", 5],
    ["half a surrogate pair", "\ud800"],
    ["more than a key holds", "é".repeat(200)],
  ])("whose folder is %s fails, and its neighbours are written", (_, folder) => {
    const given = written({ partitionBy: (one) => ({ n: (one as { n: string }).n }) }, [
      { n: "a" },
      { n: folder },
      { n: "b" },
    ]);
    expect(given.outputs).toMatchObject({
      lake: [
        ["files", { n: "a" }, [{ n: "a" }]],
        ["files", { n: "b" }, [{ n: "b" }]],
      ],
    });
    expect(failedOf(given)).toMatchObject([{ error: { code: "LAKE_COLUMN" } }]);
  });

  test.each([
    ["a number where the column holds text", { s: 5 }, 'number 5 does not fit column "s" (string)'],
    ["a text where it holds numbers", { n: "1" }, 'string 1 does not fit column "n" (double)'],
    ["a fraction where it holds whole numbers", { i: 0.5 }, 'column "i" (int64)'],
    ["a text that is no time", { t: "noon" }, 'column "t" (timestamp)'],
    ["a misfit one level down", { w: { start: "x" } }, 'column "w_start" (int64)'],
    ["two fields of one column", { w_start: 1, w: { start: 2 } }, 'two fields of a row are called "w_start"'],
    ["no object", "text", "must be an object"],
    ["a list", [1], "must be an object"],
    ["null", null, "must be an object"],
  ])("that is or has %s fails, and its neighbours are written", (_, bad, message) => {
    const given = written({ columns }, [good, bad, {}]);
    expect(given.outputs).toMatchObject({ lake: [["files", {}, [good, {}]]] });
    expect(failedOf(given)).toMatchObject([
      {
        payload: bad,
        operator: "lake-files",
        error: { code: "LAKE_COLUMN", message: expect.stringContaining(message) },
      },
    ]);
    expect(failedOf(given)[0]?.error.message).toContain('lake "files"');
  });

  test.each([
    ["no object", 5],
    ["a Map", new Map([["a", 1]])],
    ["without fields", {}],
    ["empty inside", { a: {} }],
    ["of two fields of one name", { a_b: { c: 1 }, a: { b_c: 2 } }],
  ])("that is %s fails also where no columns are declared", (_, bad) => {
    const given = written({}, [good, bad, { s: 5 }]);
    expect(given.outputs).toMatchObject({ lake: [["files", {}, [good, { s: 5 }]]] });
    expect(failedOf(given)).toMatchObject([{ payload: bad, error: { code: "LAKE_COLUMN" } }]);
  });

  const anyField = fc.oneof(
    fc.constantFrom(undefined, null, true, 1n, 2n ** 64n, "2013-01-01T00:00:00Z", Number.NaN, 0.5, -0),
    fc.integer(),
    fc.string(),
    fc.constant([1]),
  );
  const anyNested = fc.dictionary(fc.constantFrom("start", "a"), anyField);
  const anyRow = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.dictionary(
        fc.constantFrom("s", "n", "i", "t", "w", "w_start", "j", "window", "window_start"),
        fc.oneof(anyField, anyNested),
      ),
    },
    anyField,
  );
  propertyTest.prop([fc.array(anyRow, { maxLength: 5 }), fc.boolean()], { numRuns: 500 })(
    "fails exactly where a file of it alone could not be written, and the others make a file",
    (rows, declared) => {
      const given = written(declared ? { columns } : {}, rows);
      const parquet = (some: readonly unknown[]): Uint8Array =>
        encodeParquet(some as Record<string, unknown>[], {
          sink: "files",
          ...(declared && { columns: Object.entries(columns).map(([name, type]) => ({ name, type })) }),
        });
      const fits = (row: unknown): boolean => {
        try {
          return parquet([row]).length > 0;
        } catch {
          // that it throws is the answer
          return false;
        }
      };
      const good = rows.filter(fits);
      const { lake: tables } = given.outputs as { lake: [string, unknown, unknown[]][] };
      expect(tables).toEqual(good.length === 0 ? [] : [["files", {}, good]]);
      if (good.length > 0) expect(() => parquet(good)).not.toThrow();
      expect(failedOf(given)).toHaveLength(rows.length - good.length);
    },
  );
});
