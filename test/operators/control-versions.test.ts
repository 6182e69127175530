import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { application, lake, pipeline } from "../../shared/index.ts";
import { edgeOf } from "../../shared/operators/kept-rows.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { VersionOptions } from "../../shared/operators/versioned.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { KeptRow } from "../../shared/state/kept-row.ts";
import { stampOf } from "../../shared/state/stamp.ts";
import { epochMs } from "../../shared/time/time.ts";
import { anyInternalInputs } from "./inputs.ts";
import { readingsOf } from "./one-stage.ts";
import { type Given, type Input, leftBy, Runner, rowsTo } from "./runner.ts";
import { type Code, KEEP, thingIn, versioned } from "./things.ts";

/**
 * Stages of a broadcast whose control values, the readings from 4 on, are kept in the way of a version. Of the reading
 * that is no control value any more, 5, there is none.
 */
function stages(code: Code, key: "id" | "n" = "n"): ReadonlyMap<string, Stage> {
  const readings = readingsOf();
  const { version } = code;
  const built = pipeline("p", (p) => {
    const control = p
      .from(readings)
      .filter(({ n }) => n >= 4)
      .map(({ id, n }) => ({ id, n, said: n === 5 ? null : (KEEP[version]?.(id) as object | string) }))
      .keyBy(key)
      .map(({ said }) => said);
    const out = p
      .from(readings)
      .filter(({ n }) => n < 4)
      .withBroadcast(control, {
        id: "b",
        kept: versioned(code) as VersionOptions<object | string>,
        prepare: (said) => `${thingIn(said, version)}`,
        onEvent: ({ id }, latest) => [...latest].map(([n, said]) => `${id}: ${n} ${said}`),
      });
    out.to(lake("out"));
    out.failed.to(lake("failed"));
  });
  return planApplication(application("app", { streams: [readings], pipelines: [built] })).stages;
}

function stageOf(code: Code): Stage {
  const stage = stages(code).get("p.b");
  if (stage === undefined) throw new Error("the broadcast has another stage");
  return { ...stage, input: { kind: "internal", upstreams: [{ stage: "up", partitions: 2 }] } };
}

const V1 = { version: 1, damaged: false };
const V2 = { version: 2, damaged: true };

/** An event, or what the code of a version says of a key. */
type Said = readonly [version: number, n: number, thing: string | null];
const folded = (code: Code, ...said: readonly (Said | "event")[]): Runner => {
  const runner = new Runner(stageOf(code));
  return take(runner, ...said);
};
function take(runner: Runner, ...said: readonly (Said | "event")[]): Runner {
  for (const one of said)
    if (one === "event") runner.fold.row(0, "a", epochMs(1), { id: "e", n: 0 });
    else {
      const [version, n, thing] = one;
      const value = thing === null ? null : KEEP[version]?.(thing);
      runner.fold.row(edgeOf(1, version), n as never, epochMs(1), value);
    }
  return runner;
}
const outOf = ({ fold }: Runner): unknown[] =>
  (fold.outputs.feeds.get("p.lake-out") ?? []).map(([, , , row]) => row);
const failedOf = ({ fold }: Runner): unknown[] =>
  fold.outputs.failed.map(({ payload, error }) => [payload, error.code]);

describe("control values in versions", () => {
  /** As `stages` maps them, for inputs that come behind the shuffle. */
  const inVersion = ({ version }: Code, inputs: readonly Input[]): Input[] =>
    inputs.map((input) => {
      if (input.kind !== "row" || input.row.n < 4) return input;
      const { k, t, n, id } = input.row;
      const said = n === 5 ? null : KEEP[version]?.(id);
      return { ...input, row: { k, t, n, said } as never };
    });

  test.prop([anyInternalInputs, fc.double({ min: 0, max: 1, noNaN: true })], { numRuns: 100 })(
    "that version 1 kept in part show what they show where all are migrated",
    (inputs, part) => {
      const fold = (runner: Runner, code: Code, from: number, to: number): unknown[] =>
        inVersion(code, inputs)
          .slice(from, to)
          .map((input, i): Given => {
            if (input.kind !== "row" || input.row.n < 4) return runner.batch([input], from + i);
            const { k, t, said } = input.row as never as { k: string; t: number; said: unknown };
            runner.fold.record(`shard:${from + i}`, epochMs(0));
            runner.fold.row(edgeOf(1, code.version), k, epochMs(t), said);
            const { changes, time, counts, nextProcessingTimer } = runner.fold.seal();
            runner.fold.keep();
            return { changes, time, counts, nextProcessingTimer, outputs: { feeds: [] } };
          })
          .map((given) => [rowsTo("out", given), rowsTo("failed", given)]);
      const V3 = { version: 3, damaged: false };
      const at = Math.floor(part * inputs.length);
      const old = new Runner(stageOf(V1));
      const before = fold(old, V1, 0, at);
      const fresh = leftBy(stageOf(V3), old.fold.snapshot(), old);
      const after = fold(fresh, V3, at, inputs.length);
      expect([...before, ...after]).toEqual(fold(new Runner(stageOf(V3)), V3, 0, inputs.length));
    },
  );

  test("are kept in that of the code, and those that others kept stay as they were", () => {
    const runner = take(leftBy(stageOf(V2), [["b", "put", 4, "old"]]), [2, 6, "new"], "event");
    expect(outOf(runner)).toEqual(["e: 4 old", "e: 6 new"]);
    expect(encodeValue(runner.fold.seal().changes)).toBe('[["b","put",6,{"$mr":["row",[2,{"two":"new"}]]}]]');
    runner.fold.keep();
    expect(encodeValue([...runner.fold.snapshot()])).toBe(
      '[["b","put",4,"old"],["b","put",6,{"$mr":["row",[2,{"two":"new"}]]}]]',
    );
    runner.restore();
    expect(outOf(take(runner, "event"))).toEqual(["e: 4 old", "e: 6 new"]);
  });

  test("are kept as before there were versions where nothing is said, or version 1", () => {
    const runner = folded(V1, [1, 4, "one"]);
    expect(encodeValue(runner.fold.seal().changes)).toBe('[["b","put",4,"one"]]');
    expect(stageOf(V1).versions).toEqual([]);
  });

  test("have theirs in the stamp of the stage that keeps them, and of no other", () => {
    const stage = stageOf(V2);
    expect(stampOf(stage)).toBe(`${stage.fingerprint} [["b","control",2]]`);
    expect(stage.fingerprint).toBe(stageOf(V1).fingerprint);
    const others = [...stages(V2, "id").values()].filter(({ id }) => id !== "p.b");
    expect(others.map(({ id, versions }) => [id, versions])).toEqual([
      ["p.readings", []],
      ["p.b-control", []],
      ["p.lake-out", []],
      ["p.lake-failed", []],
    ]);
  });

  test("that cannot be read fail events until they are replaced, and lose none", () => {
    const runner = take(leftBy(stageOf(V2), [["b", "put", 4, "r7"]]), "event");
    expect([outOf(runner), failedOf(runner)]).toEqual([[], [[{ id: "e", n: 0 }, "STATE_MIGRATION"]]]);
    expect(runner.fold.outputs.failed[0]?.error.message).toContain(
      'operator "b", key 4: "control" of version 1 could not be brought to version 2',
    );
    take(runner, [2, 4, "better"], "event");
    expect(outOf(runner)).toEqual(["e: 4 better"]);
    expect(failedOf(runner)).toHaveLength(1);
  });

  test("that cannot be read go with a null", () => {
    const runner = take(leftBy(stageOf(V2), [["b", "put", 4, "r7"]]), [2, 4, null], [2, 6, "new"], "event");
    expect([outOf(runner), failedOf(runner)]).toEqual([["e: 6 new"], []]);
    expect(runner.fold.size).toBe(1);
  });

  test("cannot be changed, whatever `migrate` gave", () => {
    const [node] = stageOf(V2).nodes;
    if (node?.spec.kind !== "broadcast") throw new Error("no broadcast");
    const shared = { two: "mine", list: [1] };
    const spec = {
      ...node.spec,
      prepare: undefined,
      kept: { control: { version: 2, migrate: () => shared } },
      onEvent: (_: unknown, latest: ReadonlyMap<unknown, unknown>) => {
        for (const value of latest.values()) (value as typeof shared).list.push(2);
        return [];
      },
    };
    const runner = leftBy({ ...stageOf(V2), nodes: [{ ...node, spec }] }, [["b", "put", 4, "old"]]);
    take(runner, "event");
    expect(runner.fold.outputs.failed).toMatchObject([{ error: { name: "TypeError" } }]);
    shared.list.push(3);
    expect(shared.list).toEqual([1, 3]);
  });
});

describe("control values on their way while code changes", () => {
  test("say their version by their edge, to the stage that orders them too", () => {
    const edges = (version: number, key: "id" | "n"): unknown[] =>
      [...stages({ version, damaged: false }, key).values()].flatMap(({ nodes }) =>
        nodes.flatMap(({ spec }) =>
          spec.kind === "feed" && !spec.stage.startsWith("p.lake") ? [[spec.stage, spec.edge]] : [],
        ),
      );
    for (const key of ["id", "n"] as const)
      expect([1, 2, 3].map((version) => new Set(edges(version, key).map(String)))).toEqual([
        new Set(["p.b,0", "p.b-control,0", "p.b,1"]),
        new Set(["p.b,0", "p.b-control,2", "p.b,3"]),
        new Set(["p.b,0", "p.b-control,4", "p.b,5"]),
      ]);
  });

  test("are migrated as they come, and move no time", () => {
    const runner = folded(
      { version: 3, damaged: false },
      [1, 4, "a"],
      [2, 6, "b"],
      [3, 7, "c"],
      [1, 7, null],
    );
    const { changes, time } = runner.fold.seal();
    expect(changes).toEqual([
      ["b", "put", 4, new KeptRow(3, ["three", "a"])],
      ["b", "put", 6, new KeptRow(3, ["three", "b"])],
      ["b", "drop", 7],
    ]);
    expect([time.streamTime, time.watermark]).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  test("are migrated by the stage that orders them, which hands on those of the present version", () => {
    const stage = stages(V2, "id").get("p.b-control");
    if (stage === undefined) throw new Error("nothing orders them");
    const { fold } = new Runner(stage);
    fold.row(edgeOf(0, 1), "x", epochMs(1), "old");
    fold.row(edgeOf(0, 1), "y", epochMs(1), null);
    fold.row(edgeOf(0, 2), "z", epochMs(1), { two: "new" });
    fold.row(edgeOf(0, 1), "v", epochMs(1), "r7");
    const { feeds, failed } = fold.seal().outputs;
    expect(feeds.get("p.b")?.map(([edge, key, , value]) => [edge, key, value])).toEqual([
      [3, "x", { two: "old" }],
      [3, "y", null],
      [3, "z", { two: "new" }],
    ]);
    expect(failed).toMatchObject([{ payload: "r7", operator: "b", error: { code: "STATE_MIGRATION" } }]);
  });

  test.each(["p.b", "p.b-control"])("stop older code in %s", (id) => {
    const stage = stages(V1, "id").get(id);
    if (stage === undefined) throw new Error(`no stage ${id}`);
    const { fold } = new Runner(stage);
    expect(() => fold.row(edgeOf(id === "p.b" ? 1 : 0, 2), "x", epochMs(1), "new")).toThrow(
      expect.objectContaining({ code: "STATE_VERSION", next: "halted" }),
    );
  });

  test("stop older code where nothing is prepared, too", () => {
    const readings = readingsOf();
    const built = pipeline("p", (p) => {
      const all = p.from(readings);
      all.withBroadcast(all.keyBy("n"), { id: "b", onEvent: () => [] }).to(lake("out"));
    });
    const planned = planApplication(application("app", { streams: [readings], pipelines: [built] }));
    const stage = planned.stages.get("p.b-control");
    if (stage === undefined) throw new Error("nothing orders them");
    const { fold } = new Runner(stage);
    expect(() => fold.row(edgeOf(0, 2), "x", epochMs(1), "new")).toThrow(
      expect.objectContaining({ code: "STATE_VERSION", next: "halted" }),
    );
    fold.row(0, "x", epochMs(1), "as ever");
    expect(fold.seal().outputs.feeds.get("p.b")).toEqual([[1, "x", 1, "as ever"]]);
  });
});
