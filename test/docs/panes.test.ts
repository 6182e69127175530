import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import {
  epochMs,
  hours,
  isoOf,
  lake,
  minutes,
  type Pane,
  pipeline,
  type Span,
  session,
  stream,
  sum,
  type Trigger,
  tumbling,
  view,
  type WindowSpec,
} from "../../shared/index.ts";

/** The tables of docs/concepts.md, made by the pipelines that stand there. */
const orders = stream("orders", {
  schema: z.strictObject({ customer: z.string(), amount: z.number(), at: z.int() }),
  time: "at",
  outOfOrder: minutes(10),
  key: "customer",
});

type Row = { readonly window: Span; readonly total: number; readonly pane: Pane };

/** Folds orders of one customer, each in a request of its own. */
async function fold(
  orderTimes: readonly (readonly [clock: string, amount: number])[],
  window: WindowSpec,
  options: { readonly allowedLateness?: ReturnType<typeof hours>; readonly trigger?: Trigger },
): Promise<{ panes: string[]; late: string[]; shown: string[] }> {
  const spent = pipeline("spent", (p) => {
    const totals = p
      .from(orders)
      .keyBy("customer")
      .window(window, { id: "totals", ...options })
      .aggregate({ total: sum("amount") });
    totals.to(view("totals", { key: (r) => r.key, sort: (r) => r.window.start }));
    totals.to(lake("panes"));
    totals.late.to(lake("late"));
  });
  const driver = await TestDriver.create(spent);
  for (const [clock, amount] of orderTimes)
    await driver.feed("orders", [{ customer: "ann", amount, at: timeOf(clock) }]);
  const spanOf = ({ start, end }: Span) => `${clockOf(start)}–${clockOf(end)}`;
  return {
    panes: driver
      .lake<Row>("panes")
      .map(({ window, total, pane }) => `${spanOf(window)} ${total} ${pane.index} ${pane.timing}`),
    late: driver.lake<{ at: number }>("late").map(({ at }) => clockOf(at)),
    shown: driver.view<Row>("totals").map(({ window, total }) => `${spanOf(window)} ${total}`),
  };
}

const DAY = 1_704_067_200_000; // 2024-01-01
const timeOf = (clock: string): number => {
  const [hour = 0, minute = 0] = clock.split(":").map(Number);
  return DAY + (hour * 60 + minute) * 60_000;
};
const clockOf = (at: number): string => isoOf(epochMs(at)).slice(11, 16);

const ORDERS = [
  ["12:05", 10],
  ["12:20", 20],
  ["12:50", 30],
  ["13:05", 1],
  ["13:10", 1],
  ["12:40", 40],
  ["13:40", 1],
  ["12:59", 50],
] as const;

test("a tumbling window gives early, on-time and late panes that add up", async () => {
  const trigger = { early: minutes(15) };
  const { panes, late } = await fold(ORDERS, tumbling(hours(1)), { allowedLateness: minutes(30), trigger });
  expect(panes.filter((pane) => pane.startsWith("12:00"))).toEqual([
    "12:00–13:00 30 0 early",
    "12:00–13:00 60 1 early",
    "12:00–13:00 60 2 on-time",
    "12:00–13:00 100 3 late",
  ]);
  expect(late).toEqual(["12:59"]);
});

test("discarding panes hold what is new, and none is empty", async () => {
  const trigger = { early: minutes(15), accumulation: "discarding" } as const;
  const { panes } = await fold(ORDERS, tumbling(hours(1)), { allowedLateness: minutes(30), trigger });
  expect(panes.filter((pane) => pane.startsWith("12:00"))).toEqual([
    "12:00–13:00 30 0 early",
    "12:00–13:00 30 1 early",
    "12:00–13:00 40 2 late",
  ]);
});

test("an event between two sessions that were shown retracts both", async () => {
  const visits = [
    ["12:00", 10],
    ["12:50", 20],
    ["14:00", 1],
    ["12:25", 5],
  ] as const;
  const { panes, shown } = await fold(visits, session(minutes(30)), { allowedLateness: hours(2) });
  expect(panes).toEqual([
    "12:00–12:30 10 0 on-time",
    "12:50–13:20 20 0 on-time",
    "12:00–12:30 10 1 retracted",
    "12:50–13:20 20 1 retracted",
    "12:00–13:20 35 2 late",
  ]);
  expect(shown).toEqual(["12:00–13:20 35"]);
});
