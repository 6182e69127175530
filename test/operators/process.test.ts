import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { epochMs, listState, mapState, milliseconds as ms, valueState } from "../../shared/index.ts";
import type { Change } from "../../shared/state/change.ts";
import { anyReadings } from "./inputs.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { busyProcess } from "./process-shapes.ts";
import { END, eventOf, Runner, rowsTo, timedRowsTo } from "./runner.ts";

type Write = { readonly at: number; readonly value: string };

/**
 * What `busyProcess` gives, by definition: each key has the list of what was written, and what is older than the time
 * to live is looked past. Nothing is deleted but where the user says so.
 */
function byDefinition(ttl: number, outOfOrder: number, readings: readonly Reading[]): string[][] {
  let watermark = -Infinity;
  const values = new Map<string, Write>();
  const lists = new Map<string, Write[]>();
  const maps = new Map<string, Map<string, Write>>();
  const timers = new Map<string, Set<number>>();
  const isThere = (write: Write | undefined): write is Write =>
    write !== undefined && write.at + ttl > watermark;
  const seen = (k: string): string =>
    [
      isThere(values.get(k)) ? values.get(k)?.value : "none",
      (lists.get(k) ?? []).filter(isThere).map(({ value }) => value),
      [...(maps.get(k) ?? [])]
        .filter(([, write]) => isThere(write))
        .map(([name, { value }]) => `${name}=${value}`)
        .sort(),
    ].join("; ");
  const advance = (to: number): string[] => {
    if (to <= watermark) return [];
    const due = [...timers].flatMap(([k, times]) =>
      [...times].filter((at) => at <= to).map((at) => ({ k, at })),
    );
    const given = due
      .sort((a, b) => a.at - b.at || (a.k < b.k ? -1 : 1))
      .map(({ k, at }) => {
        watermark = Math.max(watermark, at - 1);
        timers.get(k)?.delete(at);
        return `${at} timer ${k}: ${seen(k)}`;
      });
    watermark = to;
    return given;
  };
  const steps = readings.map(({ id, k, t, n }) => {
    const at = Math.max(t, watermark);
    const rows = n === 6 ? [] : [`${t} ${id}: ${seen(k)}`];
    if (n === 0) values.set(k, { at, value: id });
    if (n === 1) lists.set(k, [...(lists.get(k) ?? []), { at, value: id }]);
    if (n === 2 || n === 4) maps.set(k, new Map([...(maps.get(k) ?? []), [`${t % 3}`, { at, value: id }]]));
    if (n === 3) {
      values.delete(k);
      maps.get(k)?.delete(`${t % 3}`);
    }
    if (n === 4) lists.delete(k);
    if (n === 5) timers.set(k, new Set([...(timers.get(k) ?? []), t + 7, t + 11]));
    if (n === 7) timers.get(k)?.delete(t + 7);
    return [...rows, ...advance(t - outOfOrder)];
  });
  return [...steps, advance(Infinity)];
}

describe("a process", () => {
  test.prop([fc.integer({ min: 1, max: 60 }), fc.nat({ max: 25 }), anyReadings], { numRuns: 400 })(
    "sees what was written before, for as long as it lives, and is called at its timers",
    (ttl, outOfOrder, readings) => {
      const stage = sourceStage((all) => ({ out: busyProcess(all.keyBy("k"), ms(ttl)) }), { outOfOrder });
      const runner = new Runner(stage);
      const steps = [...readings.map(eventOf), END].map((input, i) =>
        timedRowsTo("out", runner.batch([input], i)).map(([, time, row]) => `${time} ${row}`),
      );
      expect(steps).toEqual(byDefinition(ttl, outOfOrder, readings));
      expect(runner.fold.size).toBe(0);
    },
  );

  test.prop([anyReadings, fc.integer({ min: 1, max: 9 })], { numRuns: 300 })(
    "tells the log of each cell once in a batch, and of none that came and went within it",
    (readings, size) => {
      const stage = sourceStage((all) => ({ out: busyProcess(all.keyBy("k"), ms(30)) }), { outOfOrder: 8 });
      const runner = new Runner(stage);
      const placesOf = (changes: readonly Change[]): string[] =>
        changes.map(([, , ...place]) => JSON.stringify(place.slice(0, 3)));
      for (let from = 0; from < readings.length; from += size) {
        const before = placesOf(runner.state as Change[]);
        const { changes } = runner.batch(readings.slice(from, from + size).map(eventOf), from);
        const places = placesOf(changes);
        expect(new Set(places).size).toBe(places.length);
        const dropped = placesOf(changes.filter(([, kind]) => kind === "drop"));
        expect(before).toEqual(expect.arrayContaining(dropped));
      }
    },
  );

  const one = (n: number, t = 0): Reading => ({ id: `e${n}`, k: "a", t, n });
  const running = (build: Parameters<typeof sourceStage>[0]): Runner => new Runner(sourceStage(build));

  test("keeps nothing of a call that throws, and gives none of its rows", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { sum: valueState<number>() },
        *onEvent({ n }, { state }) {
          state.sum.set((state.sum.get() ?? 0) + n);
          yield state.sum.get();
          if (n === 2) throw new Error("two");
        },
      }),
    }));
    const given = runner.batch(
      [1, 2, 3].map((n) => eventOf(one(n))),
      0,
    );
    expect(rowsTo("out", given)).toEqual([1, 4]);
    expect(given.outputs).toMatchObject({
      failed: [{ payload: { n: 2 }, error: { message: "two" }, operator: "p" }],
    });
  });

  test("is called at the timers that are set when the input ends, and at none that these calls set", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: {},
        onEvent({ t }, { timers }) {
          timers.at(epochMs(t + 10));
        },
        onTimer(time, { timers }) {
          timers.at(epochMs(time + 10));
          return [time];
        },
      }),
    }));
    expect(rowsTo("out", runner.batch([eventOf(one(1)), eventOf(one(2, 25)), END], 0))).toEqual([
      10, 20, 30, 35,
    ]);
    expect(runner.fold.size).toBe(0);
  });

  test("does not see what is done to a value that it was given, or gave", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { seen: valueState<string[]>() },
        onEvent: ({ id }, { state }) => {
          const seen = state.seen.get() ?? [];
          if (seen.length === 0) state.seen.set(seen);
          seen.push(id);
          return [state.seen.get()?.length];
        },
      }),
    }));
    expect(
      rowsTo(
        "out",
        runner.batch(
          [1, 2].map((n) => eventOf(one(n))),
          0,
        ),
      ),
    ).toEqual([0, 0]);
  });

  test("fails an event that writes what no log keeps, and no other", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { any: valueState<unknown>() },
        onEvent: ({ n }, { state }) => {
          state.any.set(n === 2 ? () => {} : n);
          return [n];
        },
      }),
    }));
    runner.fold.rollback(true);
    const given = runner.batch(
      [1, 2, 3].map((n) => eventOf(one(n))),
      0,
    );
    expect(rowsTo("out", given)).toEqual([1, 3]);
    expect(given.outputs).toMatchObject({ failed: [{ error: { code: "VALUE_UNSUPPORTED" } }] });
  });

  test.each<[string, number, boolean]>([
    ["no whole number", 0.5, true],
    ["no later than the one at hand", 10, true],
    ["of a process that has no `onTimer`", 20, false],
  ])("fails where it sets a timer that is %s", (_, at, timers) => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: {},
        onEvent: (_event: Reading, context) => {
          context.timers.at(epochMs(at === 0.5 || !timers ? at : 10));
          return ["set"];
        },
        ...(timers
          ? {
              onTimer: (_time, context) => {
                context.timers.at(epochMs(at));
                return ["called"];
              },
            }
          : {}),
      }),
    }));
    const given = runner.batch([eventOf(one(1)), END], 0);
    expect(given.outputs).toMatchObject({ failed: [{ error: { code: "PROCESS_TIMER" } }] });
    expect(rowsTo("out", given)).toEqual(at === 10 ? ["set"] : []);
    expect(runner.fold.size).toBe(0);
  });

  test("tells strings and numbers apart as names, and takes nothing else", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { named: mapState<string | number, string>() },
        onEvent: ({ n, id }, { state: { named } }) => {
          named.set(n === 3 ? (null as never) : n === 2 ? "1" : n, id);
          return [named.entries(), named.has("1"), named.get(1)];
        },
      }),
    }));
    const given = runner.batch(
      [1, 2, 3].map((n) => eventOf(one(n))),
      0,
    );
    expect(rowsTo("out", given).slice(3)).toEqual([
      [
        [1, "e1"],
        ["1", "e2"],
      ],
      true,
      "e1",
    ]);
    expect(given.outputs).toMatchObject({ failed: [{ error: { code: "KEY_TYPE" } }] });
  });

  test("tells names apart as a map does: -0 is 0, and what is no number is one name", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { named: mapState<number, string>() },
        onEvent: ({ n, id }, { state: { named } }) => {
          named.set(n === 1 ? -0 : n === 2 ? Number.NaN : 0, id);
          return [named.get(0), named.get(Number.NaN)];
        },
      }),
    }));
    const given = runner.batch(
      [1, 2, 2, 3].map((n) => eventOf(one(n))),
      0,
    );
    expect(rowsTo("out", given).slice(-2)).toEqual(["e3", "e2"]);
    expect(given.changes.map(([, , , , name]) => name)).toEqual([Number.NaN, 0]);
  });

  test("gives each reader a copy of its own, of flat rows and of others", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { flat: valueState<{ n: number }>(), deep: valueState<{ in: { n: number } }>() },
        onEvent: ({ n }, { state }) => {
          if (n === 1) {
            state.flat.set({ n });
            state.deep.set({ in: { n } });
          }
          for (let i = 0; i < 2; i += 1) {
            const flat = state.flat.get() ?? { n: 0 };
            const deep = state.deep.get() ?? { in: { n: 0 } };
            flat.n += 1;
            deep.in.n += 1;
          }
          return [state.flat.get()?.n, state.deep.get()?.in.n];
        },
      }),
    }));
    expect(
      rowsTo(
        "out",
        runner.batch(
          [1, 2].map((n) => eventOf(one(n))),
          0,
        ),
      ),
    ).toEqual([1, 1, 1, 1]);
  });

  test("clears a list as a whole, and begins it anew", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { all: listState<number>() },
        onEvent: ({ n }, { state }) => {
          if (n === 0) state.all.clear();
          else state.all.add(n);
          return [state.all.get().join()];
        },
      }),
    }));
    expect(
      rowsTo(
        "out",
        runner.batch(
          [3, 1, 0, 2].map((n) => eventOf(one(n))),
          0,
        ),
      ),
    ).toEqual(["3", "3,1", "", "2"]);
    expect(runner.fold.size).toBe(2);
  });

  test("deletes what is over though nobody asks for it again", () => {
    const runner = running((all) => ({
      out: all.keyBy("k").process({
        id: "p",
        state: { last: valueState<number>({ ttl: ms(1_600) }), short: listState<number>({ ttl: ms(800) }) },
        onEvent: ({ n, k }, { state }) => {
          if (k !== "a") return [];
          state.last.set(n);
          state.short.add(n);
          return [];
        },
      }),
    }));
    const sizes = [0, 799, 900, 1_599, 1_700].map((t, i) => {
      runner.batch([eventOf({ id: `${i}`, k: i === 0 ? "a" : "b", t, n: 0 })], i);
      return runner.fold.size;
    });
    expect(sizes).toEqual([3, 3, 1, 1, 0]);
  });
});
