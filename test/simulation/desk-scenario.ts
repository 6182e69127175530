import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ChaosScenario, Outcome, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  count,
  dynamoTable,
  lake,
  minutes,
  pipeline,
  s3File,
  seconds,
  stream,
  sum,
  tumbling,
  view,
} from "../../shared/index.ts";

const Order = z.strictObject({
  id: z.string(),
  desk: z.string(),
  product: z.string(),
  currency: z.string(),
  at: z.int(),
});
type Order = z.infer<typeof Order>;

const Product = z.object({ sku: z.string(), price: z.int() });
const Rate = z.object({ currency: z.string(), from: z.int(), rate: z.int() });
const Desk = z.object({ desk: z.string(), floor: z.int() });

const orders = stream("orders", {
  schema: Order,
  time: "at",
  outOfOrder: seconds(30),
  key: "desk",
  partitions: 2,
});
const products = dynamoTable("products", {
  schema: Product,
  key: "sku",
  refresh: seconds(20),
  cacheChars: 300,
});
const rates = dynamoTable("rates", { schema: Rate, key: "currency", version: "from", refresh: minutes(2) });
const desks = s3File("desks", { schema: Desk, key: "desk", refresh: seconds(40) });

/** Lookups before and behind a shuffle, of rows, versions and a file; of prices that change and one that does not fit. */
const pricing = pipeline("pricing", (p) => {
  const priced = p
    .from(orders)
    .lookup(products, { id: "price", key: "product", as: "product" })
    .lookup(rates, { id: "rate", key: "currency", as: "rate", type: "left" });
  priced.to(lake("priced"));
  priced
    .keyBy((order) => order.desk)
    .window(tumbling(minutes(2)), { id: "takings", allowedLateness: minutes(1) })
    .aggregate({ orders: count(), amount: sum(({ product }) => product.price) })
    .lookup(desks, { id: "desk", key: "key", as: "desk", type: "left" })
    .to(view("takings", { key: ({ key }) => key, sort: ({ window }) => window.start }));
});

const app: Application = application("desk", { streams: [orders], pipelines: [pricing] });

const START = 1_704_067_200_000;
const SKUS = ["pen", "ink", "odd", "gone"];

function input(random: Random): Request[] {
  let n = 0;
  return Array.from({ length: 3 + random.below(4) }, () => ({
    stream: orders.id,
    events: Array.from({ length: 1 + random.below(4) }, (): Order => {
      n += 1;
      return {
        id: `order-${n}`,
        desk: `desk-${random.below(3)}`,
        product: random.pick(SKUS) ?? "",
        currency: random.oneOf("eur", "usd", "xxx"),
        at: START + seconds(40) * n - (random.chance(0.2) ? minutes(3) : 0),
      };
    }),
  }));
}

const RATES = [0, 90, 200].flatMap((from, i) => [
  { currency: "eur", from: START + seconds(from), rate: i },
  { currency: "usd", from: START + seconds(from + 30), rate: 10 + i },
]);
const DESKS = [0, 1].map((floor) => ({ desk: `desk-${floor}`, floor }));

/** A pen costs more and more, ink appears later, what is odd never fits, and what is gone is not there. */
const lookups = (): Record<string, unknown[][]> => ({
  products: [1, 2, 3].map((nth) => [
    { sku: "pen", price: nth },
    { sku: "odd", price: "dear" },
    ...(nth > 1 ? [{ sku: "ink", price: 100 + nth }] : []),
  ]),
  rates: [RATES],
  desks: [DESKS, DESKS],
});

type Priced = Omit<Order, "product"> & {
  readonly product: { sku: string; price: number };
  readonly rate: unknown;
};

/** Every order is priced, odd, or without a price; prices are ones that there were, rates those of its time. */
function check({ requests, lake, view, failed, counts }: Outcome): string[] {
  const wrong: string[] = [];
  const expect = (what: string, is: unknown, right: unknown): void => {
    if (!isDeepStrictEqual(is, right))
      wrong.push(`${what}: ${JSON.stringify(is)} where ${JSON.stringify(right)} is right`);
  };
  const sent = new Map(
    requests.flatMap(({ events }) => (events as Order[]).map((order) => [order.id, order])),
  );
  const priced = lake("priced") as Priced[];
  for (const { id, product, rate, currency, at } of priced) {
    const order = sent.get(id);
    expect(`product of ${id}`, product.sku, order?.product);
    const prices = product.sku === "pen" ? [1, 2, 3] : [102, 103];
    if (!prices.includes(product.price)) wrong.push(`order ${id} has the price ${product.price}`);
    const held = RATES.filter((one) => one.currency === currency && one.from <= at);
    expect(`rate of ${id}`, rate, held.toSorted((a, b) => b.from - a.from)[0] ?? null);
  }
  expect("orders priced twice", priced.length, new Set(priced.map(({ id }) => id)).size);
  const odd = [...sent.values()].filter(({ product }) => product === "odd");
  expect(
    "odd orders",
    failed().map(({ error }) => error.code),
    odd.map(() => "LOOKUP_ROW"),
  );
  const pens = [...sent.values()].filter(({ product }) => product === "pen");
  expect(
    "pens, which always have a price",
    priced.filter(({ product }) => product.sku === "pen").length,
    pens.length,
  );
  const unmatched = counts()["pricing.orders"]?.["unmatched"] ?? 0;
  expect("priced + odd + without a price", priced.length + odd.length + unmatched, sent.size);
  for (const { key, desk } of view("takings") as { key: string; desk: unknown }[])
    expect(`desk of ${key}`, desk, DESKS.find((one) => one.desk === key) ?? null);
  return wrong;
}

export const deskScenario: ChaosScenario = { app, input, lookups, check };
