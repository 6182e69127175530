import { expect, test } from "vitest";
import {
  application,
  custom,
  hours,
  type JoinOptions,
  type KeyedFlow,
  lake,
  listState,
  pattern,
  pipeline,
  type Sink,
  tumbling,
  valueState,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { type Flight, flights } from "./flights-app.ts";

type Made = { to(sink: Sink<unknown>): void };

const planOf = (make: (keyed: KeyedFlow<string, Flight>) => Made) =>
  planApplication(
    application("app", {
      streams: [flights],
      pipelines: [pipeline("p", (p) => make(p.from(flights).keyBy("dest")).to(lake("out")))],
    }),
  );

const migrate = (): number => 0;
const keeping = (state: ReturnType<typeof valueState<number>>) => (keyed: KeyedFlow<string, Flight>) =>
  keyed.process({ id: "p", state: { n: state }, onEvent: () => [] });
const aggregating =
  (versions: { version?: number; migrate?: () => number }) => (keyed: KeyedFlow<string, Flight>) =>
    keyed.window(tumbling(hours(1)), { id: "w" }).aggregate({
      n: custom<Flight, number, number>({
        create: () => 0,
        add: (n) => n,
        merge: (a) => a,
        finish: (n) => n,
        ...versions,
      }),
    });

const joining =
  (kept: NonNullable<JoinOptions<Flight, Flight>["kept"]>) => (keyed: KeyedFlow<string, Flight>) =>
    keyed.join(keyed, { id: "j", ttl: hours(1), kept });

test.each<[string, (keyed: KeyedFlow<string, Flight>) => Made, string, string]>([
  ["a version 0", keeping(valueState({ version: 0, migrate })), "PLAN_OPTION", "whole number from 1"],
  ["half a version", keeping(valueState({ version: 1.5, migrate })), "PLAN_OPTION", "whole number from 1"],
  [
    "a version that nothing leads to",
    keeping(valueState({ version: 2 })),
    "PLAN_MIGRATION",
    'state "n" has version 2 and no `migrate`',
  ],
  [
    "a `migrate` that is never called",
    keeping(valueState({ migrate })),
    "PLAN_MIGRATION",
    'state "n" has a `migrate`, which version 1 never calls',
  ],
  [
    "an aggregate's version that nothing leads to",
    aggregating({ version: 3 }),
    "PLAN_MIGRATION",
    'aggregate "n" has version 3 and no `migrate`',
  ],
  [
    "a version of kept rows that nothing leads to",
    joining({ left: { version: 2 } }),
    "PLAN_MIGRATION",
    'what is kept of "left" has version 2 and no `migrate`',
  ],
  [
    "a version of kept rows that is none",
    joining({ right: { version: -1, migrate: (old) => old as Flight } }),
    "PLAN_OPTION",
    'the version of what is kept of "right" must be a whole number from 1, not -1',
  ],
  [
    "a `migrate` of kept rows that is never called",
    joining({ right: { migrate: (old) => old as Flight } }),
    "PLAN_MIGRATION",
    'what is kept of "right" has a `migrate`, which version 1 never calls',
  ],
  [
    "a version of events in a batch that nothing leads to",
    (keyed) => keyed.batch({ id: "b", size: 2, within: hours(1), kept: { version: 2 } }),
    "PLAN_MIGRATION",
    'what is kept of "rows" has version 2 and no `migrate`',
  ],
  [
    "a version of control values that nothing leads to",
    (keyed) => keyed.withBroadcast(keyed, { id: "c", kept: { version: 2 }, onEvent: () => [] }),
    "PLAN_MIGRATION",
    'what is kept of "control" has version 2 and no `migrate`',
  ],
  [
    "a `migrate` of a pattern's events that is never called",
    (keyed) => {
      const late = pattern<Flight>()
        .begin("late", () => true)
        .within(hours(1));
      return keyed.match(late, { id: "m", kept: { migrate: (old) => old as Flight } });
    },
    "PLAN_MIGRATION",
    'what is kept of "rows" has a `migrate`, which version 1 never calls',
  ],
])("%s is refused", (_, make, code, message) => {
  expect(() => planOf(make)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

test("versions are no part of the fingerprint, and stand in the plan beside it", () => {
  const one = planOf((k) => k.process({ id: "p", state: { n: listState<number>() }, onEvent: () => [] }));
  const two = planOf((k) =>
    k.process({ id: "p", state: { n: listState<number>({ version: 2, migrate }) }, onEvent: () => [] }),
  );
  const stageOf = ({ plan }: typeof one) => plan.pipelines[0]?.stages.find(({ id }) => id === "p.p");
  expect(stageOf(two)?.fingerprint).toBe(stageOf(one)?.fingerprint);
  expect([stageOf(one)?.versions, stageOf(two)?.versions]).toEqual([[], [["p", "n", 2]]]);
});
