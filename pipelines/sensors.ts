import * as z from "zod";
import {
  type Application,
  application,
  avg,
  count,
  days,
  hopping,
  lake,
  max,
  minutes,
  pipeline,
  seconds,
  session,
  stream,
  view,
} from "../shared/index.ts";

const Reading = z.strictObject({
  id: z.string(),
  mote: z.int(),
  reading: z.int(),
  time: z.int(),
  indoor: z.boolean(),
  humidity: z.number(), // per cent
  temperature: z.number(), // degrees Celsius
  anomaly: z.boolean(),
});

/** What each wireless sensor measures, every five seconds. */
const readings = stream("sensors", {
  schema: Reading,
  time: "time",
  outOfOrder: seconds(5),
  key: "mote",
  partitions: 4,
});

/** The last five minutes of each mote, every minute. */
const climate = pipeline("climate", (p) => {
  p.from(readings)
    .dedupe({ id: "once", by: "id", within: days(1) })
    .keyBy("mote")
    .window(hopping(minutes(5), minutes(1)), { id: "five-minutes" })
    .aggregate({ readings: count(), humidity: avg("humidity"), temperature: avg("temperature") })
    .to(view("climate", { key: (r) => r.key, sort: (r) => r.window.start }));
});

/** Readings out of range; those of one mote no more than a minute apart make one excursion. */
const excursions = pipeline("excursions", (p) => {
  const outOfRange = p
    .from(readings)
    .filter((r) => r.temperature < 15 || r.temperature > 35 || r.humidity < 30 || r.humidity > 75)
    .dedupe({ id: "once", by: "id", within: days(1) });

  outOfRange.to(lake("out_of_range"));
  outOfRange
    .keyBy("mote")
    .window(session(minutes(1)), { id: "excursion" })
    .aggregate({ readings: count(), humidity: max("humidity"), temperature: max("temperature") })
    .to(view("excursions", { key: (r) => r.key, sort: (r) => r.window.start }));
});

export const sensorsApp: Application = application("sensors", {
  streams: [readings],
  pipelines: [climate, excursions],
});
