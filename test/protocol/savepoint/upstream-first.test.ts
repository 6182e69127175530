import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { z } from "zod";
import { application, count, minutes, pipeline, stream, tumbling, view } from "../../../shared/index.ts";
import type { StagePlan } from "../../../shared/plan/plan.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { upstreamFirst } from "../../../shared/protocol/savepoint/upstream-first.ts";

const visits = stream("visits", {
  schema: z.object({ who: z.string(), page: z.string(), at: z.int() }),
  time: "at",
  key: "who",
});

/** Two pipelines: one stage behind the other, and one behind two others. */
const planned = planApplication(
  application("app", {
    streams: [visits],
    pipelines: ["p", "q"].map((id) =>
      pipeline(id, (p) => {
        const flow = p.from(visits);
        const pages = flow.keyBy("page").window(tumbling(minutes(1)), { id: "pages" });
        const counted = pages.aggregate({ visits: count() });
        counted
          .union(
            flow
              .keyBy("who")
              .window(tumbling(minutes(1)), { id: "people" })
              .aggregate({ visits: count() }),
          )
          .keyBy((row) => row.visits)
          .window(tumbling(minutes(2)), { id: "often" })
          .aggregate({ keys: count() })
          .to(view(`${id}-often`, { key: (row) => row.key, sort: (row) => row.window.start }));
      }),
    ),
  }),
);
const stages = planned.plan.pipelines.flatMap((one) => one.stages);

const sendersOf = ({ input }: StagePlan): string[] =>
  input.kind === "internal" ? input.upstreams.map(({ stage }) => stage) : [];

test.prop([fc.shuffledSubarray(stages, { minLength: stages.length }), fc.nat(stages.length)])(
  "every stage of every pipeline comes once, behind all that feed it, however the plan lists them",
  (shuffled, cut) => {
    const pipelines = [shuffled.slice(0, cut), shuffled.slice(cut)].map((part, i) => ({
      id: `p${i}`,
      stages: part,
      sinks: [],
    }));
    const order = upstreamFirst({ ...planned, plan: { ...planned.plan, pipelines } }).map(({ id }) => id);
    expect([...order].sort()).toEqual(stages.map(({ id }) => id).sort());
    for (const stage of stages)
      for (const sender of sendersOf(stage))
        expect(order.indexOf(sender)).toBeLessThan(order.indexOf(stage.id));
  },
);

test("the plan that is shuffled has a stage with two senders", () => {
  expect(stages.map((stage) => sendersOf(stage).length)).toContain(2);
});
