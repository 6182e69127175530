import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  avg,
  count,
  customWindows,
  type EpochMs,
  epochMs,
  type Flow,
  global,
  hours,
  type KeyedFlow,
  lake,
  last,
  listState,
  mapState,
  minutes,
  pattern,
  pipeline,
  quantile,
  session,
  stream,
  sum,
  tumbling,
  valueState,
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

test("a pattern's steps know what was taken before them, and its matches what each step took", () => {
  pipeline("pattern-types", (p) => {
    const found = pattern<z.infer<typeof Flight>>()
      .begin("late", (f) => f.delay > 60)
      .followedBy("later", (f, { late, later }) => f.delay > (later.at(-1) ?? late[0] ?? f).delay)
      .oneOrMore()
      .within(hours(2));
    const matches = p
      .from(flights)
      .keyBy("origin")
      .match(found, { id: "m", skip: { last: "later" } });
    matches.map((m) => {
      expectTypeOf(m.key).toEqualTypeOf<string>();
      expectTypeOf(m.match.later).toEqualTypeOf<readonly z.infer<typeof Flight>[]>();
      expectTypeOf(m.start).toEqualTypeOf<EpochMs>();
      // @ts-expect-error no step has this name
      return m.match.latest;
    });
    expectTypeOf(matches.late.map((f) => f.delay)).toExtend<object>();
    const byOrigin = p.from(flights).keyBy("origin");
    const others = pattern<{ readonly x: string }>()
      .begin("a", (e) => e.x === "")
      .within(hours(1));
    const endless = pattern<z.infer<typeof Flight>>().begin("a", () => true);
    // @ts-expect-error a pattern of other events
    byOrigin.match(others, { id: "n" });
    // @ts-expect-error no step has this name
    byOrigin.match(found, { id: "o", skip: { first: "latest" } });
    // @ts-expect-error without within it would remember for ever
    byOrigin.match(endless, { id: "q" });
  });
});

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

const Reading = z.union([
  z.object({
    kind: z.literal("air"),
    air: z.object({ pm: z.number(), tags: z.array(z.string()) }),
    at: z.int(),
  }),
  z.object({ kind: z.literal("noise"), noise: z.object({ db: z.number(), note: z.string().optional() }) }),
]);
const readings = stream("readings", { schema: Reading, time: ["at"], key: ["kind"] });

test("a selection narrows the type to its fields", () => {
  pipeline("types", (p) => {
    p.from(flights)
      .select("origin", "delay")
      .map((f) => {
        expectTypeOf(f).toEqualTypeOf<{ origin: string; delay: number }>();
        return f;
      })
      .keyBy("origin")
      .select("delay")
      .map((f) => expectTypeOf(f).toEqualTypeOf<{ delay: number }>());
    p.from(readings)
      .select("kind", "air.pm", "noise")
      .map((r) => {
        expectTypeOf(r).toEqualTypeOf<
          | { kind: "air"; air: { pm: number } }
          | { kind: "noise"; noise: { db: number; note?: string | undefined } }
        >();
        return r.kind === "air" ? r.air.pm : r.noise.db;
      });
  });
});

test("what is not selected cannot be read", () => {
  // @ts-expect-error a list of numbers is no key
  stream("readings", { schema: Reading, key: ["air.tags"] });
  // @ts-expect-error no member of the union has such a field
  stream("readings", { schema: Reading, key: ["kind"], time: ["air.at"] });
  pipeline("types", (p) => {
    // @ts-expect-error no such field
    p.from(flights).select("destination");
    // @ts-expect-error no such field below one
    p.from(readings).select("air.db");
    // @ts-expect-error no path leads into a list
    p.from(readings).select("air.tags.length");
    // @ts-expect-error nothing would be left
    p.from(flights).select();
    const some = p.from(flights).select("origin");
    // @ts-expect-error it was not selected
    some.filter((f) => f.delay > 15);
    // @ts-expect-error it was not selected
    some.keyBy("carrier");
    const windowed = some.keyBy("origin").window(tumbling(hours(1)), { id: "w" });
    // @ts-expect-error it was not selected
    windowed.aggregate({ total: sum("delay") });
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

const Landing = z.strictObject({
  airport: z.string(),
  number: z.number(),
  runway: z.string(),
  at: z.int(),
});
const landings = stream("landings", { schema: Landing, time: "at", key: "airport" });
type Flight = z.infer<typeof Flight>;
type Landing = z.infer<typeof Landing>;

test("a join's rows are what its options say", () => {
  pipeline("joins", (p) => {
    const left = p.from(flights).keyBy("origin");
    const right = p.from(landings).keyBy("airport");
    const within = { from: minutes(-5), to: (f: Flight) => minutes(f.delay) };
    const interval = left.join(right, { id: "i", within });
    interval
      .map((r) =>
        expectTypeOf(r).toEqualTypeOf<{
          readonly key: string;
          readonly left: Flight;
          readonly right: Landing;
        }>(),
      )
      .to(lake("i"));
    left
      .join(right, { id: "l", type: "left", within: { from: minutes(-5), to: (f) => minutes(f.delay) } })
      .map((r) => {
        expectTypeOf(r.left).toEqualTypeOf<Flight>();
        expectTypeOf(r.right).toEqualTypeOf<Landing | null>();
        // @ts-expect-error a pair outside a window has none
        return r.window;
      })
      .to(lake("l"));
    left
      .join(right, { id: "f", type: "full", window: tumbling(hours(1)) })
      .map((r) => {
        expectTypeOf(r.window.start).toEqualTypeOf<EpochMs>();
        if (r.right === null) expectTypeOf(r.left).toEqualTypeOf<Flight>();
        return r.left?.carrier;
      })
      .to(lake("f"));
    left
      .join(right, { id: "s", type: "semi", window: tumbling(hours(1)) })
      .map((flight) => expectTypeOf(flight).toEqualTypeOf<Flight>())
      .to(lake("s"));
    interval.late
      .map((late) => {
        if (late.side === "right") expectTypeOf(late.row).toEqualTypeOf<Landing>();
        return late.side;
      })
      .to(lake("late"));
    const open = right.map((landing) => (landing.runway === "" ? null : landing));
    left
      .temporalJoin(open, { id: "t", type: "left" })
      .map((r) => expectTypeOf(r.right).toEqualTypeOf<Landing | null>())
      .to(lake("t"));
    left
      .temporalJoin(open, { id: "v" })
      .map((r) => expectTypeOf(r.right).toEqualTypeOf<Landing>())
      .to(lake("v"));
  });
});

test("what a join keeps of a side is migrated to that side's rows", () => {
  pipeline("joins", (p) => {
    const left = p.from(flights).keyBy("origin");
    const right = p.from(landings).keyBy("airport");
    const [flight, landing] = [(old: unknown) => old as Flight, (old: unknown) => old as Landing];
    const ttl = minutes(1);
    left
      .join(right, {
        id: "j",
        ttl,
        kept: {
          left: {
            version: 2,
            migrate(old, fromVersion) {
              expectTypeOf(old).toEqualTypeOf<unknown>();
              expectTypeOf(fromVersion).toEqualTypeOf<number>();
              return flight(old);
            },
          },
          right: { version: 3, migrate: landing },
        },
      })
      .map((r) => expectTypeOf(r.right).toEqualTypeOf<Landing>())
      .to(lake("j"));
    left.temporalJoin(right, { id: "t", kept: { right: { version: 2, migrate: landing } } });
    // @ts-expect-error rows of the left side are flights
    left.join(right, { id: "k", ttl, kept: { left: { version: 2, migrate: landing } } });
    // @ts-expect-error rows of the right side are landings
    left.temporalJoin(right, { id: "u", kept: { right: { version: 2, migrate: flight } } });
  });
});

test("what a broadcast keeps is migrated to its control values", () => {
  pipeline("control", (p) => {
    const control = p
      .from(landings)
      .keyBy("airport")
      .map((l): Landing | null => l);
    const [flight, landing] = [(old: unknown) => old as Flight, (old: unknown) => old as Landing];
    const said = { id: "b", onEvent: () => [] };
    p.from(flights).withBroadcast(control, { ...said, kept: { version: 2, migrate: landing } });
    // @ts-expect-error control values are landings
    p.from(flights).withBroadcast(control, { ...said, kept: { version: 2, migrate: flight } });
  });
});

test("what patterns and pacing keep is migrated to their flow's events", () => {
  pipeline("kept", (p) => {
    const byOrigin = p.from(flights).keyBy("origin");
    const kept = { version: 2, migrate: (old: unknown) => old as Flight };
    const others = { version: 2, migrate: (old: unknown) => old as Landing };
    const late = pattern<Flight>()
      .begin("late", (f) => f.delay > 60)
      .within(hours(2));
    byOrigin
      .match(late, { id: "m", kept })
      .map((m) => expectTypeOf(m.match.late).toEqualTypeOf<readonly Flight[]>());
    byOrigin
      .debounce({ id: "d", quiet: minutes(1), kept })
      .map((f) => expectTypeOf(f).toEqualTypeOf<Flight>());
    byOrigin.sample({ id: "s", every: minutes(1), kept });
    byOrigin.batch({ id: "b", size: 5, within: minutes(1), kept });
    // @ts-expect-error events are flights
    byOrigin.match(late, { id: "n", kept: others });
    // @ts-expect-error events are flights
    byOrigin.batch({ id: "c", size: 5, within: minutes(1), kept: others });
    // @ts-expect-error a throttle keeps no events
    byOrigin.throttle({ id: "t", per: minutes(1), kept });
  });
});

test("a broadcast keeps the flow's key, and its function sees what was prepared", () => {
  pipeline("broadcasts", (p) => {
    const control = p
      .from(landings)
      .keyBy("number")
      .map((landing) => (landing.runway === "" ? null : landing));
    const keyed = p
      .from(flights)
      .keyBy("origin")
      .withBroadcast(control, {
        id: "a",
        prepare: (landing, key) => {
          expectTypeOf(landing).toEqualTypeOf<Landing>();
          expectTypeOf(key).toEqualTypeOf<number>();
          return landing.runway.length;
        },
        onEvent: (_flight, latest) => {
          expectTypeOf(latest).toEqualTypeOf<ReadonlyMap<number, number>>();
          return [...latest.values()];
        },
      });
    expectTypeOf(keyed).toEqualTypeOf<KeyedFlow<string, number>>();
    const plain = p.from(flights).withBroadcast(control, {
      id: "b",
      onEvent: (_flight, latest) => {
        expectTypeOf(latest).toEqualTypeOf<ReadonlyMap<number, Landing>>();
        return [""];
      },
    });
    expectTypeOf(plain).toEqualTypeOf<Flow<string>>();
    // @ts-expect-error control has a key
    p.from(flights).withBroadcast(p.from(landings), { id: "c", onEvent: () => [] });
  });
});

test("a join that cannot work is a compile error", () => {
  pipeline("joins", (p) => {
    const left = p.from(flights).keyBy("origin");
    const right = p.from(landings).keyBy("airport");
    // @ts-expect-error a string is no number
    left.join(p.from(landings).keyBy("number"), { id: "j", ttl: "forever" });
    // @ts-expect-error the right side has no key
    left.join(p.from(landings), { id: "j", ttl: "forever" });
    // @ts-expect-error what brings two rows together is not said
    left.join(right, { id: "j" });
    // @ts-expect-error a join needs an id
    left.join(right, { ttl: "forever" });
    // @ts-expect-error a window and an interval
    left.join(right, { id: "j", window: tumbling(hours(1)), within: { from: minutes(0), to: minutes(1) } });
    // @ts-expect-error sessions are each side's own
    left.join(right, { id: "j", window: session(minutes(1)) });
    // @ts-expect-error rows that are remembered for ever are never known to have no partner
    left.join(right, { id: "j", ttl: "forever", type: "left" });
    // @ts-expect-error the left row has no such field
    left.join(right, { id: "j", within: { from: minutes(0), to: (f) => minutes(f.runway) } });
  });
});

test("custom windows and triggers know the event", () => {
  pipeline("windows", (p) => {
    const keyed = p.from(flights).keyBy("origin");
    const own = customWindows<Flight>("own", {
      assign: (f) => [{ start: epochMs(f.delay), end: epochMs(1) }],
    });
    keyed
      .window(own, { id: "w", trigger: { early: { when: (f) => f.cancelled } } })
      .aggregate({ n: count() })
      .to(lake("w"));
    // @ts-expect-error the windows are those of other events
    p.from(landings).keyBy("airport").window(own, { id: "w" });
    // @ts-expect-error the event has no such field
    keyed.window(global(), { id: "g", trigger: { early: { when: (f) => f.runway } } });
  });
});

test("a process knows its state, its key and what it gives", () => {
  pipeline("processes", (p) => {
    const keyed = p.from(flights).keyBy("origin");
    const state = {
      last: valueState<number>(),
      all: listState<Flight>(),
      named: mapState<"a" | "b", boolean>(),
    };
    keyed
      .process({
        id: "p",
        state,
        onEvent(flight, { key, state: { last, all, named }, timers }) {
          expectTypeOf(key).toEqualTypeOf<string>();
          expectTypeOf(last.get()).toEqualTypeOf<number | undefined>();
          expectTypeOf(all.get()).toEqualTypeOf<readonly Flight[]>();
          expectTypeOf(named.entries()).toEqualTypeOf<readonly (readonly ["a" | "b", boolean])[]>();
          // @ts-expect-error a number is kept
          last.set(flight.origin);
          // @ts-expect-error there is no such name
          named.set("c", true);
          // @ts-expect-error a duration is no time
          timers.at(hours(1));
          return [{ carrier: flight.carrier }];
        },
        onTimer: (time) => {
          expectTypeOf(time).toEqualTypeOf<EpochMs>();
          return [{ none: time }];
        },
        onProcessingTimer: (_time, { processingTime, timers }) => {
          expectTypeOf(processingTime).toEqualTypeOf<EpochMs>();
          // @ts-expect-error a duration is no time
          timers.atProcessingTime(hours(1));
          return [5];
        },
      })
      .map((row) => expectTypeOf(row).toEqualTypeOf<{ carrier: string } | { none: EpochMs } | number>())
      .to(lake("p"));
    keyed
      .process({ id: "q", state, onEvent: (flight) => [flight.delay] })
      .map((row) => expectTypeOf(row).toEqualTypeOf<number>())
      .to(lake("q"));
    keyed
      .process({ id: "r", state, onEvent() {}, onTimer: (time) => [time] })
      .map((row) => expectTypeOf(row).toEqualTypeOf<EpochMs>())
      .to(lake("r"));
    // @ts-expect-error only keyed events have state
    p.from(flights).process({ id: "p", state, onEvent: () => [] });
    // @ts-expect-error there is no such state
    keyed.process({ id: "p", state: {}, onEvent: (_, context) => [context.state.last] });
  });
});
