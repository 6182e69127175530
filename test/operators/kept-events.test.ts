import { describe, expect, test } from "vitest";
import { type KeyedFlow, milliseconds as ms, pattern } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Change } from "../../shared/state/change.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { KeptRow } from "../../shared/state/kept-row.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, type Given, Runner, rowsTo } from "./runner.ts";

type Row = { readonly of: string };
type Rows = KeyedFlow<string, Row>;
type Written = ReturnType<Parameters<typeof sourceStage>[0]>;

const V2 = {
  version: 2,
  migrate(old: unknown): Row {
    if (old === "damaged") throw new Error("no such thing");
    return { of: String(old) };
  },
};

const keeping = (keep: (rows: Rows) => Written): Stage =>
  sourceStage((readings) => keep(readings.keyBy("k").map(({ id }) => ({ of: id }))), { outOfOrder: 10 });

const reading = (t: number): Reading => ({ id: `e${t}`, k: "a", t, n: 0 });
const events = (...times: number[]) => times.map((t) => eventOf(reading(t)));

/** A runner that finds the state of key "a". */
function leftBy(stage: Stage, state: unknown): Runner {
  const runner = new Runner(stage);
  const { time, counts } = runner.fold.sealed;
  runner.fold.apply([["o", "put", "a", state]]);
  runner.fold.resume(time, counts);
  return runner;
}

const failedOf = ({ outputs }: Given): unknown[] => (outputs as { failed: unknown[] }).failed;
const unread = (payload: unknown) => ({
  payload,
  operator: "o",
  error: { code: "STATE_MIGRATION", message: expect.stringContaining('key "a": "rows" of version 1') },
});
const putsOf = ({ changes }: Given): unknown[] =>
  changes.map(([, kind, , state]: Change) => (kind === "put" ? JSON.parse(encodeValue(state)) : kind));
const TWO = (of: string) => ({ $mr: ["row", [2, { of }]] });

describe("a pattern over events of version 2", () => {
  const stage = keeping((rows) => {
    const pair = pattern<Row>()
      .begin("one", ({ of }) => of.includes("1"))
      .followedBy("two", ({ of }) => of.includes("2"))
      .within(ms(50));
    const found = rows.match(pair, { id: "o", kept: V2 });
    return { out: found.map(({ match: { one, two } }) => [...one, ...two]), timeouts: found.timeouts };
  });
  const underWay = (...taken: (readonly [n: number, time: number, row: unknown])[]) => ({
    seen: taken.length,
    taken,
    runs: taken.map(([n]) => ({ path: [[0, n]], way: 0 })),
  });

  test("reads what waits and what was taken, and keeps each event in the version in which it came", () => {
    const runner = leftBy(stage, { waiting: [[15, "old 2"]], matcher: underWay([0, 12, "old 1"]) });
    const given = runner.batch([...events(21), END], 0);
    expect(rowsTo("out", given)).toEqual([[{ of: "old 1" }, { of: "old 2" }]]);
    const waiting = leftBy(stage, { waiting: [[15, "old 1"]], matcher: underWay() });
    expect(putsOf(waiting.batch(events(16, 26), 0))).toEqual([
      {
        waiting: [
          [16, TWO("e16")],
          [26, TWO("e26")],
        ],
        matcher: { seen: 1, taken: [[0, 15, "old 1"]], runs: [{ path: [[0, 0]], way: 0 }] },
      },
    ]);
  });

  test("fails an event that waited and cannot be read, as if it had not come", () => {
    const waiting = [
      [15, "damaged"],
      [16, "old 2"],
    ];
    const given = leftBy(stage, { waiting, matcher: underWay([0, 12, "old 1"]) }).batch([END], 0);
    expect(rowsTo("out", given)).toEqual([[{ of: "old 1" }, { of: "old 2" }]]);
    expect(failedOf(given)).toMatchObject([{ ...unread("damaged"), time: 15 }]);
  });

  test("fails an event that comes to a match under way which cannot be read, and tells of that when its time is over", () => {
    const runner = leftBy(stage, { waiting: [], matcher: underWay([0, 12, "damaged"]) });
    const given = runner.batch(events(22, 33), 0);
    expect([rowsTo("out", given), failedOf(given)]).toMatchObject([[], [unread({ of: "e22" })]]);
    const end = runner.batch([END], 2);
    expect([rowsTo("out", end), rowsTo("timeouts", end)]).toEqual([[], []]);
    expect(failedOf(end)).toMatchObject([
      unread({ of: "e33" }),
      unread({ key: "a", match: { one: ["damaged"], two: [] }, start: 12, end: 12 }),
    ]);
  });

  test("gives what ran out of time in the present version", () => {
    const given = leftBy(stage, { waiting: [], matcher: underWay([0, 12, "old 1"]) }).batch([END], 0);
    expect(rowsTo("timeouts", given)).toMatchObject([{ match: { one: [{ of: "old 1" }], two: [] } }]);
  });
});

describe("what paces events of version 2", () => {
  const debounce = keeping((rows) => ({ out: rows.debounce({ id: "o", quiet: ms(10), kept: V2 }) }));
  const sample = keeping((rows) => ({ out: rows.sample({ id: "o", every: ms(10), kept: V2 }) }));
  const batch = keeping((rows) => ({
    out: rows.batch({ id: "o", size: 3, within: ms(20), kept: V2 }).map(({ values }) => values),
  }));

  test.each([
    ["debounce", debounce, [[1, 5, "old"]], [[1, 7, TWO("e7")]]],
    ["sample", sample, [[0, 5, "old"]], [[0, 7, TWO("e7")]]],
    ["batch", batch, { until: 20, values: ["old"] }, { until: 20, values: ["old", TWO("e7")] }],
  ])("says of what %s keeps that it is of version 2, and leaves the rest as it was", (_, stage, old, now) => {
    expect(putsOf(leftBy(stage, old).batch(events(7), 0))).toEqual([now]);
  });

  test.each([
    ["debounce", debounce, [[1, 5, "old"]], { of: "old" }],
    ["sample", sample, [[0, 5, "old"]], { of: "old" }],
    ["batch", batch, { until: 20, values: ["old", "older"] }, [{ of: "old" }, { of: "older" }]],
  ])("%s gives what version 1 kept in the present version", (_, stage, old, row) => {
    expect(rowsTo("out", leftBy(stage, old).batch([END], 0))).toEqual([row]);
  });

  test.each([
    ["debounce", debounce, [[1, 5, "damaged"]], "damaged"],
    ["sample", sample, [[0, 5, "damaged"]], "damaged"],
    ["batch", batch, { until: 20, values: ["old", "damaged"] }, { key: "a", values: ["old", "damaged"] }],
  ])("%s tells of what cannot be read when its time is over, as it was kept", (_, stage, old, payload) => {
    const runner = leftBy(stage, old);
    const given = runner.batch([END], 0);
    expect([rowsTo("out", given), failedOf(given)]).toMatchObject([[], [unread(payload)]]);
    expect(runner.fold.size).toBe(0);
  });

  test("an event that would fill a batch which cannot be read fails, and the batch waits on", () => {
    const runner = leftBy(batch, { until: 20, values: [new KeptRow(2, { of: "two" }), "damaged"] });
    const given = runner.batch(events(7), 0);
    expect([rowsTo("out", given), given.changes, failedOf(given)]).toMatchObject([
      [],
      [],
      [unread({ of: "e7" })],
    ]);
    expect(failedOf(runner.batch([END], 1))).toMatchObject([
      unread({ key: "a", values: [{ of: "two" }, "damaged"] }),
    ]);
  });

  test("says its version under its own name, and no version 1", () => {
    expect([debounce, sample, batch].map(({ versions }) => versions)).toEqual([
      [["o", "rows", 2]],
      [["o", "rows", 2]],
      [["o", "rows", 2]],
    ]);
    const plain = keeping((rows) => ({
      out: rows.debounce({ id: "o", quiet: ms(10), kept: { version: 1 } }),
    }));
    expect(plain.versions).toEqual([]);
    expect(putsOf(new Runner(plain).batch(events(7), 0))).toEqual([[[7, 7, { of: "e7" }]]]);
    expect(plain.fingerprint).toBe(debounce.fingerprint);
  });
});
