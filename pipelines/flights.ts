import * as z from "zod";
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
  stream,
  tumbling,
  view,
} from "../shared/index.ts";

const scheduled = {
  id: z.string(),
  carrier: z.string(),
  flight: z.int(),
  tail: z.string().nullable(),
  origin: z.string(),
  dest: z.string(),
  distance: z.int(), // miles
  scheduledDeparture: z.int(),
};

const Flight = z.discriminatedUnion("cancelled", [
  z.strictObject({ ...scheduled, cancelled: z.literal(false), departed: z.int(), delay: z.int() }), // minutes
  z.strictObject({ ...scheduled, cancelled: z.literal(true), departed: z.null(), delay: z.null() }),
]);

/** A flight is reported when it leaves, which may be most of a day after it should have. */
const flights = stream("flights", {
  schema: Flight,
  time: "scheduledDeparture",
  outOfOrder: hours(1),
  key: "origin",
  partitions: 8,
});

/** Delays per airport and hour of schedule. */
const delays = pipeline("flight-delays", (p) => {
  const hourly = p
    .from(flights)
    .filter((f) => !f.cancelled)
    .dedupe({ id: "once", by: "id", within: days(30) }) // a repeated POST counts once
    .keyBy("origin") // the stream's own key: no shuffle
    .window(tumbling(hours(1)), {
      id: "hourly",
      allowedLateness: hours(6),
      trigger: { early: minutes(10) },
    })
    .aggregate({
      flights: count(),
      delayed: count((f) => f.delay > 15),
      avg: avg("delay"),
      p95: quantile(0.95, "delay"),
    });

  hourly.to(view("hourly_delays", { key: (r) => r.key, sort: (r) => r.window.start }));
  hourly.to(lake("hourly_delays", { partitionBy: (r) => ({ day: dayOf(r.window.start) }) }));
  hourly.late.to(lake("late_flights"));
});

export const flightsApp: Application = application("flights", { streams: [flights], pipelines: [delays] });
