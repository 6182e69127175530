import { describe, expect, test } from "vitest";
import {
  avg,
  type CustomWindows,
  count,
  cumulating,
  customWindows,
  type Flow,
  global,
  hopping,
  hours,
  type JoinOptions,
  lake,
  listState,
  mapState,
  minutes,
  session,
  sum,
  type TemporalJoinOptions,
  tumbling,
  valueState,
  type WindowSpec,
} from "../../shared/index.ts";
import type { StateSpecs } from "../../shared/operators/process/spec.ts";
import type { Aggregates, WindowedOptions } from "../../shared/pipeline/flow.ts";
import { type Flight, flights, planOf } from "./flights-app.ts";

const fingerprintOf = (
  build: (all: Flow<Flight>) => Pick<Flow<unknown>, never> & { to(sink: ReturnType<typeof lake>): void },
): string => planOf((p) => build(p.from(flights)).to(lake("out"))).stages.get("p.flights")?.fingerprint ?? "";

const windowed = (
  window: WindowSpec | CustomWindows<Flight> = tumbling(hours(1)),
  options: Partial<WindowedOptions> = {},
  aggregates: Aggregates<Flight> = { n: count() },
): string =>
  fingerprintOf((all) =>
    all
      .keyBy("origin")
      .window(window, { id: "w", ...options })
      .aggregate(aggregates),
  );

const custom = (name: string, merge: boolean): CustomWindows<Flight> =>
  customWindows(name, { assign: () => [], merge });

type Joining =
  JoinOptions<Flight> extends infer One ? (One extends unknown ? Omit<One, "id"> : never) : never;

const joined = (options: Joining): string =>
  fingerprintOf((all) => {
    const keyed = all.keyBy("origin");
    return keyed.join(keyed, { id: "w", ...options } as JoinOptions<Flight>);
  });

const temporal = (options: Omit<TemporalJoinOptions, "id">): string =>
  fingerprintOf((all) => {
    const keyed = all.keyBy("origin");
    return keyed.temporalJoin(keyed, { id: "w", ...options });
  });

const processing = (state: StateSpecs): string =>
  fingerprintOf((all) => all.keyBy("origin").process({ id: "w", state, onEvent: (f) => [f] }));

describe("a stage's fingerprint", () => {
  test("is 16 hex digits that stay", () => {
    expect(windowed()).toBe("b7cd1ad60e057557");
    expect(windowed()).toBe(windowed());
  });

  test.each([
    [
      "a filter before it",
      () =>
        fingerprintOf((all) =>
          all
            .filter(() => true)
            .keyBy("origin")
            .window(tumbling(hours(1)), { id: "w" })
            .aggregate({ n: count() }),
        ),
    ],
    [
      "a filter behind it",
      () =>
        fingerprintOf((all) =>
          all
            .keyBy("origin")
            .window(tumbling(hours(1)), { id: "w" })
            .aggregate({ n: count() })
            .filter(() => true),
        ),
    ],
    ["earlier panes", () => windowed(tumbling(hours(1)), { trigger: { early: minutes(1) } })],
    [
      "panes by the clock",
      () => windowed(tumbling(hours(1)), { trigger: { early: { processingTime: minutes(1) } } }),
    ],
    ["panes every so many events", () => windowed(tumbling(hours(1)), { trigger: { early: { events: 2 } } })],
    [
      "accumulation said in words",
      () => windowed(tumbling(hours(1)), { trigger: { accumulation: "accumulating" } }),
    ],
    [
      "another condition of a count",
      () => windowed(tumbling(hours(1)), {}, { n: count((f) => f.delay > 1) }),
    ],
  ])("is the same with %s", (_, other) => {
    expect(other()).toBe(windowed());
  });

  test("differs with each thing that decides how state is read", () => {
    const all = [
      windowed(),
      windowed(tumbling(hours(2))),
      windowed(hopping(hours(1), hours(1))),
      windowed(hopping(hours(1), minutes(30))),
      windowed(session(hours(1))),
      windowed(cumulating(hours(2), hours(1))),
      windowed(cumulating(hours(2), minutes(30))),
      windowed(global()),
      windowed(custom("a", false)),
      windowed(custom("b", false)),
      windowed(custom("a", true)),
      windowed(tumbling(hours(1)), { id: "v" }),
      windowed(tumbling(hours(1)), { allowedLateness: hours(1) }),
      windowed(tumbling(hours(1)), { trigger: { accumulation: "discarding" } }),
      windowed(tumbling(hours(1)), {}, { m: count() }),
      windowed(tumbling(hours(1)), {}, { n: avg("delay") }),
      windowed(tumbling(hours(1)), {}, { n: count(), s: sum("delay") }),
      windowed(tumbling(hours(1)), {}, { s: sum("delay"), n: count() }),
      fingerprintOf((some) => some.dedupe({ id: "w", within: hours(1) })),
      fingerprintOf((some) => some),
      joined({ ttl: hours(1) }),
      joined({ ttl: hours(2) }),
      joined({ ttl: "forever" }),
      joined({ ttl: hours(1), grace: hours(1) }),
      joined({ within: { from: hours(0), to: hours(1) } }),
      joined({ within: { from: minutes(1), to: hours(1) } }),
      joined({ within: { from: hours(0), to: hours(2) } }),
      joined({ within: { from: hours(0), to: () => hours(2) } }),
      joined({ within: { from: hours(0), to: hours(1) }, type: "left" }),
      joined({ window: tumbling(hours(1)) }),
      joined({ window: hopping(hours(1), hours(1)) }),
      joined({ window: tumbling(hours(1)), type: "semi" }),
      temporal({}),
      temporal({ ttl: hours(1) }),
      temporal({ type: "left" }),
      processing({}),
      processing({ n: valueState() }),
      processing({ n: listState() }),
      processing({ n: mapState() }),
      processing({ n: valueState({ ttl: hours(1), in: "processing-time" }) }),
      processing({ m: valueState() }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("does not depend on how long a process keeps what it writes", () => {
    expect(processing({ n: valueState({ ttl: hours(1) }) })).toBe(processing({ n: valueState() }));
  });

  test("does not depend on how long repeats are remembered", () => {
    const within = (n: number): string => fingerprintOf((all) => all.dedupe({ id: "d", within: hours(n) }));
    expect(within(1)).toBe(within(2));
  });
});
