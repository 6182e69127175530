import {
  application,
  count,
  cumulating,
  customWindows,
  hopping,
  hours,
  milliseconds,
  pipeline,
  session,
  stream,
  tumbling,
} from "../../shared/index.ts";
import { Flight, flights } from "./flights-app.ts";
import { built, odd, out, refuses, windowed } from "./refused.ts";

refuses([
  [
    "a window without an id",
    "PLAN_ID_MISSING",
    "window-1",
    built(windowed(tumbling(hours(1)), { id: undefined })),
  ],
  [
    "a window over a stream without event time",
    "PLAN_NO_EVENT_TIME",
    "w",
    (() => {
      const timeless = stream("timeless", { schema: Flight, key: "origin" });
      const p = pipeline("p", (p) =>
        p
          .from(timeless)
          .keyBy("origin")
          .window(tumbling(hours(1)), { id: "w" })
          .aggregate({ n: count() })
          .to(out),
      );
      return application("app", { streams: [timeless], pipelines: [p] });
    })(),
  ],
  ["a window of no length", "PLAN_DURATION", "w", built(windowed(tumbling(odd(0))))],
  ["a window of half a millisecond", "PLAN_DURATION", "w", built(windowed(tumbling(odd(0.5))))],
  ["a step of no length", "PLAN_DURATION", "w", built(windowed(cumulating(hours(1), odd(0))))],
  ["steps that end beyond the size", "PLAN_OPTION", "w", built(windowed(cumulating(hours(1), odd(7))))],
  [
    "custom windows without a name",
    "PLAN_OPTION",
    "w",
    built(windowed(customWindows("", { assign: () => [] }) as never)),
  ],
  [
    "custom windows that nothing chooses",
    "PLAN_OPTION",
    "w",
    built(windowed(customWindows("w", { assign: undefined as never }) as never)),
  ],
  ["a gap without end", "PLAN_DURATION", "w", built(windowed(session(odd(Infinity))))],
  ["a slide that is no number", "PLAN_DURATION", "w", built(windowed(hopping(hours(1), odd(Number.NaN))))],
  [
    "a lateness below zero",
    "PLAN_DURATION",
    "w",
    built(windowed(tumbling(hours(1)), { allowedLateness: odd(-1) })),
  ],
  [
    "an early trigger of no time",
    "PLAN_DURATION",
    "w",
    built(windowed(tumbling(hours(1)), { trigger: { early: odd(0) } })),
  ],
  [
    "a slide beyond the size",
    "PLAN_OPTION",
    "w",
    built(windowed(hopping(milliseconds(10), milliseconds(11)))),
  ],
  [
    "an early trigger of less than a millisecond of processing time",
    "PLAN_DURATION",
    "w",
    built(windowed(tumbling(hours(1)), { trigger: { early: { processingTime: odd(0.5) } } })),
  ],
  [
    "an early trigger every half event",
    "PLAN_OPTION",
    "w",
    built(windowed(tumbling(hours(1)), { trigger: { early: { events: 0.5 } } })),
  ],
  [
    "an aggregate in the place of the key",
    "PLAN_OPTION",
    "w",
    built((p) =>
      p
        .from(flights)
        .keyBy("origin")
        .window(tumbling(hours(1)), { id: "w" })
        .aggregate({ key: count() } as never)
        .to(out),
    ),
  ],
]);
