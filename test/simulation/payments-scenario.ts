import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ChaosScenario, Outcome, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  count,
  epochMs,
  hours,
  lake,
  listState,
  mapState,
  minutes,
  pipeline,
  seconds,
  stream,
  sum,
  tumbling,
  valueState,
  view,
} from "../../shared/index.ts";

type Order = {
  readonly id: string;
  readonly customer: string;
  readonly time: number;
  readonly total: number;
};
type Payment = {
  readonly order: string;
  readonly nth: number;
  readonly time: number;
  readonly amount: number;
};

const orders = stream("orders", {
  schema: z.strictObject({ id: z.string(), customer: z.string(), time: z.int(), total: z.int() }),
  time: "time",
  outOfOrder: minutes(2),
  key: "customer",
  partitions: 2,
});
const payments = stream("payments", {
  schema: z.strictObject({ order: z.string(), nth: z.int(), time: z.int(), amount: z.int() }),
  time: "time",
  outOfOrder: minutes(2),
  key: "order",
  partitions: 2,
});

const BEFORE = minutes(1);
const AFTER = minutes(5);

/** Two streams that meet in one stage, a second shuffle behind it, and rows that are given by timers. */
const settled = pipeline("settled", (p) => {
  const paid = p
    .from(orders)
    .keyBy("id")
    .join(p.from(payments).keyBy("order"), {
      id: "paid",
      type: "left",
      within: { from: -BEFORE as typeof BEFORE, to: AFTER },
    });
  paid.to(lake("settled"));
  paid.late.to(lake("late_rows"));
  paid
    .keyBy((row) => row.left.customer)
    .window(tumbling(minutes(10)), { id: "per-customer", allowedLateness: hours(10) })
    .aggregate({ rows: count(), paid: sum((row) => row.right?.amount ?? 0) })
    .to(view("per_customer", { key: (r) => r.key, sort: (r) => r.window.start }));
});

/** What each customer has paid in a while, told with each payment and once nothing has come for long. */
const running = pipeline("running", (p) => {
  p.from(payments)
    .keyBy((payment) => payment.order.slice(-1))
    .process({
      id: "paid-lately",
      state: {
        last: valueState<number>(),
        amounts: listState<number>({ ttl: minutes(6) }),
        orders: mapState<string, number>({ ttl: minutes(4) }),
      },
      onEvent({ order, amount, nth, time }, { state, timers }) {
        if (amount % 13 === 0) {
          state.amounts.add(amount);
          throw new RangeError(`payment ${nth} is unlucky`);
        }
        const last = state.last.get();
        if (last !== undefined) timers.cancel(epochMs(last));
        state.last.set(time + minutes(5));
        timers.at(epochMs(time + minutes(5)));
        state.amounts.add(amount);
        state.orders.set(order, nth);
        return [{ nth, lately: state.amounts.get(), orders: state.orders.entries() }];
      },
      onTimer: (time, { key, state }) => {
        state.last.clear();
        return [{ quiet: key, time, lately: state.amounts.get(), orders: state.orders.entries() }];
      },
    })
    .to(lake("running"));
});

/** The last total of the order's customer when it was paid, and orders of the window in which nothing was paid. */
const asOf = pipeline("as-of", (p) => {
  const byOrder = p.from(orders).keyBy("id");
  const priced = p.from(payments).keyBy("order").temporalJoin(byOrder, { id: "priced", type: "left" });
  priced.to(lake("priced"));
  priced.late.to(lake("late_priced"));
  byOrder
    .join(p.from(payments).keyBy("order"), { id: "unpaid", type: "anti", window: tumbling(minutes(3)) })
    .to(lake("unpaid"));
});

const app: Application = application("payments", {
  streams: [orders, payments],
  pipelines: [settled, asOf, running],
});

const START = 1_704_067_200_000;

/** Orders and payments, each side now and then ahead of the other; a few much too late. */
function input(random: Random): Request[] {
  const made: Order[] = [];
  let paid = 0;
  return Array.from({ length: 24 + random.below(24) }, (_, n): Request => {
    const now = START + seconds(45) * n;
    const late = random.chance(0.05) ? minutes(20) : 0;
    const at = (): number => now + random.below(minutes(1)) - late;
    if (made.length === 0 || random.chance(0.5)) {
      const events = Array.from({ length: 1 + random.below(3) }, (): Order => {
        const order = {
          id: `order-${made.length}`,
          customer: `customer-${random.below(3)}`,
          time: at(),
          total: 1 + random.below(90),
        };
        made.push(order);
        return order;
      });
      return { stream: orders.id, events };
    }
    const events = Array.from({ length: 1 + random.below(3) }, (): Payment => {
      paid += 1;
      // some orders are paid before they are made
      const order = `order-${Math.max(0, made.length - 4) + random.below(6)}`;
      return { order, nth: paid, time: at(), amount: 1 + random.below(90) };
    });
    return { stream: payments.id, events };
  });
}

type Row = { readonly key: string; readonly left: Order; readonly right: Payment | null };
type Late = { readonly side: string; readonly row: Order & Payment };

/** What must hold whichever rows were late: the rest is joined by its definition. */
function check({ requests, lake, view }: Outcome): string[] {
  const wrong: string[] = [];
  const expect = (what: string, found: unknown, right: unknown): void => {
    if (!isDeepStrictEqual(found, right))
      wrong.push(`${what}: ${JSON.stringify(found)} where ${JSON.stringify(right)} is right`);
  };
  const sent = <T>(stream: string): T[] =>
    requests.filter((one) => one.stream === stream).flatMap(({ events }) => events as T[]);
  const late = lake("late_rows") as Late[];
  const inTime = <T extends { time: number }>(
    all: T[],
    side: string,
    is: (row: Late["row"], one: T) => boolean,
  ): T[] => all.filter((one) => !late.some((row) => row.side === side && is(row.row, one)));
  const lefts = inTime(sent<Order>("orders"), "left", (row, one) => row.id === one.id);
  const rights = inTime(sent<Payment>("payments"), "right", (row, one) => row.nth === one.nth);
  const joined = lefts.flatMap((left): [string, number | null][] => {
    const mine = rights.filter(
      ({ order, time }) => order === left.id && time >= left.time - BEFORE && time < left.time + AFTER,
    );
    return mine.length === 0 ? [[left.id, null]] : mine.map(({ nth }) => [left.id, nth]);
  });
  const settledRows = lake("settled") as Row[];
  const sorted = (rows: readonly (readonly [string, number | null])[]): string[] => rows.map(String).sort();
  expect("settled", sorted(settledRows.map(({ key, right }) => [key, right?.nth ?? null])), sorted(joined));
  const paidIn = (rows: readonly { paid: number; rows: number }[]): number[] => [
    rows.reduce((n, row) => n + row.rows, 0),
    rows.reduce((n, row) => n + row.paid, 0),
  ];
  expect("paid per customer", paidIn(view("per_customer") as { paid: number; rows: number }[]), [
    settledRows.length,
    settledRows.reduce((n, { right }) => n + (right?.amount ?? 0), 0),
  ]);
  const pricedRows = lake("priced") as { left: Payment; right: Order | null }[];
  const latePayments = (lake("late_priced") as Late[]).filter(({ side }) => side === "left");
  expect(
    "payments that were priced or late",
    [...pricedRows.map(({ left }) => left.nth), ...latePayments.map(({ row }) => row.nth)].sort(
      (a, b) => a - b,
    ),
    sent<Payment>("payments").map(({ nth }) => nth),
  );
  for (const { left, right } of pricedRows)
    if (right !== null && (right.id !== left.order || right.time > left.time))
      wrong.push(`payment ${left.nth} was priced by ${right.id}`);
  return wrong;
}

export const paymentsScenario: ChaosScenario = { app, input, check };
