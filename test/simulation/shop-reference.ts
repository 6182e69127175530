import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "../../local/simulator/chaos.ts";
import type { Order } from "./shop-scenario.ts";

const MINUTE = 60_000;
const WINDOW = 5 * MINUTE;
const LATENESS = 5 * MINUTE;
const OUT_OF_ORDER = 2 * MINUTE;
const GAP = 3 * MINUTE;

type Total = {
  readonly key: string;
  readonly window: { readonly start: number; readonly end: number };
  readonly orders: number;
  readonly amount: number;
};
type Pane = Total & { readonly pane: { readonly index: number } };

/**
 * What the shop's pipelines must leave behind, written apart from the engine: plain loops over the input. Which of the
 * orders were late depends on the order of events; whether all orders were counted once does not.
 */
export function wrongResults(outcome: Outcome): string[] {
  const { lake, view, failed, counts } = outcome;
  const sent = outcome.requests.flatMap(({ events }) => events as Order[]);
  const heard = sent.filter(({ kind }) => kind !== "noise");
  const once = [...new Map(heard.map((order) => [order.id, order])).values()];
  const intact = once.filter(({ kind }) => kind === "order");
  const late = lake("late_orders") as Order[];
  const inTime = intact.filter((order) => !late.some(({ id }) => id === order.id));
  const totals = totalsOf(inTime);
  const newest = Math.max(...sent.map(({ time }) => time));
  const panes = lake("panes") as Pane[];
  const failures = (pipeline: string): string[] =>
    failed()
      .filter((event) => event.pipeline === pipeline)
      .map(({ payload }) => (payload as Order).id);
  const brokenIds = (orders: readonly Order[]): string[] =>
    orders.filter(({ kind }) => kind === "broken").map(({ id }) => id);

  const wrong: string[] = [];
  const expect = (what: string, found: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(found, expected)) wrong.push(`${what}: ${difference(found, expected)}`);
  };
  expect('lake "orders"', ids(lake("orders") as Order[]), ids(once));
  expect(
    "late orders are intact and late once",
    ids(late),
    ids(late.filter((o) => ids(intact).includes(o.id))),
  );
  expect("late orders, each once", new Set(ids(late)).size, late.length);
  for (const order of late)
    if (windowOf(order) + WINDOW + LATENESS > newest - OUT_OF_ORDER) wrong.push(`${order.id} was not late`);
  expect('view "totals"', byKeyAndStart(view("totals")), totals);
  expect('view "totals_by_time"', byKeyAndStart(view("totals_by_time")), totals);
  expect("panes are dense", paneIndexes(panes), denseIndexes(panes));
  expect("last panes", byKeyAndStart(lastPanes(panes)), totals);
  expect(
    'view "visits"',
    byKeyAndStart(view("visits")),
    visitsOf(heard.filter(({ kind }) => kind === "order")),
  );
  expect("failed in totals", failures("totals").sort(), brokenIds(once).sort());
  expect("failed in visits", failures("visits").sort(), brokenIds(heard).sort());
  const counted = counts();
  expect("counts of the input", counted["totals.orders"]?.["input"], sent.length);
  expect("counts of repeats", counted["totals.orders"]?.["duplicates"], heard.length - once.length);
  expect("counts behind the shuffle", counted["totals.per-shop"]?.["input"], intact.length);
  expect("counts of late orders", counted["totals.per-shop"]?.["late"], late.length);
  expect("counts of visits", counted["visits.orders"]?.["input"], sent.length);
  return wrong;
}

const ids = (orders: readonly Order[]): string[] => orders.map(({ id }) => id).sort();
const windowOf = ({ time }: Order): number => time - (time % WINDOW);

function totalsOf(orders: readonly Order[]): Total[] {
  const totals: Total[] = [];
  for (const shop of new Set(orders.map((order) => order.shop)))
    for (const start of new Set(orders.map(windowOf))) {
      const those = orders.filter((order) => order.shop === shop && windowOf(order) === start);
      if (those.length > 0) totals.push(totalOf(shop, start, start + WINDOW, those));
    }
  return byKeyAndStart(totals);
}

function visitsOf(orders: readonly Order[]): Total[] {
  const visits: Total[] = [];
  for (const user of new Set(orders.map((order) => order.user))) {
    const open: Order[] = [];
    const close = (): void => {
      const [first, last] = [open[0]?.time ?? 0, open.at(-1)?.time ?? 0];
      visits.push(totalOf(user, first, last + GAP, open.splice(0)));
    };
    for (const order of orders.filter((each) => each.user === user).sort((a, b) => a.time - b.time)) {
      if (open.length > 0 && order.time - (open.at(-1)?.time ?? 0) > GAP) close();
      open.push(order);
    }
    close();
  }
  return byKeyAndStart(visits);
}

const totalOf = (key: string, start: number, end: number, orders: readonly Order[]): Total => ({
  key,
  window: { start, end },
  orders: orders.length,
  amount: orders.reduce((sum, { amount }) => sum + amount, 0),
});

/** Rows as the reference has them: without their panes, in one order. */
const byKeyAndStart = (rows: readonly unknown[]): Total[] =>
  (rows as Total[])
    .map(({ key, window, orders, amount }) => ({ key, window, orders, amount }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.window.start - b.window.start));

const placeOf = ({ key, window }: Total): string => `${key} ${window.start}`;

/** The numbers of each window's panes, in the order of the lake. */
function paneIndexes(panes: readonly Pane[]): Record<string, number[]> {
  const indexes: Record<string, number[]> = {};
  for (const pane of panes) {
    const place = placeOf(pane);
    indexes[place] = [...(indexes[place] ?? []), pane.pane.index].sort((a, b) => a - b);
  }
  return indexes;
}

const denseIndexes = (panes: readonly Pane[]): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(paneIndexes(panes)).map(([place, indexes]) => [place, indexes.map((_, i) => i)]),
  );

const lastPanes = (panes: readonly Pane[]): Pane[] => {
  const last = new Map<string, Pane>();
  for (const pane of panes)
    if (pane.pane.index >= (last.get(placeOf(pane))?.pane.index ?? 0)) last.set(placeOf(pane), pane);
  return [...last.values()];
};

/** What one side has and the other has not, or both where they are no lists. */
function difference(found: unknown, expected: unknown): string {
  if (!Array.isArray(found) || !Array.isArray(expected))
    return `${JSON.stringify(found)} where ${JSON.stringify(expected)} is right`;
  const without = (from: unknown[], other: unknown[]): unknown[] =>
    from.filter((one) => !other.some((another) => isDeepStrictEqual(one, another)));
  return `${found.length} where ${expected.length} are right; wrong ${JSON.stringify(without(found, expected))}, missing ${JSON.stringify(without(expected, found))}`;
}
