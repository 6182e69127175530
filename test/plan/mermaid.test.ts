import { expect, test } from "vitest";
import { z } from "zod";
import { app } from "../../pipelines/index.ts";
import { application, count, hours, pipeline, stream, tumbling, view } from "../../shared/index.ts";
import { planToMermaid } from "../../shared/plan/mermaid.ts";
import { planApplication } from "../../shared/plan/planner.ts";

const { plan } = planApplication(app);
const chart = planToMermaid(plan);

test("every arrow leads from something that is drawn to something that is drawn", () => {
  const drawn = new Set([...chart.matchAll(/^ *(?:subgraph )?(n\d+)[[(]/gm)].map(([, id]) => id));
  const arrows = [...chart.matchAll(/^ *(n\d+) (?:-->|==>) (n\d+)$/gm)];
  expect(arrows.length).toBeGreaterThan(20);
  for (const [, from, to] of arrows) {
    expect(drawn).toContain(from);
    expect(drawn).toContain(to);
  }
});

test("every stream, operator and sink is drawn, and each shuffle is a thick arrow", () => {
  const stages = plan.pipelines.flatMap(({ stages }) => stages);
  for (const { id } of plan.streams) expect(chart).toContain(`[/"${id}<br/>`);
  for (const { kind, name } of plan.pipelines.flatMap(({ sinks }) => sinks))
    expect(chart).toContain(`"${kind} ${name}"`);
  for (const { operators } of stages)
    for (const { id, kind } of operators)
      if (kind !== "feed" && kind !== "sink") expect(chart).toContain(`["${id}<br/>${kind}`);
  const feeds = stages.flatMap(({ operators }) => operators.filter(({ kind }) => kind === "feed"));
  expect(chart.match(/==>/g)).toHaveLength(feeds.length);
});

test("subgraphs are closed", () => {
  expect(chart.match(/^ *subgraph /gm)?.length).toBe(chart.match(/^ *end$/gm)?.length);
});

test("what a label says cannot end it", () => {
  const schema = z.object({ 'the "big" <shop>': z.string(), at: z.int() });
  const orders = stream("orders", { schema, time: "at", key: "at" });
  const sales = pipeline("sales", (p) => {
    p.from(orders)
      .keyBy('the "big" <shop>', { id: "by-shop" })
      .window(tumbling(hours(1)), { id: "hourly" })
      .aggregate({ n: count() })
      .to(view("sales", { key: (r) => r.key }));
  });
  const { plan } = planApplication(application("shop", { streams: [orders], pipelines: [sales] }));
  expect(planToMermaid(plan)).toContain('"by-shop<br/>keyBy the #quot;big#quot; #lt;shop>"');
});
