import { expect, test } from "vitest";
import { type Application, application, count, hours, pipeline, tumbling } from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { flights, flightsOf } from "./flights-app.ts";
import { built, odd, out, refuses } from "./refused.ts";

/** Flights of two streams, without repeats. */
const bothFlights = (options: { readonly by?: "origin" }): Application => {
  const others = flightsOf({}, "others");
  const p = pipeline("p", (p) =>
    p
      .from(flights)
      .union(p.from(others))
      .dedupe({ id: "d", within: hours(1), ...options })
      .to(out),
  );
  return application("app", { streams: [flights, others], pipelines: [p] });
};

refuses([
  [
    "a dedupe that remembers nothing",
    "PLAN_DURATION",
    "d",
    built((p) =>
      p
        .from(flights)
        .dedupe({ id: "d", within: odd(0) })
        .to(out),
    ),
  ],
  [
    "a dedupe by the events' own ids where they come from several stages",
    "PLAN_OPTION",
    "d",
    bothFlights({}),
  ],
  [
    "a dedupe by the events' own ids behind a flatMap, whose rows share them",
    "PLAN_OPTION",
    "d",
    built((p) =>
      p
        .from(flights)
        .flatMap((f) => [f, f])
        .filter(() => true)
        .dedupe({ id: "d", within: hours(1) })
        .to(out),
    ),
  ],
  [
    "a dedupe by the events' own ids behind a window's shuffle",
    "PLAN_OPTION",
    "d",
    built((p) =>
      p
        .from(flights)
        .keyBy("delay")
        .window(tumbling(hours(1)), { id: "w" })
        .aggregate({ n: count() })
        .dedupe({ id: "d", within: hours(1) })
        .to(out),
    ),
  ],
]);

test("a dedupe by a field may stand behind a shuffle, one by the events' own ids before it", () => {
  expect(() => planApplication(bothFlights({ by: "origin" }))).not.toThrow();
  const before = built((p) =>
    p
      .from(flights)
      .keyBy("delay")
      .dedupe({ id: "d", within: hours(1) })
      .window(tumbling(hours(1)), { id: "w" })
      .aggregate({ n: count() })
      .to(out),
  );
  expect(() => planApplication(before)).not.toThrow();
});
