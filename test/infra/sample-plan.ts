import { z } from "zod";
import {
  application,
  count,
  hours,
  lake,
  pipeline,
  seconds,
  stream,
  tumbling,
  view,
} from "../../shared/index.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import { planApplication } from "../../shared/plan/planner.ts";

const clicks = stream("web-clicks", {
  schema: z.object({ id: z.string(), user: z.string(), page: z.string(), at: z.int() }),
  time: "at",
  outOfOrder: seconds(5),
  key: "user",
  partitions: 8,
});

const readings = stream("readings", {
  schema: z.object({ id: z.string(), mote: z.int() }),
  key: "mote",
  partitions: 2,
});

const perUser = pipeline("per-user", (p) => {
  const hourly = p
    .from(clicks)
    .keyBy("user")
    .window(tumbling(hours(1)), { id: "hourly" })
    .aggregate({ clicks: count() });
  hourly.to(view("user_hours", { key: (r) => r.key, sort: (r) => r.window.start }));
  hourly.to(lake("user_hours"));
});

const perPage = pipeline("per-page", (p) => {
  p.from(clicks)
    .keyBy("page")
    .window(tumbling(hours(1)), { id: "hourly" })
    .aggregate({ clicks: count() })
    .to(view("page_hours", { key: (r) => r.key, sort: (r) => r.window.start }));
});

const archive = pipeline("archive", (p) => {
  p.from(clicks).to(lake("clicks"));
});

const motes = pipeline("motes", (p) => {
  p.from(readings).to(lake("readings"));
});

/** The same stream, of which the clicks per user may be asked for. */
export const queryablePlan: Plan = planApplication(
  application("queryable", {
    streams: [clicks],
    pipelines: [
      pipeline("per-user", (p) => {
        p.from(clicks)
          .keyBy("user")
          .window(tumbling(hours(1)), { id: "hourly", queryable: true })
          .aggregate({ clicks: count() })
          .to(view("user_hours", { key: (r) => r.key, sort: (r) => r.window.start }));
      }),
    ],
  }),
).plan;

/** Two streams, one with three readers; views with and without a shuffle before them; lake sinks. */
export const samplePlan: Plan = planApplication(
  application("sample", { streams: [clicks, readings], pipelines: [perUser, perPage, archive, motes] }),
).plan;

/** Stage ids of the plan, in its order. */
export const stageIds: readonly string[] = samplePlan.pipelines.flatMap(({ stages }) =>
  stages.map(({ id }) => id),
);
