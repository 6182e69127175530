import * as z from "zod";
import type { FlightEvent } from "../../local/feed/flights.ts";
import { accessLogApp } from "../../pipelines/access-log.ts";
import { flightsApp } from "../../pipelines/flights.ts";
import { sensorsApp } from "../../pipelines/sensors.ts";
import {
  type Application,
  application,
  avg,
  count,
  dayOf,
  days,
  hours,
  lake,
  minutes,
  pipeline,
  quantile,
  type Stream,
  seconds,
  stream,
  tumbling,
  view,
} from "../../shared/index.ts";

/** Minutes that the new code counts as a delay; the shipped code begins at 15. */
export const NEW_DELAY = 30;

const flights = flightsApp.streams[0] as Stream<FlightEvent>;

/** The shipped pipeline with one line changed: what counts as delayed. Its state is read by both. */
const delays = pipeline("flight-delays", (p) => {
  const hourly = p
    .from(flights)
    .filter((f) => !f.cancelled)
    .dedupe({ id: "once", by: "id", within: days(30) })
    .keyBy("origin")
    .window(tumbling(hours(1)), {
      id: "hourly",
      allowedLateness: hours(6),
      trigger: { early: minutes(10) },
    })
    .aggregate({
      flights: count(),
      delayed: count((f) => f.delay > NEW_DELAY),
      avg: avg("delay"),
      p95: quantile(0.95, "delay"),
    });

  hourly.to(view("hourly_delays", { key: (r) => r.key, sort: (r) => r.window.start }));
  hourly.to(lake("hourly_delays", { partitionBy: (r) => ({ day: dayOf(r.window.start) }) }));
  hourly.late.to(lake("late_flights"));
});

/** A stream whose quiet partitions go on by ticks. */
const probes = stream("probes", {
  schema: z.strictObject({ id: z.string(), time: z.int(), name: z.string() }),
  time: "time",
  key: "name",
  partitions: 2,
  idle: { threshold: seconds(1), incrementBy: days(1) },
});

/** Throws at a probe called `poison`; its windows have no end but by a tick. */
const counted = pipeline("counted-probes", (p) => {
  p.from(probes)
    .map((probe) => {
      if (probe.name === "poison") throw new Error("cannot count this");
      return probe;
    })
    .keyBy("name")
    .window(tumbling(seconds(10)), { id: "ten-seconds" })
    .aggregate({ probes: count() })
    .to(view("counted_probes", { key: (r) => r.key, sort: (r) => r.window.start }));
});

/** Stops at a probe called `stop`. */
const passed = pipeline("passed-probes", (p) => {
  p.from(probes)
    .filter(
      (probe) => {
        if (probe.name === "stop") throw new Error("cannot go on");
        return true;
      },
      { onError: "halt" },
    )
    .to(view("passed_probes", { key: (probe) => probe.name, sort: (probe) => probe.id }));
});

/** The third reader of its stream, which has a connection of its own. */
const seen = pipeline("seen-probes", (p) => {
  p.from(probes).to(view("seen_probes", { key: (probe) => probe.name, sort: (probe) => probe.id }));
});

/** The samples after a change of one pipeline's code, and with three pipelines more. */
export const app: Application = application("samples", {
  streams: [...flightsApp.streams, ...accessLogApp.streams, ...sensorsApp.streams, probes],
  pipelines: [delays, ...accessLogApp.pipelines, ...sensorsApp.pipelines, counted, passed, seen],
});
