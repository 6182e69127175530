import { describe, expect, test } from "vitest";
import {
  count,
  hours,
  lake,
  minutes,
  type PipelineBuilder,
  pipeline,
  tumbling,
  view,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { appOf, flights } from "./flights-app.ts";

const planOf = (build: (p: PipelineBuilder) => void) => planApplication(appOf(pipeline("p", build)));

/** An alert two stages away, a view beside it, and an archive. */
const branches = (p: PipelineBuilder): void => {
  const all = p.from(flights);
  all.to(lake("archive"), { priority: -2 });
  const hourly = all
    .keyBy("dest")
    .window(tumbling(hours(1)), { id: "hourly" })
    .aggregate({ n: count() });
  hourly.to(view("hourly", { key: (r) => r.key }));
  hourly
    .keyBy((r) => String(r.n))
    .throttle({ id: "few", per: minutes(10) })
    .to(view("alerts", { key: (r) => r.key }), { priority: 7 });
  all
    .keyBy(({ dest }) => `to ${dest}`)
    .throttle({ id: "seen", per: minutes(1) })
    .to(lake("seen"));
};

describe("a sink's priority", () => {
  const { plan, stages } = planOf(branches);

  test("holds on the whole way to it: what feeds several sinks has the highest of theirs", () => {
    const priorities = [...stages.values()].flatMap(({ id, nodes }) =>
      nodes.flatMap(({ spec }) =>
        spec.kind === "feed" ? [`${id} → ${spec.stage}: ${spec.priority ?? 0}`] : [],
      ),
    );
    expect(priorities.sort()).toEqual([
      "p.few → p.view-alerts: 7",
      "p.flights → p.hourly: 7",
      "p.flights → p.lake-archive: -2",
      "p.flights → p.seen: 0",
      "p.hourly → p.few: 7",
      "p.seen → p.lake-seen: 0",
    ]);
  });

  test("is shown in the plan where it is not 0", () => {
    const details = plan.pipelines.flatMap((each) =>
      each.stages.flatMap(({ operators }) =>
        operators.filter(({ kind }) => kind === "feed" || kind === "sink").map(({ detail }) => detail),
      ),
    );
    expect(details.filter((detail) => detail.includes("priority")).sort()).toEqual([
      "lake archive, priority -2",
      "p.few, priority 7",
      "p.hourly, combined, priority 7",
      "p.lake-archive, priority -2",
      "p.view-alerts, priority 7",
      "view alerts, priority 7",
    ]);
  });

  test("is no part of how state is read", () => {
    const unsaid = planOf((p) => {
      const all = p.from(flights);
      all.to(lake("archive"));
      all
        .keyBy("dest")
        .window(tumbling(hours(1)), { id: "hourly" })
        .aggregate({ n: count() })
        .to(view("hourly", { key: (r) => r.key }));
    });
    expect(unsaid.stages.get("p.hourly")?.fingerprint).toBe(stages.get("p.hourly")?.fingerprint);
  });

  test.each([1.5, 101, -101, Number.NaN, Number.POSITIVE_INFINITY, "high"])("may not be %s", (priority) => {
    expect(() => planOf((p) => p.from(flights).to(lake("out"), { priority: priority as number }))).toThrow(
      expect.objectContaining({ code: "PLAN_OPTION", message: expect.stringContaining("from -100 to 100") }),
    );
  });
});
