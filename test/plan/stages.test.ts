import { describe, expect, test } from "vitest";
import {
  type CustomWindows,
  count,
  cumulating,
  customWindows,
  days,
  global,
  hopping,
  hours,
  type JoinOptions,
  lake,
  listState,
  minutes,
  type PipelineBuilder,
  pipeline,
  seconds,
  session,
  tumbling,
  valueState,
  view,
  type WindowSpec,
} from "../../shared/index.ts";
import type { WindowedOptions } from "../../shared/pipeline/flow.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { appOf, type Flight, flights, landings, planOf, stagesOf } from "./flights-app.ts";

const hour = tumbling(hours(1));

describe("a shuffle", () => {
  test("is not needed by the stream's own key", () => {
    expect(
      stagesOf((p) =>
        p
          .from(flights)
          .filter((f) => f.delay > 0)
          .keyBy("origin")
          .window(hour, { id: "w" })
          .aggregate({ n: count() })
          .to(view("v", { key: (r) => r.key })),
      ),
    ).toEqual(["p.flights /4: filter-1 keyBy-1 w view-v"]);
  });

  test("brings another key's events together", () => {
    expect(
      stagesOf((p) =>
        p
          .from(flights)
          .keyBy("dest")
          .window(hour, { id: "w" })
          .aggregate({ n: count() })
          .to(view("v", { key: (r) => r.key })),
      ),
    ).toEqual(["p.flights /4: keyBy-1 to:w:1", "p.w /4: w view-v"]);
  });

  test.each<[string, (f: Flight) => Flight]>([
    ["a map", (f) => f],
    ["a flatMap", (f) => f],
  ])("is needed behind %s, which may have changed the field", (kind, fn) => {
    const stages = stagesOf((p) => {
      const changed = kind === "a map" ? p.from(flights).map(fn) : p.from(flights).flatMap((f) => [fn(f)]);
      changed.keyBy("origin").window(hour, { id: "w" }).aggregate({ n: count() }).to(lake("l"));
    });
    expect(stages[1]).toBe("p.w /4: w to:lake-l:1");
  });

  test("is needed by a key that is chosen over another one, even the stream's own again", () => {
    expect(
      stagesOf((p) =>
        p
          .from(flights)
          .keyBy("dest")
          .keyBy("origin")
          .window(hour, { id: "w" })
          .aggregate({ n: count() })
          .to(view("v", { key: (r) => r.key })),
      ),
    ).toHaveLength(2);
  });

  test("joins two streams into one stage, as wide as the wider, before they share a window", () => {
    expect(
      stagesOf((p) =>
        p
          .from(flights)
          .keyBy("origin")
          .union(p.from(landings).keyBy("origin"))
          .window(hour, { id: "w" })
          .aggregate({ n: count() })
          .to(view("v", { key: (r) => r.key })),
      ),
    ).toEqual([
      "p.flights /4: keyBy-1 union-1 to:w:1",
      "p.landings /2: keyBy-2 union-1 to:w:2",
      "p.w /4: w view-v",
    ]);
    const planned = planOf((p) =>
      p
        .from(flights)
        .keyBy("origin")
        .union(p.from(landings).keyBy("origin"))
        .window(hour, { id: "w" })
        .aggregate({ n: count() })
        .to(lake("l")),
    );
    expect(planned.stages.get("p.w")?.input).toEqual({
      kind: "internal",
      upstreams: [
        { stage: "p.flights", partitions: 4 },
        { stage: "p.landings", partitions: 2 },
      ],
    });
  });

  test("is not needed by two ways of one stream under its own key", () => {
    expect(
      stagesOf((p) => {
        const all = p.from(flights).keyBy("origin");
        all
          .filter((f) => f.delay > 0)
          .union(all.filter((f) => f.cancelled))
          .window(hour, { id: "w" })
          .aggregate({ n: count() })
          .to(view("v", { key: (r) => r.key }));
      }),
    ).toHaveLength(1);
  });

  test("is not needed from window to window under one key", () => {
    expect(
      stagesOf((p) =>
        p
          .from(flights)
          .keyBy("origin")
          .window(hour, { id: "small" })
          .aggregate({ n: count() })
          .window(tumbling(hours(24)), { id: "large" })
          .aggregate({ n: count() })
          .to(view("v", { key: (r) => r.key })),
      ),
    ).toHaveLength(1);
  });

  test("is needed where late events are keyed by a field that is named like the result's key", () => {
    expect(
      stagesOf((p) => {
        const w = p.from(flights).keyBy("origin").window(hour, { id: "w" }).aggregate({ n: count() });
        w.to(view("v", { key: (r) => r.key }));
        w.late.to(view("late", { key: (f) => f.key }));
      }),
    ).toEqual(["p.flights /4: keyBy-1 w view-v key:view-late:1 to:view-late:1", "p.view-late /4: view-late"]);
  });
});

describe("a join", () => {
  const within = { from: hours(-1), to: hours(1) };

  test("brings both sides into one stage, as wide as the wider, each by an edge of its own", () => {
    const build = (p: PipelineBuilder): void => {
      const right = p.from(landings).keyBy("origin");
      p.from(flights)
        .keyBy("origin")
        .join(right, { id: "j", within })
        .to(view("v", { key: (r) => r.key }));
    };
    expect(stagesOf(build)).toEqual([
      "p.landings /2: keyBy-1 to:j:2",
      "p.flights /4: keyBy-2 to:j:1",
      "p.j /4: j view-v",
    ]);
    const { plan, stages } = planOf(build);
    expect(stages.get("p.j")?.nodes[0]?.inputs).toEqual([{ edge: 0 }, { edge: 1 }]);
    expect(stages.get("p.flights")?.nodes[1]?.spec).toMatchObject({ stage: "p.j", edge: 0 });
    expect(stages.get("p.landings")?.nodes[1]?.spec).toMatchObject({ stage: "p.j", edge: 1 });
    expect(plan.pipelines[0]?.stages[2]).toMatchObject({
      input: {
        kind: "internal",
        upstreams: [
          { stage: "p.flights", partitions: 4 },
          { stage: "p.landings", partitions: 2 },
        ],
      },
      operators: [{ id: "j", kind: "join", detail: "inner, from -1 h to 1 h" }, { id: "view-v" }],
    });
  });

  test("of two keys of one stream goes through a stream of its own, both sides from one stage", () => {
    const build = (p: PipelineBuilder): void => {
      const all = p.from(flights);
      all.keyBy("origin").join(all.keyBy("dest"), { id: "j", within }).to(lake("l"));
    };
    expect(stagesOf(build)).toEqual([
      "p.flights /4: keyBy-1 keyBy-2 to:j:1 to:j:2",
      "p.j /4: j to:lake-l:1",
      "p.lake-l /1: lake-l",
    ]);
    expect(planOf(build).stages.get("p.j")?.input).toEqual({
      kind: "internal",
      upstreams: [{ stage: "p.flights", partitions: 4 }],
    });
  });

  test("of a stream with itself by its own key needs no shuffle", () => {
    expect(
      stagesOf((p) => {
        const all = p.from(flights).keyBy("origin");
        const late = all.filter((f) => f.delay > 0);
        all.join(late, { id: "j", window: hour, type: "anti" }).to(view("v", { key: (f) => f.origin }));
      }),
    ).toEqual(["p.flights /4: keyBy-1 filter-1 j view-v"]);
  });

  test("takes all that are united into a side by the edge of that side", () => {
    const { stages } = planOf((p) => {
      const both = p.from(flights).keyBy("origin").union(p.from(landings).keyBy("origin"));
      both.join(p.from(flights).keyBy("dest"), { id: "j", ttl: "forever" }).to(lake("l"));
    });
    const edges = [...stages.values()].flatMap(({ id, nodes }) =>
      nodes.flatMap(({ spec }) =>
        spec.kind === "feed" && spec.stage === "p.j" ? [`${id} ${spec.edge}`] : [],
      ),
    );
    expect(edges).toEqual(["p.flights 0", "p.flights 1", "p.landings 0"]);
  });

  test.each<[string, string, JoinOptions<Flight>]>([
    ["every pair", "inner, kept for ever", { id: "j", ttl: "forever" }],
    [
      "pairs that are remembered",
      "inner, kept 90 s, grace 5 min",
      { id: "j", ttl: seconds(90), grace: minutes(5) },
    ],
    ["a window", "full, tumbling 1 h", { id: "j", type: "full", window: hour }],
    [
      "an interval by row",
      "left, from 0 ms to what the left row says",
      { id: "j", type: "left", within: { from: hours(0), to: () => hours(1) } },
    ],
  ])("by %s is shown as such", (_, detail, options) => {
    const { plan } = planOf((p) => {
      const all = p.from(flights).keyBy("origin");
      all.join(all, options).to(view("v", { key: () => "all" }));
    });
    expect(plan.pipelines[0]?.stages[0]?.operators.find(({ id }) => id === "j")?.detail).toBe(detail);
  });

  test("with versions says so, and its late rows go by a stage of their own to a view of their key", () => {
    const { plan } = planOf((p) => {
      const all = p.from(flights).keyBy("origin");
      const priced = all.temporalJoin(all, { id: "j", ttl: hours(2) });
      priced.to(view("v", { key: (r) => r.key }));
      priced.late.to(view("late", { key: (r) => r.row.origin }));
    });
    expect(plan.pipelines[0]?.stages.map(({ id }) => id)).toEqual(["p.flights", "p.view-late"]);
    expect(plan.pipelines[0]?.stages[0]?.operators.find(({ id }) => id === "j")?.detail).toBe(
      "inner, as of event time, versions hold 2 h",
    );
  });
});

test.each<[string, WindowSpec | CustomWindows<Flight>, WindowedOptions]>([
  ["cumulating 1 d by 90 min", cumulating(days(1), minutes(90)), { id: "w" }],
  ["global, early where told", global(), { id: "w", trigger: { early: { when: () => true } } }],
  [
    "global, early each 10 s of processing time",
    global(),
    { id: "w", trigger: { early: { processingTime: seconds(10) } } },
  ],
  ["windows own, early each 3 events", own(false), { id: "w", trigger: { early: { events: 3 } } }],
  ["merging windows own, late 1 h", own(true), { id: "w", allowedLateness: hours(1) }],
  ["session 90 s, discarding", session(seconds(90)), { id: "w", trigger: { accumulation: "discarding" } }],
  ["hopping 1 h / 1 min", hopping(hours(1), minutes(1)), { id: "w" }],
])("a window is shown as %s", (detail, window, options) => {
  const { plan } = planOf((p) =>
    p
      .from(flights)
      .keyBy("origin")
      .window(window, options)
      .aggregate({ n: count() })
      .to(view("v", { key: (r) => r.key })),
  );
  expect(plan.pipelines[0]?.stages[0]?.operators.find(({ id }) => id === "w")?.detail).toBe(detail);
});

function own(merge: boolean): CustomWindows<Flight> {
  return customWindows("own", { assign: () => [], merge });
}

test("a process has its key's events together, and says what it keeps", () => {
  const { plan } = planOf((p) =>
    p
      .from(flights)
      .keyBy("dest")
      .process({
        id: "p",
        state: {
          last: valueState<number>({ ttl: hours(1) }),
          all: listState<number>(),
          recent: valueState<number>({ ttl: hours(2), in: "processing-time" }),
        },
        onEvent: ({ delay }) => [{ delay }],
        onTimer: () => [],
        onProcessingTimer: () => [],
      })
      .to(view("v", { key: (r) => String(r.delay) })),
  );
  expect(
    plan.pipelines[0]?.stages.map(
      ({ id, operators }) => `${id}: ${operators.map((each) => each.id).join(" ")}`,
    ),
  ).toEqual(["p.flights: keyBy-1 to:p:1", "p.p: p key:view-v:1 to:view-v:1", "p.view-v: view-v"]);
  expect(plan.pipelines[0]?.stages[1]?.operators[0]?.detail).toBe(
    "value last for 1 h, list all, value recent for 2 h of processing time, timers, timers of processing time",
  );
});

describe("a view", () => {
  const viewBy = (key: (row: { key: string; n: number }) => string): string[] =>
    stagesOf((p) =>
      p
        .from(flights)
        .keyBy("origin")
        .window(hour, { id: "w" })
        .aggregate({ n: count() })
        .to(view("v", { key })),
    );

  test("under the stage's own key needs no stage of its own", () => {
    expect(viewBy((r) => r.key)).toHaveLength(1);
    expect(viewBy(({ key }) => key)).toHaveLength(1);
  });

  const names: Readonly<Record<string, string>> = { EWR: "Newark" };
  test.each<[string, (row: { key: string; n: number }) => string]>([
    ["of another field", (r) => String(r.n)],
    ["of the key, changed", (r) => `airport ${r.key}`],
    ["of the key, shortened", (r) => r.key.slice(0, 1)],
    ["of another field where there is one", (r) => (r as unknown as { name?: string }).name ?? r.key],
    ["of the key unless another field says something", (r) => (r.n > 10 ? "large" : r.key)],
    ["of what the key is called elsewhere", (r) => names[r.key] ?? r.key],
    ["that asks for a field's presence", (r) => ("name" in r ? "named" : r.key)],
    ["that never looks at the row", () => "all"],
  ])("under a key %s gets its stage, one owner a key", (_, key) => {
    expect(viewBy(key)).toEqual(["p.flights /4: keyBy-1 w key:view-v:1 to:view-v:1", "p.view-v /4: view-v"]);
  });
});

describe("a lake table", () => {
  test("gets a stage of one partition from all that write it", () => {
    const { plan } = planOf((p) => {
      const w = p.from(flights).keyBy("dest").window(hour, { id: "w" }).aggregate({ n: count() });
      w.to(lake("results"));
      w.late.to(lake("late"));
      w.failed.to(lake("failed"));
    });
    expect(
      plan.pipelines[0]?.stages.map(({ id, kind, partitions, sinks }) => [id, kind, partitions, sinks]),
    ).toEqual([
      ["p.flights", "stage", 4, []],
      ["p.w", "stage", 4, []],
      ["p.lake-results", "lake", 1, ["results"]],
      ["p.lake-late", "lake", 1, ["late"]],
      ["p.lake-failed", "lake", 1, ["failed"]],
    ]);
    expect(plan.pipelines[0]?.stages[1]).toMatchObject({
      feeds: ["p.lake-results", "p.lake-late", "p.lake-failed"],
      operators: [
        { id: "w", inputs: ["input"] },
        { kind: "feed", inputs: ["w"] },
        { kind: "feed", inputs: ["w.late"] },
        { kind: "feed", inputs: ["w.failed"] },
      ],
    });
  });
});

describe("the plan", () => {
  const build = () =>
    appOf(
      pipeline("p", (p) => {
        const w = p
          .from(flights)
          .filter((f) => !f.cancelled)
          .keyBy("dest")
          .window(hour, { id: "w", allowedLateness: hours(2), trigger: { early: (hours(1) / 6) as never } })
          .aggregate({ n: count() });
        w.to(view("v", { key: (r) => r.key, sort: (r) => r.window.start }));
        w.late.to(lake("late"));
      }),
      pipeline("q", (p) => p.from(flights).union(p.from(landings)).to(lake("all"))),
    );

  test("is plain JSON, the same each time", () => {
    const { plan } = planApplication(build());
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(JSON.stringify(planApplication(build()).plan)).toBe(JSON.stringify(plan));
  });

  test("says who reads and writes what", () => {
    const { plan } = planApplication(build());
    expect(plan).toMatchObject({
      version: 1,
      application: "app",
      streams: [
        {
          id: "flights",
          partitions: 4,
          time: "at",
          key: "origin",
          outOfOrderMs: 1_000,
          consumers: ["p.flights", "q.flights"],
          idle: false,
        },
        { id: "landings", consumers: ["q.landings"] },
      ],
      pipelines: [
        {
          id: "p",
          sinks: [
            { kind: "view", name: "v", stage: "p.w" },
            { kind: "lake", name: "late", stage: "p.lake-late" },
          ],
        },
        { id: "q", sinks: [{ kind: "lake", name: "all", stage: "q.lake-all" }] },
      ],
    });
    expect(
      plan.pipelines[0]?.stages.flatMap(({ operators }) => operators).find(({ id }) => id === "w")?.detail,
    ).toBe("tumbling 1 h, late 2 h, early each 10 min");
  });

  test("finds each stage with the user's functions by its id", () => {
    const { plan, stages } = planApplication(build());
    expect([...stages.keys()]).toEqual(plan.pipelines.flatMap((each) => each.stages.map(({ id }) => id)));
  });
});
