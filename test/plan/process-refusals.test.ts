import {
  application,
  hours,
  listState,
  type PipelineBuilder,
  pipeline,
  type Stream,
  stream,
  valueState,
} from "../../shared/index.ts";
import { Flight, flights } from "./flights-app.ts";
import { built, odd, out, type Refusal, refuses } from "./refused.ts";

const processed =
  (options: Record<string, unknown>, of: Stream<Flight> = flights) =>
  (p: PipelineBuilder): void =>
    p
      .from(of)
      .keyBy("origin")
      .process({ id: "p", state: {}, onEvent: () => [], ...options } as never)
      .to(out);

refuses([
  ["a process without an id", "PLAN_ID_MISSING", "process-1", built(processed({ id: undefined }))],
  ["a process that calls nothing", "PLAN_OPTION", "p", built(processed({ onEvent: undefined }))],
  ["a process whose timers call nothing", "PLAN_OPTION", "p", built(processed({ onTimer: "later" }))],
  ["a process without a word of its state", "PLAN_OPTION", "p", built(processed({ state: undefined }))],
  ["a state that is none", "PLAN_OPTION", "p", built(processed({ state: { n: 5 } }))],
  [
    "a process whose timers of processing time call nothing",
    "PLAN_OPTION",
    "p",
    built(processed({ onProcessingTimer: 5 })),
  ],
  [
    "a state in a time that there is not",
    "PLAN_OPTION",
    "p",
    built(processed({ state: { n: valueState({ ttl: hours(1), in: "ingestion-time" as never }) } })),
  ],
  [
    "a state in processing time that is kept for ever",
    "PLAN_OPTION",
    "p",
    built(processed({ state: { n: valueState({ in: "processing-time" }) } })),
  ],
  ["a state without a name", "PLAN_OPTION", "p", built(processed({ state: { "": valueState() } }))],
  [
    "a state that lives no time",
    "PLAN_DURATION",
    "p",
    built(processed({ state: { n: listState({ ttl: odd(0) }) } })),
  ],
  [
    "repeats told by the ids of a process's rows",
    "PLAN_OPTION",
    "d",
    built((p) => {
      const rows = p
        .from(flights)
        .keyBy("origin")
        .process({ id: "p", state: {}, onEvent: (f) => [f, f] });
      rows.dedupe({ id: "d", within: hours(1) }).to(out);
    }),
  ],
  ...[{ onTimer: () => [] }, { state: { n: valueState({ ttl: hours(1) }) } }].map(
    (options): Refusal => [
      `a process with ${Object.keys(options)} over a stream without event time`,
      "PLAN_NO_EVENT_TIME",
      "p",
      (() => {
        const timeless = stream("timeless", { schema: Flight, key: "origin" });
        const p = pipeline("p", (p) => processed(options, timeless)(p));
        return application("app", { streams: [timeless], pipelines: [p] });
      })(),
    ],
  ),
]);
