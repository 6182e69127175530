import { z } from "zod";
import type { ChaosScenario, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  count,
  days,
  lake,
  minutes,
  pipeline,
  seconds,
  session,
  stream,
  sum,
  tumbling,
  view,
} from "../../shared/index.ts";
import { wrongResults } from "./shop-reference.ts";

export type Order = {
  readonly id: string;
  readonly user: string;
  readonly shop: string;
  readonly time: number;
  readonly amount: number;
  readonly kind: "order" | "noise" | "broken";
};

const Order: z.ZodType<Order> = z.strictObject({
  id: z.string(),
  user: z.string(),
  shop: z.string(),
  time: z.int(),
  amount: z.int(),
  kind: z.enum(["order", "noise", "broken"]),
});

const orders = stream("orders", {
  schema: Order,
  time: "time",
  outOfOrder: minutes(2),
  key: "user",
  partitions: 2,
});

const intact = (order: Order): Order => {
  if (order.kind === "broken") throw new RangeError(`order ${order.id} is broken`);
  return order;
};

/** A shuffle, a second one behind it, late events, panes, and three lake tables. */
const totals = pipeline("totals", (p) => {
  const once = p
    .from(orders)
    .filter((order) => order.kind !== "noise")
    .dedupe({ id: "once", by: "id", within: days(30) });
  once.to(lake("orders"));
  const perShop = once
    .map(intact)
    .keyBy("shop")
    .window(tumbling(minutes(5)), {
      id: "per-shop",
      allowedLateness: minutes(5),
      trigger: { early: { events: 3 } },
    })
    .aggregate({ orders: count(), amount: sum("amount") });
  perShop.to(view("totals", { key: (r) => r.key, sort: (r) => r.window.start }));
  perShop.to(view("totals_by_time", { key: (r) => r.window.start, sort: (r) => r.key }));
  perShop.to(lake("panes"));
  perShop.late.to(lake("late_orders"));
});

/** State beside the source: sessions that grow, merge and are taken back. Nothing is late, and repeats count. */
const visits = pipeline("visits", (p) => {
  p.from(orders)
    .filter((order) => order.kind !== "noise")
    .keyBy("user")
    .window(session(minutes(3)), { id: "visit", allowedLateness: days(30) })
    .aggregate({ orders: count(), amount: sum((order) => intact(order).amount) })
    .to(view("visits", { key: (r) => r.key, sort: (r) => r.window.start }));
});

const app: Application = application("shop", { streams: [orders], pipelines: [totals, visits] });

const START = 1_704_067_200_000;

/** An hour of orders: a little out of order, some much too late, some sent twice, some broken. */
function input(random: Random): Request[] {
  const sent: Order[] = [];
  const requests: Request[] = [];
  for (let left = 50 + random.below(50); left > 0; ) {
    const events = Array.from({ length: 1 + random.below(4) }, () => {
      const again = random.chance(0.1) ? random.pick(sent) : undefined;
      if (again !== undefined) return again;
      const order = orderAt(sent.length, random);
      sent.push(order);
      return order;
    });
    left -= events.length;
    requests.push({ stream: orders.id, events });
  }
  return requests;
}

function orderAt(n: number, random: Random): Order {
  const late = random.chance(0.06) ? minutes(30) : 0;
  return {
    id: `order-${n}`,
    user: `user-${random.below(5)}`,
    shop: `shop-${random.below(4)}`,
    time: START + seconds(40) * n + random.below(minutes(1)) - late,
    amount: 1 + random.below(100),
    kind: random.chance(0.1) ? "noise" : random.chance(0.1) ? "broken" : "order",
  };
}

export const shopScenario: ChaosScenario = { app, input, check: wrongResults };
