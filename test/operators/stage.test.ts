import { describe, expect, test } from "vitest";
import { count, days, seconds, tumbling } from "../../shared/index.ts";
import type { SinkSpec } from "../../shared/operators/spec.ts";
import {
  authored,
  controlEdges,
  keepsNothing,
  type StageNode,
  sinksOf,
  tablesOf,
} from "../../shared/operators/stage.ts";
import { broadcastStage } from "./broadcast-stage.ts";
import { sourceStage } from "./one-stage.ts";

describe("an operator's id as its author knows it", () => {
  test.each([
    ["key:totals:0", "totals"],
    ["to:totals:12", "totals"],
    ["totals", "totals"],
    // none of the planner's
    ["from:totals:0", "from:totals:0"],
    ["my-key:totals:0", "my-key:totals:0"],
    ["key:totals:0th", "key:totals:0th"],
    ["key:totals:x", "key:totals:x"],
    ["key::0", "key::0"],
  ])("of %s is %s", (id, author) => {
    expect(authored(id)).toBe(author);
  });
});

const perSecond = [tumbling(seconds(1)), { id: "counts" }] as const;

describe("a stage", () => {
  const plain = sourceStage((all) => ({ out: all.map((one) => one) }));
  const broadcast = broadcastStage();

  test("says by which edges control rows come", () => {
    expect([...controlEdges(broadcast)]).toEqual([1]);
    expect([...controlEdges(plain)]).toEqual([]);
    // what has two inputs and is no broadcast, and a broadcast of what the stage itself makes
    const nodes = broadcast.nodes.map((node) => ({ ...node, inputs: [{ edge: 0 }, { edge: 1 }] }));
    const others = nodes.filter(({ spec }) => spec.kind !== "broadcast");
    expect([...controlEdges({ nodes: others })]).toEqual([]);
    const inside = nodes.map((node) => ({
      ...node,
      inputs: [{ edge: 0 }, { node: 0, port: "main" as const }],
    }));
    expect([...controlEdges({ nodes: inside })]).toEqual([]);
    const alone = nodes.map((node) => ({ ...node, inputs: [{ edge: 0 }] }));
    expect([...controlEdges({ nodes: alone })]).toEqual([]);
  });

  test.each([
    ["functions only", (all) => ({ out: all.filter(({ n }) => n > 0).map((one) => one) }), true],
    [
      "rows for another stage",
      (all) => ({
        out: all
          .keyBy("id")
          .window(...perSecond)
          .aggregate({ n: count() }),
      }),
      true,
    ],
    [
      "a window",
      (all) => ({
        out: all
          .keyBy("k")
          .window(...perSecond)
          .aggregate({ n: count() }),
      }),
      false,
    ],
    ["a memory of ids", (all) => ({ out: all.dedupe({ id: "once", by: "id", within: days(1) }) }), false],
  ] as const satisfies readonly (readonly [string, Parameters<typeof sourceStage>[0], boolean])[])(
    "with %s keeps something of an event beyond its batch, or does not",
    (_, build, expected) => {
      expect(keepsNothing(sourceStage(build))).toBe(expected);
    },
  );

  test("keeps what its views are", () => {
    const sink = { kind: "view", name: "v" } as SinkSpec;
    const [node] = plain.nodes as [StageNode];
    expect(keepsNothing({ nodes: [{ ...node, spec: { kind: "sink", sink } }] })).toBe(false);
    expect(
      keepsNothing({
        nodes: [{ ...node, spec: { kind: "sink", sink: { ...sink, kind: "lake" } as SinkSpec } }],
      }),
    ).toBe(true);
  });

  test("without sinks and lookups has none", () => {
    expect(sinksOf(plain)).toEqual([]);
    expect(tablesOf(plain)).toEqual([]);
  });
});
