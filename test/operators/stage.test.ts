import { describe, expect, test } from "vitest";
import { authored, controlEdges, sinksOf, tablesOf } from "../../shared/operators/stage.ts";
import { sourceStage } from "./one-stage.ts";
import { broadcastStage } from "./shapes.ts";

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

  test("without sinks and lookups has none", () => {
    expect(sinksOf(plain)).toEqual([]);
    expect(tablesOf(plain)).toEqual([]);
  });
});
