import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  collect,
  count,
  cumulating,
  custom,
  hopping,
  milliseconds as ms,
  session,
  sum,
  tumbling,
  valueState,
  type WindowSpec,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { StateReader } from "../../shared/protocol/read-state.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { readingsFrom } from "../operators/inputs.ts";
import { type Reading, sourceStage } from "../operators/one-stage.ts";
import { busyProcess } from "../operators/process-shapes.ts";
import { END, eventOf, Runner, rowsTo } from "../operators/runner.ts";
import { none, recording, recordsOf } from "./records.ts";

const KEYS = ["a", "b", "c", "nobody"];
const anyReadings = readingsFrom({ minLength: 10, maxLength: 40 });
const anySizes = fc.record({
  pageChars: fc.constantFrom(1, 120, 1_000),
  residentChars: fc.constantFrom(0, 1_000_000),
});
const anyBatches = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });

/** Folds readings batch by batch, and compares after each what is read of each key with what it must be. */
async function compared(
  stage: Stage,
  readings: readonly Reading[],
  options: { readonly pageChars: number; readonly residentChars: number },
  batches: readonly number[],
  operator: string,
  expected: (taken: readonly Reading[], key: string) => unknown,
  plain: (state: unknown) => unknown = (state) => state,
): Promise<void> {
  const env = recording({ state: { ...options, eagerBytes: 0 }, snapshotEntries: 3 });
  const loop = new StageLoop(stage, env);
  const warm = new StateReader(env);
  const records = recordsOf(stage, readings.map(eventOf));
  for (let from = 0, nth = 0; from < records.length; nth += 1) {
    const to = from + (batches[nth % batches.length] ?? 1);
    expect((await loop.run(records.slice(from, to))).causes).toEqual([]);
    from = to;
    for (const key of KEYS)
      for (const reader of [warm, new StateReader(env)]) {
        const { state, v, watermark } = await reader.read(stage, operator, key);
        expect(plain(state)).toEqual(expected(readings.slice(0, to), key));
        expect([v, watermark]).toEqual([env.entries.at(-1)?.v, env.entries.at(-1)?.watermark]);
      }
  }
}

const foldOf = (stage: Stage, readings: readonly Reading[]): Runner => {
  const runner = new Runner(stage);
  runner.batch(readings.map(eventOf), 0);
  return runner;
};

const windowed = (window: WindowSpec, sliced = false): Stage =>
  sourceStage(
    (all) => ({
      out: all
        .keyBy("k")
        .window(window, { id: "w" })
        .aggregate(
          sliced ? { events: count() } : { events: count(), total: sum("n"), ids: collect(99, "id") },
        ),
    }),
    { outOfOrder: 12 },
  );

describe.each<[string, Stage]>([
  ["tumbling windows", windowed(tumbling(ms(20)))],
  ["hopping windows", windowed(hopping(ms(25), ms(10)))],
  ["hopping windows of slices", windowed(hopping(ms(24), ms(8)), true)],
  ["sessions", windowed(session(ms(12)))],
  ["windows that cumulate", windowed(cumulating(ms(30), ms(10)))],
])("the state of a key in %s", (_, stage) => {
  test.prop([anyReadings, anySizes, anyBatches], { numRuns: 15 })(
    "is what its windows would give if the input ended now",
    (readings, sizes, batches) =>
      compared(stage, readings, sizes, batches, "w", (taken, key) =>
        rowsTo("out", foldOf(stage, taken).batch([END], taken.length)).flatMap((row) => {
          const { pane: _pane, ...rest } = row as { key: string; pane: unknown };
          return rest.key === key ? [rest] : [];
        }),
      ),
  );
});

describe("the state of a key in a process", () => {
  const stage = sourceStage((all) => ({ out: busyProcess(all.keyBy("k"), ms(25)) }), { outOfOrder: 12 });
  /** As the process tells it. */
  const plain = (state: unknown): string => {
    const { last, all, named } = state as { last?: string; all?: string[]; named?: [string, string][] };
    return [last ?? "none", all ?? [], (named ?? []).map(([name, value]) => `${name}=${value}`)].join("; ");
  };

  test.prop([anyReadings, anySizes, anyBatches], { numRuns: 15 })(
    "is what its function would see",
    (readings, sizes, batches) =>
      compared(
        stage,
        readings,
        sizes,
        batches,
        "p",
        (taken, key) => {
          // an event so late that it moves no time
          const late = eventOf({ id: "now", k: key, t: -10_000, n: 8 });
          const [seen] = rowsTo("out", foldOf(stage, taken).batch([late], taken.length));
          return String(seen).replace("now: ", "");
        },
        plain,
      ),
  );
});

describe("a reader of state", () => {
  const counting = (version?: number): Stage =>
    sourceStage((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: {
          n: valueState<number>(
            version === undefined
              ? {}
              : {
                  version,
                  migrate: (old) => {
                    if (old === 2) throw new Error("two");
                    return (old as number) * 100;
                  },
                },
          ),
        },
        onEvent: (_reading, { state }) => {
          state.n.set((state.n.get() ?? 0) + 1);
          return [];
        },
      }),
    }));
  const readings = (n: number): Reading[] =>
    Array.from({ length: n }, (_, i) => ({ id: `${i}`, k: i % 3 === 0 ? "b" : "a", t: i, n: 0 }));
  const filled = async (stage: Stage, n: number, snapshotEntries = 1_000) => {
    const env = recording({ snapshotEntries });
    const loop = new StageLoop(stage, env);
    for (const record of recordsOf(stage, readings(n).map(eventOf))) await loop.run([record]);
    return env;
  };

  test("says that there is nothing where nothing was committed", async () => {
    const reader = new StateReader(recording({}));
    expect(await reader.read(counting(), "p", "a")).toEqual({ state: {}, v: 0, watermark: -Infinity });
  });

  test("migrates what an earlier version kept, and tells what it cannot", async () => {
    const env = await filled(counting(), 3);
    const reader = new StateReader(env);
    expect((await reader.read(counting(2), "p", "b")).state).toEqual({ n: 100 });
    await expect(reader.read(counting(2), "p", "a")).rejects.toMatchObject({ code: "STATE_MIGRATION" });
  });

  test("does not read what a newer version wrote", async () => {
    const reader = new StateReader(await filled(counting(2), 3));
    await expect(reader.read(counting(), "p", "a")).rejects.toMatchObject({ code: "STATE_VERSION" });
  });

  test("reads no more than it may", async () => {
    const env = await filled(counting(), 9);
    const few = new StateReader(env, { entries: 8 });
    await expect(few.read(counting(), "p", "a")).rejects.toMatchObject({ code: "STATE_LIMIT" });
    const small = new StateReader(env, { bytes: 500 });
    await expect(small.read(counting(), "p", "a")).rejects.toMatchObject({ code: "STATE_LIMIT" });
    const enough = new StateReader(env, { entries: 9 });
    expect((await enough.read(counting(), "p", "a")).state).toEqual({ n: 6 });
  });

  test("begins anew from a snapshot where it is too far behind", async () => {
    const env = await filled(counting(), 2);
    const reader = new StateReader(env, { entries: 3 });
    expect((await reader.read(counting(), "p", "a")).v).toBe(2);
    const later = new StageLoop(counting(), { ...env, snapshotEntries: 3 });
    for (const record of recordsOf(counting(), readings(8).map(eventOf))) await later.run([record]);
    // none of the old entries is deleted
    const log = {
      ...env.log,
      readAfter: async (_: unknown, v: number) => env.entries.filter((one) => one.v > v),
    };
    const behind = new StateReader({ ...env, log }, { entries: 3 });
    expect((await behind.read(counting(), "p", "a")).state).toEqual({ n: 5 });
    expect((await reader.read(counting(), "p", "a")).state).toEqual({ n: 5 });
  });

  test("gives what nobody else has: a change of it changes no state", async () => {
    const listing = sourceStage((all) => ({
      out: all
        .keyBy("k")
        .window(tumbling(ms(100)), { id: "w" })
        .aggregate({
          ids: custom<Reading, string[], string[]>({
            create: () => [],
            add: (ids, { id }) => [...ids, id],
            merge: (a, b) => [...a, ...b],
            finish: (ids) => ids,
          }),
        }),
    }));
    const env = recording({ compression: none });
    await new StageLoop(listing, env).run(recordsOf(listing, readings(1).map(eventOf)));
    const reader = new StateReader(env);
    const told = async () => (await reader.read(listing, "w", "b")).state as { ids: string[] }[];
    (await told())[0]?.ids.push("another");
    expect((await told())[0]?.ids).toEqual(["0"]);
  });
});
