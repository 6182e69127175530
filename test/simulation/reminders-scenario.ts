import { z } from "zod";
import type { ChaosScenario, Outcome, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  epochMs,
  lake,
  listState,
  milliseconds,
  pipeline,
  seconds,
  stream,
  valueState,
  view,
} from "../../shared/index.ts";

type Order = {
  readonly id: string;
  readonly customer: string;
  readonly state: "placed" | "paid";
  /** How long it may stay unpaid, by the clock, in milliseconds. */
  readonly patience: number;
  readonly at: number;
};

const Order: z.ZodType<Order> = z.strictObject({
  id: z.string(),
  customer: z.string(),
  state: z.enum(["placed", "paid"]),
  patience: z.int(),
  at: z.int(),
});

type Reminder = { readonly id: string; readonly customer: string; readonly due: number; readonly at: number };

const orders = stream("orders", {
  schema: Order,
  time: "at",
  key: "id",
  partitions: 2,
  outOfOrder: seconds(5),
});

/** Reminds of unpaid orders by the clock, and each customer not too often, by the clock as well. */
const reminders = pipeline("reminders", (p) => {
  const due = p
    .from(orders)
    .keyBy("id")
    .process({
      id: "unpaid",
      state: { open: valueState<Order & { readonly due: number }>() },
      onEvent(order, { state, timers, processingTime }) {
        const open = state.open.get();
        if (open !== undefined) timers.cancelProcessingTime(epochMs(open.due));
        state.open.clear();
        if (order.state === "paid") return;
        state.open.set({ ...order, due: processingTime + order.patience });
        timers.atProcessingTime(epochMs(processingTime + order.patience));
      },
      onProcessingTimer(due, { state, processingTime }): Reminder[] {
        const open = state.open.get();
        if (open === undefined) return [];
        state.open.clear();
        return [{ id: open.id, customer: open.customer, due, at: processingTime }];
      },
    });
  due.to(lake("due"), { priority: -1 });
  due
    .keyBy("customer")
    .process({
      id: "patient",
      state: { lately: listState<string>({ ttl: seconds(90), in: "processing-time" }) },
      onEvent(reminder, { state }) {
        const lately = state.lately.get();
        state.lately.add(reminder.id);
        return lately.length < 2 ? [{ ...reminder, lately }] : [];
      },
    })
    .to(view("reminders", { key: (row) => row.customer, sort: (row) => `${row.id} ${row.due}` }), {
      priority: 1,
    });
});

const remindersApp: Application = application("reminders", { streams: [orders], pipelines: [reminders] });

/** Orders that are placed, paid or not, and placed again. */
function requests(random: Random): Request[] {
  let now = 1_704_067_200_000;
  return Array.from({ length: 15 + random.below(15) }, () => {
    now += random.below(4_000);
    const events = Array.from(
      { length: 1 + random.below(3) },
      (): Order => ({
        id: `o${random.below(12)}`,
        customer: `c${random.below(3)}`,
        state: random.chance(0.3) ? "paid" : "placed",
        patience: milliseconds(1 + random.below(180_000)),
        at: now - random.below(10_000),
      }),
    );
    return { stream: "orders", events };
  });
}

/** What can be said without working it all out: nothing is told before its time, or twice. */
function check({ lake: rowsOf }: Outcome): string[] {
  const rows = rowsOf("due") as readonly Reminder[];
  const early = rows.filter(({ due, at }) => at < due);
  const names = rows.map(({ id, due }) => `${id} ${due}`);
  return [
    ...early.map(({ id, due, at }) => `order ${id}, due at ${due}, is told at ${at}`),
    ...(new Set(names).size === names.length ? [] : ["a reminder came twice"]),
  ];
}

export const remindersScenario: ChaosScenario = { app: remindersApp, input: requests, check };
