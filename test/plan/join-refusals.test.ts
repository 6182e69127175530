import { expect, test } from "vitest";
import {
  application,
  count,
  hopping,
  hours,
  type PipelineBuilder,
  pipeline,
  session,
  stream,
  tumbling,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { Flight, flights, landings } from "./flights-app.ts";
import { built, odd, out, refuses } from "./refused.ts";

const joined =
  (options: Record<string, unknown>, by: (flight: Flight) => number | string = (f) => f.dest) =>
  (p: PipelineBuilder): void =>
    p
      .from(flights)
      .keyBy("origin")
      .join(p.from(landings).keyBy(by) as never, { id: "j", ...options } as never)
      .to(out);

refuses([
  [
    "an interval that ends where it starts",
    "PLAN_JOIN_BOUNDS",
    "j",
    built(joined({ within: { from: hours(1), to: hours(1) } })),
  ],
  ["an interval that starts nowhere", "PLAN_DURATION", "j", built(joined({ within: { to: hours(1) } }))],
  ["a join that says nothing of time", "PLAN_DURATION", "j", built(joined({}))],
  ["a join that remembers nothing", "PLAN_DURATION", "j", built(joined({ ttl: odd(0) }))],
  ["a grace below zero", "PLAN_DURATION", "j", built(joined({ ttl: hours(1), grace: odd(-1) }))],
  ["a join without an id", "PLAN_ID_MISSING", "join-1", built(joined({ id: undefined, ttl: hours(1) }))],
  [
    "a full join by interval",
    "PLAN_OPTION",
    "j",
    built(joined({ type: "full", within: { from: odd(0), to: odd(1) } })),
  ],
  ["a left join of all rows", "PLAN_OPTION", "j", built(joined({ type: "left", ttl: hours(1) }))],
  ["a join in sessions", "PLAN_OPTION", "j", built(joined({ window: session(hours(1)) }))],
  ["a join in windows of no length", "PLAN_DURATION", "j", built(joined({ window: tumbling(odd(0)) }))],
  [
    "a join in windows with holes",
    "PLAN_OPTION",
    "j",
    built(joined({ window: hopping(hours(1), hours(2)) })),
  ],
  [
    "a join of a text with a number",
    "PLAN_JOIN_KEY",
    "j",
    built((p) => {
      const once = p.from(landings).dedupe({ id: "d", within: hours(1) });
      p.from(flights)
        .keyBy("origin")
        .filter((f) => f.delay > 0)
        .join(once.keyBy("delay") as never, { id: "j", ttl: hours(1) })
        .to(out);
    }),
  ],
  [
    "a join of a window's results with a stream by a number",
    "PLAN_JOIN_KEY",
    "j",
    built((p) => {
      const hourly = p
        .from(flights)
        .keyBy("origin")
        .window(tumbling(hours(1)), { id: "w" });
      p.from(landings)
        .keyBy("at")
        .join(hourly.aggregate({ n: count() }) as never, { id: "j", ttl: hours(1) })
        .to(out);
    }),
  ],
  [
    "a temporal join whose versions hold for no time",
    "PLAN_DURATION",
    "j",
    built((p) =>
      p
        .from(flights)
        .keyBy("origin")
        .temporalJoin(p.from(landings).keyBy("dest"), { id: "j", ttl: odd(0) })
        .to(out),
    ),
  ],
  [
    "a join by time with a stream without event time",
    "PLAN_NO_EVENT_TIME",
    "j",
    (() => {
      const timeless = stream("timeless", { schema: Flight, key: "origin" });
      const p = pipeline("p", (p) =>
        p
          .from(flights)
          .keyBy("origin")
          .join(p.from(timeless).keyBy("origin"), { id: "j", ttl: hours(1) })
          .to(out),
      );
      return application("app", { streams: [flights, timeless], pipelines: [p] });
    })(),
  ],
  [
    "repeats told by the ids of a join's rows",
    "PLAN_OPTION",
    "d",
    built((p) => {
      const all = p.from(flights).keyBy("origin");
      const pairs = all.join(all, { id: "j", ttl: hours(1) });
      pairs.dedupe({ id: "d", within: hours(1) }).to(out);
    }),
  ],
]);

test("keys of which a schema says nothing may be joined, whatever they turn out to be", () => {
  expect(() => planApplication(built(joined({ ttl: hours(1) }, (f) => f.delay)))).not.toThrow();
});

test("rows that are remembered for ever need no event time", () => {
  const timeless = stream("timeless", { schema: Flight, key: "origin" });
  const p = pipeline("p", (p) => {
    const all = p.from(timeless).keyBy("origin");
    all.join(all, { id: "j", ttl: "forever" }).to(out);
  });
  expect(() => planApplication(application("app", { streams: [timeless], pipelines: [p] }))).not.toThrow();
});
