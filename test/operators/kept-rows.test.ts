import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  application,
  hopping,
  type JoinOptions,
  type KeyedFlow,
  lake,
  milliseconds as ms,
  pipeline,
  type TemporalJoinOptions,
  tumbling,
} from "../../shared/index.ts";
import { edgeOf } from "../../shared/operators/kept-rows.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { Change } from "../../shared/state/change.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { KeptRow } from "../../shared/state/kept-row.ts";
import { stampOf } from "../../shared/state/stamp.ts";
import { epochMs } from "../../shared/time/time.ts";
import { readingsFrom } from "./inputs.ts";
import { isLeft } from "./join-definitions.ts";
import { KEEPER, keptShapes } from "./kept-shapes.ts";
import { type Reading, readingsOf, sourceStage } from "./one-stage.ts";
import { END, eventOf, type Given, leftBy, Runner, rowsTo } from "./runner.ts";

const reading = (k: string, t: number, n = 0): Reading => ({ id: `${k}${t}`, k, t, n });

describe.each(Object.entries(keptShapes))("%s", (_, stageOf) => {
  const said = (given: readonly Given[]): unknown[] =>
    given.map((one) => [rowsTo("out", one), rowsTo("late", one), one.counts]);

  test.prop([readingsFrom({ minLength: 5, maxLength: 40 }), fc.double({ min: 0, max: 1, noNaN: true })], {
    numRuns: 60,
  })(
    "of rows that version 1 kept in part gives what it gives of rows that are all migrated",
    (readings, part) => {
      const inputs = [...readings.map(eventOf), END];
      const fold = (runner: Runner, from: number, to: number): Given[] =>
        inputs.slice(from, to).map((input, i) => runner.batch([input], from + i));
      const at = Math.floor(part * inputs.length);
      const old = new Runner(stageOf({ version: 1, damaged: false }));
      const before = fold(old, 0, at);
      const fresh = leftBy(stageOf({ version: 2, damaged: false }), old.fold.snapshot(), old);
      const after = fold(fresh, at, inputs.length);

      const all = fold(new Runner(stageOf({ version: 2, damaged: false })), 0, inputs.length);
      expect(said([...before, ...after])).toEqual(said(all));
      expect(after.flatMap(({ outputs }) => (outputs as { failed: unknown[] }).failed)).toEqual([]);
    },
  );
});

const refusing = (old: unknown): { readonly of: string } => {
  if (old === "damaged") throw new Error("no such thing");
  return { of: String(old) };
};
const V2 = { version: 2, migrate: refusing };
const kept = { left: V2, right: V2 };
type Row = { readonly of: string };
type Flows = KeyedFlow<string, Row>;
type Pairs = { readonly left: Row | null; readonly right: Row | null };

const joining = (join: (left: Flows, right: Flows) => unknown): Stage =>
  sourceStage((all) => {
    const side = (of: (one: Reading) => boolean): Flows =>
      all
        .keyBy("k")
        .filter(of)
        .map(({ id }) => ({ of: id }));
    const out = join(
      side(isLeft),
      side((one) => !isLeft(one)),
    ) as KeyedFlow<string, Pairs | Row>;
    return {
      out: out.map((row) => ("of" in row ? row.of : `${row.left?.of} ${row.right?.of}`)),
      failed: out.failed,
    };
  });
const joined = (options: JoinOptions<Row, Row>) => joining((left, right) => left.join(right, options));
const asOf = (options: TemporalJoinOptions<Row, Row>) =>
  joining((left, right) => left.temporalJoin(right, options));

const failedOf = ({ outputs }: Given): unknown[] => (outputs as { failed: unknown[] }).failed;
const unread = (payload: unknown) => ({
  payload,
  operator: "j",
  error: { code: "STATE_MIGRATION", message: expect.stringContaining("no such thing") },
});
const put = (side: 0 | 1, time: number, end: number, value: unknown, n = 0): Change => [
  "j",
  "put",
  "a",
  side,
  time,
  n,
  end,
  value,
  false,
];

describe("a join of rows of version 2", () => {
  const interval = joined({ id: "j", type: "left", within: { from: ms(-5), to: ms(10) }, kept });

  test("says of what it keeps that it is of version 2, and leaves the rest as it was", () => {
    const runner = leftBy(interval, [put(0, 1, 11, "old")]);
    const given = runner.batch([eventOf(reading("a", 3, 5)), eventOf(reading("a", 4))], 0);
    expect(rowsTo("out", given)).toEqual(["old a3", "a4 a3"]);
    expect(encodeValue(given.changes)).toBe(
      '[["j","match","a",1,0],["j","put","a",1,3,0,9,{"$mr":["row",[2,{"of":"a3"}]]},false],["j","put","a",0,4,0,14,{"$mr":["row",[2,{"of":"a4"}]]},true]]',
    );
    expect(encodeValue(runner.state)).toContain('["j","put","a",0,1,0,11,"old",true]');
    runner.restore();
    expect(rowsTo("out", runner.batch([eventOf(reading("a", 5, 5))], 2))).toEqual(["old a5", "a4 a5"]);
  });

  test("keeps rows as it did before there were versions where nothing is said of a side, or version 1", () => {
    const one = { version: 1 };
    for (const said of [{}, { kept: {} }, { kept: { left: one, right: one } }]) {
      const stage = joined({ id: "j", within: { from: ms(-5), to: ms(10) }, ...said });
      const given = new Runner(stage).batch([eventOf(reading("a", 4))], 0);
      expect(encodeValue(given.changes)).toBe('[["j","put","a",0,4,0,14,{"of":"a4"},false]]');
      expect(stage.versions).toEqual([]);
    }
  });

  test("has a version for each side", () => {
    const stage = joined({ id: "j", within: { from: ms(-5), to: ms(10) }, kept: { right: V2 } });
    expect(stampOf(stage)).toBe(`${stage.fingerprint} [["j","right",2]]`);
    expect(stampOf(interval)).toBe(`${interval.fingerprint} [["j","left",2],["j","right",2]]`);
    const given = leftBy(stage, [put(0, 1, 11, { of: "as it is" })]).batch([eventOf(reading("a", 3, 5))], 0);
    expect(rowsTo("out", given)).toEqual(["as it is a3"]);
  });

  test("fails a row that needs a partner which cannot be read, with all its pairs, and that row alone", () => {
    const runner = leftBy(interval, [put(0, 1, 11, "good"), put(0, 2, 12, "damaged")]);
    const given = runner.batch([eventOf(reading("a", 3, 5)), eventOf(reading("b", 3, 5))], 0);
    expect(rowsTo("out", given)).toEqual([]);
    expect(failedOf(given)).toMatchObject([unread({ of: "a3" })]);
    expect(given.changes.map(([, kind, key]) => [kind, key])).toEqual([["put", "b"]]);
    // beyond the interval of the row that cannot be read
    expect(rowsTo("out", runner.batch([eventOf(reading("c", 9, 5))], 2))).toEqual([]);
  });

  test("does not read a row that is no partner", () => {
    const stage = joined({ id: "j", within: { from: ms(0), to: ({ of }) => ms(of === "a3" ? 1 : 5) }, kept });
    const runner = leftBy(stage, [put(0, 1, 2, "damaged"), put(0, 2, 9, "good")]);
    const given = runner.batch([eventOf(reading("a", 3, 5))], 0);
    expect([rowsTo("out", given), failedOf(given)]).toEqual([["good a3"], []]);
  });

  test("tells of a left row alone that cannot be read what was kept, once no partner can come", () => {
    const runner = leftBy(interval, [put(0, 1, 11, "damaged"), put(0, 2, 12, new KeptRow(2, { of: "two" }))]);
    const given = runner.batch([END], 0);
    expect(rowsTo("out", given)).toEqual(["two undefined"]);
    expect(failedOf(given)).toMatchObject([unread({ key: "a", left: "damaged", right: null })]);
    expect(runner.fold.size).toBe(0);
  });

  test("tells in windows what was kept of all rows where one cannot be read", () => {
    const stage = joined({ id: "j", window: hopping(ms(10), ms(5)), type: "full", kept });
    const runner = leftBy(stage, [put(0, 1, 10, "good"), put(1, 6, 15, "damaged"), put(0, 7, 15, "well")]);
    const given = runner.batch([END], 0);
    expect(rowsTo("out", given)).toEqual(["good undefined"]);
    expect(failedOf(given)).toMatchObject([
      unread({ key: "a", window: { start: 0, end: 10 }, left: ["good", "well"], right: ["damaged"] }),
      unread({ key: "a", window: { start: 5, end: 15 }, left: ["well"], right: ["damaged"] }),
    ]);
  });

  test.each([
    ["semi", [put(0, 1, 10, "good"), put(1, 2, 10, "damaged")], ["good"]],
    ["semi", [put(0, 1, 10, "damaged")], []],
    ["anti", [put(0, 1, 10, "damaged"), put(1, 2, 10, "damaged")], []],
    ["inner", [put(0, 1, 10, "damaged")], []],
    ["inner", [put(1, 1, 10, "damaged")], []],
    ["left", [put(1, 1, 10, "damaged")], []],
  ] as const)("reads no more than it gives in windows: %s, %j", (type, rows, expected) => {
    const runner = leftBy(joined({ id: "j", window: tumbling(ms(10)), type, kept }), rows);
    const given = runner.batch([END], 0);
    expect([rowsTo("out", given), failedOf(given)]).toEqual([expected, []]);
  });

  test.each([
    ["anti", [put(0, 1, 10, "damaged")]],
    ["semi", [put(0, 1, 10, "damaged"), put(1, 1, 10, "good")]],
    ["left", [put(0, 1, 10, "damaged")]],
    ["full", [put(1, 1, 10, "damaged")]],
  ] as const)("and all that it gives: %s, %j", (type, rows) => {
    const runner = leftBy(joined({ id: "j", window: tumbling(ms(10)), type, kept }), rows);
    expect(failedOf(runner.batch([END], 0))).toMatchObject([{ error: { code: "STATE_MIGRATION" } }]);
  });

  test("of a table's version that cannot be read fails the rows that need it, and that there is none needs no version", () => {
    const stage = asOf({ id: "j", type: "left", kept });
    const rows = [put(1, 1, 9e15, "damaged"), put(1, 3, 9e15, null), put(1, 5, 9e15, "good")];
    const forEver = rows.map(
      (row): Change => [...row.slice(0, 6), null, ...row.slice(7)] as unknown as Change,
    );
    const runner = leftBy(stage, forEver);
    const given = runner.batch([...[2, 4, 6].map((t) => eventOf(reading("a", t))), END], 0);
    expect(rowsTo("out", given)).toEqual(["a4 undefined", "a6 good"]);
    expect(failedOf(given)).toMatchObject([unread({ key: "a", left: { of: "a2" }, right: "damaged" })]);
  });
});

test("a version of a table that says that there is none is kept as such, and nothing is of its key", () => {
  const stage = joining((left, right) =>
    left.temporalJoin(
      right.map((row) => (row.of === "a1" ? null : row)),
      { id: "j", kept },
    ),
  );
  const runner = new Runner(stage);
  const given = runner.batch([eventOf(reading("a", 1, 5)), eventOf(reading("a", 2)), END], 0);
  expect([rowsTo("out", given), failedOf(given), runner.fold.size]).toEqual([[], [], 0]);
});

/** A join behind a shuffle, in the version of its rows. */
function behindShuffle(version: number): ReadonlyMap<string, Stage> {
  const readings = readingsOf({ outOfOrder: 10 });
  const said = version === 1 ? {} : { version, migrate: (old: unknown) => `${version}(${old})` };
  const built = pipeline("p", (p) => {
    const rows = p.from(readings).map((one) => (version === 1 ? one.id : `${version}(${one.id})`));
    const keyed = rows.keyBy((row) => row.length);
    const out = keyed.join(keyed, { id: KEEPER, ttl: ms(100), kept: { left: said, right: said } });
    out.to(lake("out"));
    out.failed.to(lake("failed"));
  });
  const app = application("app", { streams: [readings], pipelines: [built] });
  return planApplication(app).stages;
}

describe("rows on their way while code changes", () => {
  const receiver = (version: number): Runner => {
    const stage = behindShuffle(version).get(`p.${KEEPER}`);
    if (stage === undefined) throw new Error("no shuffle was planned");
    return new Runner(stage);
  };

  test("say their version by their edge, those of version 1 by none", () => {
    const edges = (version: number): unknown[] =>
      (behindShuffle(version).get("p.readings")?.nodes ?? []).flatMap(({ spec }) =>
        spec.kind === "feed" ? [spec.edge] : [],
      );
    expect([1, 2, 3].map(edges)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(behindShuffle(1).get(`p.${KEEPER}`)?.fingerprint).toBe(
      behindShuffle(3).get(`p.${KEEPER}`)?.fingerprint,
    );
  });

  test("are migrated as they come, each from its version, and kept in the present one", () => {
    const { fold } = receiver(3);
    for (const [at, [side, version]] of [
      [0, 1],
      [1, 2],
      [1, 3],
    ].entries())
      fold.row(edgeOf(side as number, version as number), "a", epochMs(at), `row ${at}`);
    const { changes, outputs } = fold.seal();
    expect(changes.map(([, , , side, , , , row]) => [side, row])).toEqual([
      [0, new KeptRow(3, "3(row 0)")],
      [1, new KeptRow(3, "3(row 1)")],
      [1, new KeptRow(3, "row 2")],
    ]);
    expect(outputs.failed).toEqual([]);
  });

  test("are not migrated where there is none", () => {
    const { fold } = receiver(3);
    for (const version of [1, 2, 3]) fold.row(edgeOf(1, version), "a", epochMs(version), null);
    expect(fold.seal().changes.map(([, , , , , , , row]) => row)).toEqual([null, null, null]);
  });

  test("fail where they cannot be migrated, as they came", () => {
    const stage = behindShuffle(2).get(`p.${KEEPER}`);
    const nodes = stage?.nodes.map((node) =>
      node.spec.kind === "join" ? { ...node, spec: { ...node.spec, kept } } : node,
    );
    const { fold } = new Runner({ ...stage, nodes } as Stage);
    fold.row(1, "a", epochMs(1), "damaged");
    const { changes, outputs } = fold.seal();
    expect(changes).toEqual([]);
    expect(outputs.failed).toMatchObject([
      { payload: "damaged", operator: KEEPER, error: { code: "STATE_MIGRATION" }, time: 1 },
    ]);
  });

  test.each([1, 2])("stop code of version %i where they are of a later one", (version) => {
    const { fold } = receiver(version);
    expect(() => fold.row(edgeOf(1, version + 1), "a", epochMs(1), "new")).toThrow(
      expect.objectContaining({
        code: "STATE_VERSION",
        next: "halted",
        message: `stage "p.keeper": newer code sends rows of version ${version + 1} to operator "keeper", which this code keeps in version ${version}; deploy the newer code`,
      }),
    );
  });
});
