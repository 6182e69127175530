import { describe, expect, test } from "vitest";
import { z } from "zod";
import { count, days, hours, lake, minutes, pipeline, stream, tumbling, view } from "../../shared/index.ts";
import type { GraphNode } from "../../shared/pipeline/graph.ts";

const visits = stream("visits", {
  schema: z.object({ who: z.string(), page: z.string(), at: z.int() }),
  time: "at",
  key: "who",
});

const shown = ({ nodes }: { nodes: readonly GraphNode[] }): string[] =>
  nodes.map(
    ({ id, inputs }) => `${id} <- ${inputs.map(({ node, port }) => `${nodes[node]?.id}.${port}`).join(" ")}`,
  );

describe("a pipeline", () => {
  test("is the graph of what was called, and nothing has run", () => {
    const built = pipeline("p", (p) => {
      const all = p.from(visits).filter(() => {
        throw new Error("nothing runs while a pipeline is described");
      });
      const hourly = all
        .keyBy("who")
        .window(tumbling(hours(1)), { id: "hourly" })
        .aggregate({ n: count() });
      hourly.to(view("v", { key: (row) => row.key }));
      hourly.late.to(lake("late"));
      all.failed.to(lake("failed"));
    });
    expect(shown(built)).toEqual([
      "visits <- ",
      "filter-1 <- visits.main",
      "keyBy-1 <- filter-1.main",
      "hourly <- keyBy-1.main",
      "view-v <- hourly.main",
      "lake-late <- hourly.late",
      "lake-failed <- filter-1.failed",
    ]);
  });

  test("leaves a flow as it is when another is made of it", () => {
    const built = pipeline("p", (p) => {
      const all = p.from(visits);
      const short = all.map(({ who }) => who);
      const long = all.map(({ page }) => page);
      short.union(long).to(lake("both"));
    });
    expect(shown(built)).toEqual([
      "visits <- ",
      "map-1 <- visits.main",
      "map-2 <- visits.main",
      "union-1 <- map-1.main map-2.main",
      "lake-both <- union-1.main",
    ]);
  });

  test("takes what is not said from the documented defaults", () => {
    const { nodes } = pipeline("p", (p) => {
      p.from(visits)
        .dedupe({ id: "once", within: days(1) })
        .keyBy("who", { onError: "halt" })
        .window(tumbling(minutes(5)), { id: "w" })
        .aggregate({ n: count() })
        .to(view("v", { key: (row) => row.key }));
    });
    expect(nodes[1]).toMatchObject({ named: true, onError: "dead-letter" });
    expect(nodes[2]).toMatchObject({ named: false, onError: "halt" });
    expect(nodes[3]?.spec).toMatchObject({ allowedLateness: 0, trigger: {} });
    expect(visits).toMatchObject({ partitions: 8, outOfOrder: 0, idle: undefined });
    const once = nodes[1]?.spec;
    const sink = nodes[4]?.spec;
    if (once?.kind !== "dedupe" || sink?.kind !== "sink" || sink.sink.kind !== "view")
      throw new Error("other nodes");
    expect(once.by).toBeUndefined();
    expect(sink.sink.sort({})).toBe(0);
  });
});
