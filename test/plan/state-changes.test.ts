import { expect, test } from "vitest";
import {
  application,
  count,
  hours,
  type KeyedFlow,
  lake,
  pipeline,
  type Sink,
  sum,
  tumbling,
  valueState,
} from "../../shared/index.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { stateChanges } from "../../shared/plan/state-changes.ts";
import { type Flight, flights } from "./flights-app.ts";

type Made = { to(sink: Sink<unknown>): void };

const planOf = (make: (keyed: KeyedFlow<string, Flight>) => Made, field: "dest" | "origin" = "dest"): Plan =>
  planApplication(
    application("app", {
      streams: [flights],
      pipelines: [pipeline("p", (p) => make(p.from(flights).keyBy(field)).to(lake("out")))],
    }),
  ).plan;

const kept = (version: number, name = "n") => ({
  [name]: valueState<number>(version === 1 ? {} : { version, migrate: () => 0 }),
});
const process =
  (state: ReturnType<typeof kept>, id = "s") =>
  (keyed: KeyedFlow<string, Flight>) =>
    keyed.process({ id, state, onEvent: (flight) => [flight] });
const window =
  (size: number, aggregates = {}) =>
  (keyed: KeyedFlow<string, Flight>) =>
    keyed.window(tumbling(hours(size)), { id: "w" }).aggregate({ n: count<Flight>(), ...aggregates });
const joined = (version: number) => (keyed: KeyedFlow<string, Flight>) => {
  const rows = version === 1 ? {} : { version, migrate: (old: unknown) => old as Flight };
  return keyed.join(keyed, { id: "j", ttl: hours(1), kept: { left: rows, right: rows } });
};

const of = (what: string, stage: string, operator: string | undefined, why: string) => [
  { what, stage, operator, why },
];

test.each<[string, Plan, Plan, unknown[]]>([
  ["nothing", planOf(window(1)), planOf(window(1)), []],
  [
    "a filter before and a map behind",
    planOf(window(1)),
    planOf((k) => window(1)(k.filter(() => true)).map((row) => row)),
    [],
  ],
  [
    "a window of another size",
    planOf(window(1)),
    planOf(window(2)),
    of("unread", "p.w", "w", "what it keeps has another shape"),
  ],
  [
    "one aggregate more",
    planOf(window(1)),
    planOf(window(1, { delay: sum<Flight>("delay") })),
    of("unread", "p.w", "w", "what it keeps has another shape"),
  ],
  [
    "another id",
    planOf(process(kept(1))),
    planOf(process(kept(1), "t")),
    of("lost", "p.s", "s", "it is not there any more"),
  ],
  [
    "a key that needs no shuffle",
    planOf(process(kept(1))),
    planOf(process(kept(1)), "origin"),
    [
      ...of("unread", "p.flights", "s", "it is new in this stage"),
      ...of("lost", "p.s", "s", 'it is in stage "p.flights" now, and begins anew'),
    ],
  ],
  [
    "a state by another name",
    planOf(process(kept(1))),
    planOf(process(kept(1, "m"))),
    of("unread", "p.s", "s", "what it keeps has another shape"),
  ],
  [
    "a higher version",
    planOf(process(kept(1))),
    planOf(process(kept(2))),
    of("migrated", "p.s", "s", '"n" goes from version 1 to 2'),
  ],
  [
    "a lower version",
    planOf(process(kept(3))),
    planOf(process(kept(2))),
    of("unread", "p.s", "s", '"n" goes from version 3 to 2'),
  ],
  [
    "a higher version of kept rows",
    planOf(joined(1)),
    planOf(joined(2)),
    [
      ...of("migrated", "p.j", "j", '"left" goes from version 1 to 2'),
      ...of("migrated", "p.j", "j", '"right" goes from version 1 to 2'),
    ],
  ],
  [
    "a lower version of kept rows",
    planOf(joined(2)),
    planOf(joined(1)),
    [
      ...of("unread", "p.j", "j", '"left" goes from version 2 to 1'),
      ...of("unread", "p.j", "j", '"right" goes from version 2 to 1'),
    ],
  ],
])("%s changes of deployed state what it says", (_, deployed, next, expected) => {
  expect(stateChanges(JSON.parse(JSON.stringify(deployed)), next)).toEqual(expected);
});

test("other partitions are read by no operator of the stage", () => {
  const plan = planOf(window(1));
  const fewer = JSON.stringify(plan)
    .replaceAll(/"partitions":\d+/g, '"partitions":3')
    .replaceAll(/"fingerprint":"../g, '"fingerprint":"zz');
  expect(stateChanges(JSON.parse(fewer), plan)).toContainEqual({
    what: "unread",
    stage: "p.w",
    operator: undefined,
    why: expect.stringMatching(/^it has \d+ partitions instead of 3$/),
  });
});
