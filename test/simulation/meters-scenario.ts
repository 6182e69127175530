import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ChaosScenario, Outcome, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  count,
  custom,
  hopping,
  lake,
  max,
  minutes,
  pipeline,
  seconds,
  stream,
  sum,
  tumbling,
  view,
} from "../../shared/index.ts";

type Reading = {
  readonly id: string;
  readonly meter: string;
  readonly time: number;
  readonly value: number;
};

const Reading: z.ZodType<Reading> = z.strictObject({
  id: z.string(),
  meter: z.string(),
  time: z.int(),
  value: z.int(),
});

const readings = stream("readings", {
  schema: Reading,
  time: "time",
  outOfOrder: seconds(30),
  key: "meter",
  partitions: 2,
  idle: { threshold: seconds(20), incrementBy: minutes(1), initSourceDelay: seconds(20) },
});

const UNREADABLE = 7;
const TOO_HIGH = 13;

/** Fails half-way: the sum is spoilt before it throws, so that the batch must be folded again with care. */
const fragileSum = custom<Reading, { sum: number }, number>({
  create: () => ({ sum: 0 }),
  add(state, { value }) {
    state.sum += value;
    if (value === TOO_HIGH) throw new RangeError("a reading is too high");
    return state;
  },
  merge: (a, b) => ({ sum: a.sum + b.sum }),
  finish: ({ sum }) => sum,
});

/** What the shop has not: idle partitions, skipped events, hopping windows, early panes by time, windows over windows. */
const meters = pipeline("meters", (p) => {
  const recent = p
    .from(readings)
    .map(
      (reading) => {
        if (reading.value === UNREADABLE) throw new TypeError("a reading is unreadable");
        return reading;
      },
      { onError: "skip" },
    )
    .flatMap((reading) => (reading.value % 2 === 0 ? [reading, reading] : [reading]))
    .keyBy("meter")
    .window(hopping(minutes(2), minutes(1)), {
      id: "recent",
      allowedLateness: minutes(2),
      trigger: { early: seconds(20), accumulation: "discarding" },
    })
    .aggregate({ readings: count(), sum: fragileSum, peak: max("value") });
  recent.to(lake("panes"));
  recent.late.to(lake("late_readings"));
  recent.failed.to(lake("failed_readings"));
  const rollup = recent
    .keyBy((pane) => `peak-${Math.floor(pane.peak / 5)}`)
    .window(tumbling(minutes(5)), { id: "rollup", allowedLateness: minutes(1) })
    .aggregate({ panes: count(), readings: sum("readings"), sum: sum("sum") });
  rollup.to(view("rollup", { key: (r) => r.key, sort: (r) => r.window.start }));
  rollup.late.to(lake("late_panes"));
});

const app: Application = application("meters", { streams: [readings], pipelines: [meters] });

const START = 1_704_067_200_000;

/** None for most; some make a late pane, some are too late. */
const lateness = (random: Random): number => (random.chance(0.2) ? minutes(random.below(10)) : 0);

function input(random: Random): Request[] {
  let n = 0;
  return Array.from({ length: 20 + random.below(20) }, () => ({
    stream: readings.id,
    events: Array.from({ length: 1 + random.below(3) }, (): Reading => {
      n += 1;
      return {
        id: `reading-${n}`,
        meter: `meter-${random.below(4)}`,
        time: START + seconds(15) * n + random.below(seconds(60)) - lateness(random),
        value: random.below(15),
      };
    }),
  }));
}

type Row = { readonly readings: number; readonly sum: number };

/** Sums that must agree whatever was late: what panes hold is in the rollup or was late for it. */
function check({ requests, lake, view, counts, failed }: Outcome): string[] {
  const sent = requests.flatMap(({ events }) => events as Reading[]);
  const total = (rows: readonly unknown[]): Row => ({
    readings: (rows as Row[]).reduce((n, row) => n + row.readings, 0),
    sum: (rows as Row[]).reduce((n, row) => n + row.sum, 0),
  });
  const panes = total(lake("panes"));
  const rolledUp = total([...view("rollup"), ...lake("late_panes")]);
  const idsOf = (rows: readonly unknown[]): string[] => (rows as Reading[]).map(({ id }) => id).sort();
  const failures = failed().map(({ payload }) => payload);
  const wrong: string[] = [];
  const expect = (what: string, found: unknown, right: unknown): void => {
    if (!isDeepStrictEqual(found, right))
      wrong.push(`${what}: ${JSON.stringify(found)} where ${JSON.stringify(right)} is right`);
  };
  expect("the rollup of panes", rolledUp, panes);
  const late = new Set(idsOf(lake("late_readings")));
  const high = sent.filter(({ value, id }) => value === TOO_HIGH && !late.has(id));
  expect("readings that failed", idsOf(failures), idsOf(high));
  const skipped = sent.filter(({ value }) => value === UNREADABLE).length;
  const counted = counts()["meters.readings"];
  expect("what was heard", [counted?.["input"], counted?.["skipped"]], [sent.length, skipped]);
  const copies = sent
    .filter(({ value }) => value !== UNREADABLE)
    .reduce((n, { value }) => n + (value % 2 === 0 ? 2 : 1), 0);
  const kept = copies - high.length - lake("late_readings").length;
  if (panes.readings > 2 * kept || panes.readings < kept)
    wrong.push(`${panes.readings} counts of ${kept} readings, each of which is in one window or two`);
  return wrong;
}

export const metersScenario: ChaosScenario = { app, input, check };
