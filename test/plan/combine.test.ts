import { describe, expect, test } from "vitest";
import {
  application,
  count,
  cumulating,
  custom,
  global,
  hopping,
  type KeyedFlow,
  lake,
  milliseconds as ms,
  pipeline,
  session,
  sum,
  type Trigger,
  tumbling,
  type WindowSpec,
} from "../../shared/index.ts";
import type { CombineSpec } from "../../shared/operators/combine/spec.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { WindowedOptions } from "../../shared/pipeline/flow.ts";
import { planToMermaid } from "../../shared/plan/mermaid.ts";
import { type Planned, planApplication } from "../../shared/plan/planner.ts";
import { type Reading, readingsOf } from "../operators/one-stage.ts";

const readings = readingsOf();

const planned = (
  build: (keyed: KeyedFlow<string, Reading>) => { to(sink: ReturnType<typeof lake>): void },
): Planned =>
  planApplication(
    application("app", {
      streams: [readings],
      pipelines: [pipeline("p", (p) => build(p.from(readings).keyBy(({ k }) => k)).to(lake("out")))],
    }),
  );

/** What goes from one stage to another is combined for this window. */
const combinedFrom = (planned: Planned, from: string): unknown => specFrom(planned, from)?.window;

const specFrom = ({ stages }: Planned, from: string): CombineSpec | undefined =>
  (stages.get(from) as Stage).nodes.flatMap(({ spec }) => (spec.kind === "feed" ? [spec.combine] : []))[0];

const events = { events: count<Reading>() };

describe("rows are combined before a shuffle", () => {
  const discarding = { accumulation: "discarding" } as const;
  test.each<[WindowSpec, WindowedOptions]>([
    [tumbling(ms(10)), { id: "w", allowedLateness: ms(5) }],
    [hopping(ms(10), ms(5)), { id: "w", allowedLateness: ms(5) }],
    [cumulating(ms(10), ms(5)), { id: "w", allowedLateness: ms(5) }],
    [global(), { id: "w" }],
    [session(ms(10)), { id: "w" }],
    [session(ms(10)), { id: "w", allowedLateness: ms(5), trigger: discarding }],
    [session(ms(10)), { id: "w", trigger: { early: ms(5), ...discarding } }],
    [tumbling(ms(10)), { id: "w", trigger: { early: { processingTime: ms(5) } } }],
  ])("for %j, %j", (window, options) => {
    const plan = planned((keyed) => keyed.window(window, options).aggregate(events));
    expect(combinedFrom(plan, "p.readings")).toEqual(window);
    const feed = plan.plan.pipelines[0]?.stages[0]?.operators.find(({ kind }) => kind === "feed");
    expect(feed).toMatchObject({ detail: "p.w, combined", to: "p.w" });
    expect(planToMermaid(plan.plan)).toContain("==>");
  });

  test("whatever the stage before it is", () => {
    const plan = planned((keyed) =>
      keyed
        .window(tumbling(ms(10)), { id: "w" })
        .aggregate(events)
        .keyBy(({ events }) => events)
        .window(tumbling(ms(20)), { id: "again" })
        .aggregate({ total: sum("events") }),
    );
    expect(combinedFrom(plan, "p.w")).toEqual(tumbling(ms(20)));
  });

  test("and not where the window is told not to, or does not allow it", () => {
    const none = [
      planned((keyed) => keyed.window(tumbling(ms(10)), { id: "w", combine: false }).aggregate(events)),
      planned((keyed) =>
        keyed.window(session(ms(10)), { id: "w", allowedLateness: ms(5) }).aggregate(events),
      ),
      planned((keyed) =>
        keyed.window(session(ms(10)), { id: "w", trigger: { early: ms(5) } }).aggregate(events),
      ),
      planned((keyed) => keyed.window(session(ms(10)), { id: "w" }).aggregate({ total: sum("n") })),
      planned((keyed) =>
        keyed.window(tumbling(ms(10)), { id: "w", trigger: { early: { events: 5 } } }).aggregate(events),
      ),
      planned((keyed) => keyed.window(tumbling(ms(10)), { id: "w" }).aggregate({ odd })),
      planned((keyed) => keyed.dedupe({ id: "w", by: "n", within: ms(5) })),
    ];
    for (const plan of none) expect(combinedFrom(plan, "p.readings")).toBeUndefined();
  });

  test("but apart at all times at which something in the window's stage shows early panes by stream time", () => {
    const plan = (trigger: Trigger) =>
      planned((keyed) =>
        keyed
          .window(tumbling(ms(10)), { id: "w", trigger })
          .aggregate(events)
          .window(tumbling(ms(20)), { id: "again", trigger: { early: ms(5) } })
          .aggregate({ n: count() }),
      );
    expect(specFrom(plan({}), "p.readings")?.intervals).toEqual([5]);
    expect(specFrom(plan({ early: ms(7) }), "p.readings")?.intervals?.toSorted()).toEqual([5, 7]);
    expect(specFrom(plan({ early: { processingTime: ms(7) } }), "p.readings")?.intervals).toEqual([5]);
  });

  test("and apart from what shows its windows", () => {
    const when = ({ n }: Reading): boolean => n === 1;
    const plan = planned((keyed) =>
      keyed.window(tumbling(ms(10)), { id: "w", trigger: { early: { when } } }).aggregate(events),
    );
    expect(specFrom(plan, "p.readings")?.when).toBe(when);
  });

  test("and not where a dedupe in the window's stage goes by the order in which times came", () => {
    const repeats = planned((keyed) =>
      keyed
        .window(tumbling(ms(10)), { id: "w" })
        .aggregate(events)
        .late.dedupe({ id: "d", by: "n", within: ms(5) }),
    );
    expect(combinedFrom(repeats, "p.readings")).toBeUndefined();
  });

  test("and nothing of it is in the state of the window behind it", () => {
    const of = (combine: boolean): string | undefined =>
      planned((keyed) => keyed.window(tumbling(ms(10)), { id: "w", combine }).aggregate(events)).stages.get(
        "p.w",
      )?.fingerprint;
    expect(of(true)).toBe(of(false));
  });
});

const odd = custom<Reading, number, number>({
  create: () => 0,
  add: (n) => n + 1,
  merge: (a, b) => a + b,
  finish: (n) => n,
});

describe("keys that are spread", () => {
  const spread = (n: number, combine = true): Planned =>
    planned((keyed) =>
      keyed
        .spread(n)
        .window(tumbling(ms(10)), { id: "w", combine })
        .aggregate(events),
    );

  test("go to a stage of their own, which combines what the window's stage merges", () => {
    const plan = spread(4, false);
    expect([...plan.stages.keys()]).toEqual(["p.readings", "p.w.spread", "p.w", "p.lake-out"]);
    expect(plan.stages.get("p.w.spread")).toMatchObject({ partitions: 4 });
    expect(plan.stages.get("p.w")).toMatchObject({ partitions: 1 });
    expect(combinedFrom(plan, "p.readings")).toBeUndefined();
    expect(combinedFrom(plan, "p.w.spread")).toEqual(tumbling(ms(10)));
    const details = plan.plan.pipelines[0]?.stages.map(({ operators }) => operators.at(-1)?.detail);
    expect(details?.slice(0, 2)).toEqual(["p.w.spread, 4 to a key", "p.w, combined"]);
  });

  test("are combined before that too", () => {
    expect(combinedFrom(spread(4), "p.readings")).toEqual(tumbling(ms(10)));
  });

  test("are another plan of the window behind them, with each number of partitions", () => {
    const prints = [undefined, 2, 3].map(
      (n) =>
        (n === undefined
          ? planned((keyed) => keyed.window(tumbling(ms(10)), { id: "w" }).aggregate(events))
          : spread(n)
        ).stages.get("p.w")?.fingerprint,
    );
    expect(new Set(prints).size).toBe(3);
  });

  test("shuffle where the stream's own key would not", () => {
    const { stages } = planApplication(
      application("app", {
        streams: [readings],
        pipelines: [
          pipeline("p", (p) =>
            p
              .from(readings)
              .keyBy("k")
              .spread(2)
              .window(tumbling(ms(10)), { id: "w" })
              .aggregate(events)
              .to(lake("out")),
          ),
        ],
      }),
    );
    expect([...stages.keys()].slice(0, 3)).toEqual(["p.readings", "p.w.spread", "p.w"]);
  });

  test.each<[string, () => unknown, string]>([
    ["over one partition", () => spread(1), "2 to 1024, not 1"],
    ["over too many", () => spread(1025), "2 to 1024"],
    ["over half a partition", () => spread(2.5), "2 to 1024"],
    [
      "where the order matters",
      () =>
        planned((keyed) =>
          keyed
            .spread(2)
            .window(tumbling(ms(10)), { id: "w" })
            .aggregate({ total: sum("n") }),
        ),
      '"total" (sum) depends on the order',
    ],
    [
      "where an aggregate is the user's own",
      () =>
        planned((keyed) =>
          keyed
            .spread(2)
            .window(tumbling(ms(10)), { id: "w" })
            .aggregate({ odd }),
        ),
      '"odd" (custom) wants the events themselves',
    ],
    [
      "in sessions",
      () =>
        planned((keyed) =>
          keyed
            .spread(2)
            .window(session(ms(10)), { id: "w", allowedLateness: ms(5) })
            .aggregate(events),
        ),
      "a session that was shown",
    ],
    [
      "with early panes",
      () =>
        planned((keyed) =>
          keyed
            .spread(2)
            .window(tumbling(ms(10)), { id: "w", trigger: { early: ms(5) } })
            .aggregate(events),
        ),
      "early panes",
    ],
    [
      "before what goes by stream time",
      () =>
        planned((keyed) =>
          keyed
            .spread(2)
            .window(tumbling(ms(10)), { id: "w" })
            .aggregate(events)
            .window(tumbling(ms(20)), { id: "again", trigger: { early: ms(5) } })
            .aggregate({ n: count() }),
        ),
      '"again" behind it',
    ],
  ])("are refused %s", (_, plan, sentence) => {
    expect(plan).toThrow(
      expect.objectContaining({ code: "PLAN_OPTION", message: expect.stringContaining(sentence) }),
    );
    expect(plan).toThrow('pipeline "p", operator "w"');
  });
});
