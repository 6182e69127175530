import { z } from "zod";
import {
  type Application,
  application,
  count,
  epochMs,
  hours,
  minutes,
  pipeline,
  seconds,
  stream,
  tumbling,
  view,
} from "../../../shared/index.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { planApplication } from "../../../shared/plan/planner.ts";

const Visit = z.object({ page: z.string(), user: z.string(), at: z.number() });
const idle = { threshold: minutes(1), incrementBy: minutes(5) };

/**
 * `visits` is idle at times and read twice: `by-page` keeps its windows itself, `by-user` in a stage of its
 * own. `starting` also starts without an event. `steady` has no idle policy; `alarms` sets timers of processing time,
 * and the windows of `shown` go by it.
 */
function stagesOf(): ReadonlyMap<string, Stage> {
  const options = { schema: Visit, time: "at", outOfOrder: seconds(10), key: "page", partitions: 2 } as const;
  const visits = stream("visits", { ...options, idle });
  const starting = stream("starting", { ...options, idle: { ...idle, initSourceDelay: hours(1) } });
  const steady = stream("steady", options);
  const windows = (id: string, from: typeof visits, key: "page" | "user") =>
    pipeline(id, (p) => {
      p.from(from)
        .keyBy(key)
        .window(tumbling(hours(1)), { id: "hourly" })
        .aggregate({ visits: count() })
        .to(view(id.replaceAll("-", "_"), { key: (r) => r.key, sort: (r) => r.window.start }));
    });
  const alarms = pipeline("alarms", (p) => {
    p.from(steady)
      .keyBy("page")
      .process({
        id: "alarm",
        state: {},
        onEvent(_visit, { timers, processingTime }) {
          timers.atProcessingTime(epochMs(processingTime + minutes(5)));
        },
        onProcessingTimer: (_time, { key }) => [{ page: key }],
      })
      .to(view("alarms", { key: (row) => row.page }));
  });
  const shown = pipeline("shown", (p) => {
    p.from(steady)
      .keyBy("page")
      .window(tumbling(hours(1)), { id: "hourly", trigger: { early: { processingTime: seconds(10) } } })
      .aggregate({ visits: count() })
      .to(view("shown", { key: (row) => row.key, sort: (row) => row.window.start }));
  });
  const app: Application = application("web", {
    streams: [visits, starting, steady],
    pipelines: [
      windows("by-page", visits, "page"),
      windows("by-user", visits, "user"),
      windows("started", starting, "user"),
      windows("steadily", steady, "user"),
      windows("alone", steady, "page"),
      alarms,
      shown,
    ],
  });
  return planApplication(app).stages;
}

export const stages: ReadonlyMap<string, Stage> = stagesOf();

/** The ids of the stages of a pipeline, that of its source first. */
export const stagesIn = (pipeline: string): readonly string[] =>
  [...stages.values()].filter((stage) => stage.pipeline === pipeline).map(({ id }) => id);
