import {
  application,
  avg,
  collect,
  count,
  type DurationMs,
  days,
  type Flow,
  first,
  hopping,
  hours,
  type KeyedFlow,
  lake,
  minutes,
  pipeline,
  quantile,
  session,
  stream,
  sum,
  trusted,
  tumbling,
} from "../shared/index.ts";
import { Fold } from "../shared/operators/fold.ts";
import { planApplication } from "../shared/plan/planner.ts";
import { encodeValue } from "../shared/state/codec.ts";
import { epochMs } from "../shared/time/time.ts";

type Order = { readonly id: string; readonly customer: string; readonly at: number; readonly amount: number };

/** What an operator keeps once each of many customers has had some orders. */
export type KeptState = {
  readonly operator: string;
  /** Rows of state for each key. */
  readonly entries: number;
  /** Characters of JSON of a row, as a log entry and a snapshot hold it before they are compressed. */
  readonly charsPerEntry: number;
};

const KEYS = 1_000;
/** Orders of each customer, three minutes apart, from noon of the first of January 2024 on. */
const ORDERS = 10;
const NOON = 1_704_110_400_000;

const out = lake("out");
const byHour = <K extends string>(flow: KeyedFlow<K, Order>) => flow.window(tumbling(hours(1)), { id: "w" });
const OPERATORS: Readonly<Record<string, (orders: Flow<Order>) => void>> = {
  "`filter`, `map`, `flatMap`, `select`, `keyBy`, `union`": (orders) =>
    orders.filter(({ amount }) => amount > 0).to(out),
  "`dedupe`, an id of 36 characters": (orders) => orders.dedupe({ id: "once", within: days(1) }).to(out),
  "`tumbling`, `count`": (orders) => byHour(orders.keyBy("customer")).aggregate({ n: count() }).to(out),
  "`tumbling`, `sum` and `avg`": (orders) =>
    byHour(orders.keyBy("customer"))
      .aggregate({ s: sum("amount"), a: avg("amount") })
      .to(out),
  "`tumbling`, `first` of a number": (orders) =>
    byHour(orders.keyBy("customer"))
      .aggregate({ f: first("amount") })
      .to(out),
  "`tumbling`, `collect` of ten numbers": (orders) =>
    byHour(orders.keyBy("customer"))
      .aggregate({ all: collect(10, "amount") })
      .to(out),
  "`tumbling`, `quantile` of ten distinct numbers": (orders) =>
    byHour(orders.keyBy("customer"))
      .aggregate({ q: quantile(0.5, "amount") })
      .to(out),
  "`hopping` by a quarter of the size, `count`: slices": (orders) =>
    orders
      .keyBy("customer")
      .window(hopping(hours(1), minutes(15)), { id: "w" })
      .aggregate({ n: count() })
      .to(out),
  "`hopping` by a quarter of the size, `sum`: whole windows": (orders) =>
    orders
      .keyBy("customer")
      .window(hopping(hours(1), minutes(15)), { id: "w" })
      .aggregate({ s: sum("amount") })
      .to(out),
  "`session`, `count`": (orders) =>
    orders
      .keyBy("customer")
      .window(session(minutes(30)), { id: "w" })
      .aggregate({ n: count() })
      .to(out),
};

/** Claim: state is what the operator needs, whatever the number of events. */
export const keptStates = (): KeptState[] =>
  Object.entries(OPERATORS).map(([operator, build]) => ({ operator, ...keptBy(build) }));

function keptBy(build: (orders: Flow<Order>) => void): Omit<KeptState, "operator"> {
  const orders = stream("orders", {
    schema: trusted<Order>(),
    time: "at",
    outOfOrder: days(1) as DurationMs,
    key: "customer",
    partitions: 1,
  });
  const built = pipeline("p", (p) => build(p.from(orders)));
  const { stages } = planApplication(application("state", { streams: [orders], pipelines: [built] }));
  const stage = stages.get("p.orders");
  if (stage === undefined) throw new Error("no stage reads the orders");
  const fold = new Fold(stage, { codeVersion: "bench" });
  for (let nth = 0; nth < ORDERS; nth += 1)
    for (let customer = 0; customer < KEYS; customer += 1) {
      const order = orderOf(customer, nth);
      fold.event(order.id, epochMs(order.at), order.customer, order, days(1));
    }
  const entries = [...fold.snapshot()].map((change) => encodeValue(change).length);
  const chars = entries.reduce((a, b) => a + b, 0);
  return { entries: entries.length / KEYS, charsPerEntry: Math.round(chars / Math.max(1, entries.length)) };
}

const orderOf = (customer: number, nth: number): Order => ({
  id: `${String(customer).padStart(8, "0")}-0000-4000-8000-${String(nth).padStart(12, "0")}`,
  customer: `customer-${String(customer).padStart(4, "0")}`,
  at: NOON + minutes(3 * nth),
  amount: 100 + nth,
});

/** The table of docs/operators/README.md. */
export const stateTable = (): string =>
  [
    "| operator | rows of state per key | characters of JSON a row |",
    "|---|---:|---:|",
    ...keptStates().map(
      ({ operator, entries, charsPerEntry }) => `| ${operator} | ${entries} | ${charsPerEntry} |`,
    ),
  ].join("\n");

if (import.meta.main) console.log(stateTable());
