import { expect, test } from "vitest";
import {
  application,
  type DurationMs,
  type KeyedFlow,
  lake,
  minutes,
  pipeline,
  type Sink,
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

const id = "pace";
const odd = (n: number): DurationMs => n as DurationMs;

test.each<[string, (keyed: KeyedFlow<string, Flight>) => Made, string]>([
  [
    "a throttle that lets nothing pass",
    (k) => k.throttle({ id, most: 0, per: minutes(1) }),
    "most must be a whole number from 1",
  ],
  [
    "a throttle without a span",
    (k) => k.throttle({ id, per: odd(0) }),
    "per must be at least 1 whole milliseconds",
  ],
  [
    "a debounce without quiet",
    (k) => k.debounce({ id, quiet: odd(0.5) }),
    "quiet must be at least 1 whole milliseconds",
  ],
  [
    "a sample without a span",
    (k) => k.sample({ id, every: odd(-1) }),
    "every must be at least 1 whole milliseconds",
  ],
  [
    "a sample of what is neither",
    (k) => k.sample({ id, every: minutes(1), take: "any" as never }),
    'take must be first or last, not "any"',
  ],
  [
    "a batch of nothing",
    (k) => k.batch({ id, size: 0, within: minutes(1) }),
    "size must be a whole number from 1 to 10000",
  ],
  [
    "a batch too large for a row",
    (k) => k.batch({ id, size: 10_001, within: minutes(1) }),
    "from 1 to 10000, not 10001",
  ],
  [
    "a batch that waits for ever",
    (k) => k.batch({ id, size: 2, within: odd(Number.POSITIVE_INFINITY) }),
    "within must be at least",
  ],
  ["a throttle without an id", (k) => k.throttle({ id: undefined as never, per: minutes(1) }), "give it one"],
])("%s is refused", (_, make, message) => {
  expect(() => planOf(make)).toThrow(message);
});

test.each<[(keyed: KeyedFlow<string, Flight>) => Made, string]>([
  [(k) => k.throttle({ id, most: 3, per: minutes(1) }), "throttle 3 per 1 min"],
  [(k) => k.debounce({ id, quiet: minutes(2) }), "debounce 2 min"],
  [(k) => k.sample({ id, every: minutes(1) }), "sample last of 1 min"],
  [(k) => k.batch({ id, size: 10, within: minutes(1) }), "batch 10 within 1 min"],
])("what paces is told in a few words, %#", (make, detail) => {
  const { plan } = planOf(make);
  const operators = plan.pipelines.flatMap(({ stages }) => stages).flatMap((stage) => stage.operators);
  expect(operators).toContainEqual(expect.objectContaining({ id, kind: "pace", detail }));
});
