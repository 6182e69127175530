import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  avg,
  count,
  type EpochMs,
  hours,
  lake,
  last,
  minutes,
  pipeline,
  quantile,
  stream,
  sum,
  tumbling,
  view,
} from "../../shared/index.ts";

const Flight = z.strictObject({
  origin: z.string(),
  carrier: z.string(),
  scheduledDeparture: z.int(),
  delay: z.number(),
  cancelled: z.boolean(),
});

const flights = stream("flights", { schema: Flight, time: "scheduledDeparture", key: "origin" });

test("types flow from the schema to the sink", () => {
  pipeline("types", (p) => {
    const hourly = p
      .from(flights)
      .filter((f) => !f.cancelled)
      .keyBy("origin")
      .window(tumbling(hours(1)), { id: "hourly", trigger: { early: minutes(10) } })
      .aggregate({
        flights: count(),
        delayed: count((f) => f.delay > 15),
        total: sum("delay"),
        mean: avg((f) => f.delay * 2),
        p95: quantile(0.95, "delay"),
        carrier: last("carrier"),
      });
    hourly.to(
      view("hourly", {
        key: (r) => {
          expectTypeOf(r.key).toEqualTypeOf<string>();
          expectTypeOf(r.flights).toEqualTypeOf<number>();
          expectTypeOf(r.carrier).toEqualTypeOf<string>();
          expectTypeOf(r.window.start).toEqualTypeOf<EpochMs>();
          return r.key;
        },
        sort: (r) => r.window.start,
      }),
    );
    hourly.late.to(lake("late", { partitionBy: (f) => ({ carrier: f.carrier }) }));
    hourly
      .map((r) => ({ at: r.window.end, n: r.flights }))
      .to(lake("counts", { partitionBy: (r) => ({ n: String(r.n) }) }));
    hourly.failed.to(lake("failed", { partitionBy: (f) => ({ operator: f.operator }) }));
  });
});

test("a wrong field is a compile error", () => {
  // @ts-expect-error no such field to be the key
  stream("flights", { schema: Flight, key: "destination" });
  // @ts-expect-error a boolean is no key
  stream("flights", { schema: Flight, key: "cancelled" });
  // @ts-expect-error a boolean is no time
  stream("flights", { schema: Flight, key: "origin", time: "cancelled" });
  pipeline("types", (p) => {
    const all = p.from(flights);
    // @ts-expect-error no such field
    all.filter((f) => f.destination === "JFK");
    // @ts-expect-error a boolean is no key
    all.keyBy("cancelled");
    // @ts-expect-error only keyed events can be windowed
    all.window(tumbling(hours(1)), { id: "w" });
    const windowed = all.keyBy("origin").window(tumbling(hours(1)), { id: "w" });
    // @ts-expect-error a string cannot be summed
    windowed.aggregate({ total: sum("origin") });
    // @ts-expect-error no such field
    windowed.aggregate({ slow: count((f) => f.late > 15) });
    // @ts-expect-error the name is taken by the result's key
    windowed.aggregate({ key: count() });
    // @ts-expect-error a window needs an id
    all.keyBy("origin").window(tumbling(hours(1)), {});
    // @ts-expect-error the row has no such field
    windowed.aggregate({ n: count() }).to(view("v", { key: (r) => r.origin }));
  });
});
