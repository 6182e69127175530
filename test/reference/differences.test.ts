import { expect, test } from "vitest";
import { differences, type Found } from "../../local/reference/differences.ts";
import type { History } from "../../local/reference/history.ts";
import { interpret } from "../../local/reference/interpret.ts";
import {
  application,
  count,
  lake,
  milliseconds as ms,
  pipeline,
  tumbling,
  view,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { epochMs } from "../../shared/time/time.ts";
import { readingsOf } from "../operators/one-stage.ts";

const readings = readingsOf();
const perMinute = pipeline("p", (p) => {
  const results = p
    .from(readings)
    .filter(({ n }) => {
      if (n === 7) throw new RangeError("seven");
      return true;
    })
    .keyBy("k")
    .window(tumbling(ms(10)), { id: "w" })
    .aggregate({ events: count() });
  results.to(view("results", { key: (r) => r.key, sort: (r) => r.window.start }));
  results.late.to(lake("late"));
});
const planned = planApplication(application("app", { streams: [readings], pipelines: [perMinute] }));

const events = [
  { id: "a", k: "x", t: 1, n: 1 },
  { id: "b", k: "x", t: 2, n: 7 },
  { id: "c", k: "x", t: 12, n: 1 },
  { id: "d", k: "x", t: 3, n: 1 },
];
const SENT = { position: "shard:1", sentAt: 0 };
const history: History = new Map([
  [
    "p.readings",
    [
      [
        {
          inputs: [
            {
              ...SENT,
              kind: "events",
              events: events.map((event) => [event.id, epochMs(event.t), event]),
              refused: [],
            },
            { ...SENT, kind: "end" },
          ],
          frames: [
            { stage: "p.lake-late", to: 0, counter: 1, rows: [{ key: "x", time: 3, value: events[3] }] },
          ],
        },
      ],
    ],
  ],
  [
    "p.lake-late",
    [[{ inputs: [{ ...SENT, kind: "frame", stage: "p.readings", from: 0, counter: 1 }], frames: [] }]],
  ],
]);
const right = interpret(planned, history, "code");
const row = (start: number): unknown => ({
  key: "x",
  window: { start, end: start + 10 },
  pane: { index: 0, timing: "on-time" },
  events: 1,
});
const COUNTS = { input: 4, late: 1, failed: 1, skipped: 0, duplicates: 0, windows: 2 };
const found: Found = {
  view: () => [row(10), row(0)],
  lake: () => [events[3]],
  failed: () => right.failed,
  counts: () => ({ "p.readings": COUNTS, "p.lake-late": { input: 1 } }),
};

test("what is found as the reference works it out differs in nothing", () => {
  expect(differences(planned, found, right)).toEqual([]);
});

test.each<[string, Partial<Found>]>([
  ['view "results"', { view: () => [row(0)] }],
  ['view "results"', { view: () => [row(0), row(10), row(10)] }],
  ['view "results"', { view: () => [row(0), { ...(row(10) as object), events: 2 }] }],
  ['lake "late"', { lake: () => [] }],
  ['lake "late"', { lake: () => [events[3], events[3]] }],
  ["failed events", { failed: () => [] }],
  ["failed events", { failed: () => right.failed.map((event) => ({ ...event, position: "shard:1#2" })) }],
  ['counts of stage "p.readings"', { counts: () => ({ "p.readings": { ...COUNTS, late: 2 } }) }],
])("a difference is said where it is: %s", (where, planted) => {
  const [sentence] = differences(planned, { ...found, ...planted }, right);
  expect(sentence).toContain(`${where}: `);
});

test("rows that were sent to nobody are a contradiction", () => {
  const unsent = new Map(history).set("p.readings", [
    [{ ...history.get("p.readings")?.[0]?.[0], frames: [] } as { inputs: []; frames: [] }],
  ]);
  expect(interpret(planned, unsent, "code").contradictions).toEqual([
    "p.readings/0, commit 1: no frame for a row for p.lake-late/0",
    "p.lake-late/0 took frame 1 of p.readings/0, which nobody sent",
  ]);
});
