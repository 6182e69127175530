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
  seconds,
  stream,
  sum,
  tumbling,
  view,
} from "../../shared/index.ts";

type Sale = {
  readonly id: string;
  readonly till: string;
  readonly shop: string;
  readonly time: number;
  readonly amount: number;
};

const Sale: z.ZodType<Sale> = z.strictObject({
  id: z.string(),
  till: z.string(),
  shop: z.string(),
  time: z.int(),
  amount: z.int(),
});

const sales = stream("sales", {
  schema: Sale,
  time: "time",
  outOfOrder: seconds(30),
  key: "till",
  partitions: 2,
});

const WINDOW = minutes(2);

/** What a sale costs less; most have none. */
const vouchers = dynamoTable("vouchers", {
  schema: z.object({ sale: z.string(), off: z.int() }),
  key: "sale",
  refresh: minutes(1),
});
const OFF = 7;
const hasVoucher = (n: number): boolean => n % 2 === 0;

/** As small as an application can be that has a shuffle, a view, a lake table, a lookup, late events and failed ones. */
const takings = pipeline("takings", (p) => {
  const perShop = p
    .from(sales)
    .map((sale) => {
      if (sale.amount === 0) throw new RangeError(`sale ${sale.id} is worth nothing`);
      return sale;
    })
    .lookup(vouchers, { id: "voucher", key: "id", as: "voucher", type: "left" })
    .map(({ voucher, ...sale }) => ({ ...sale, amount: sale.amount - (voucher?.off ?? 0) }))
    .keyBy("shop")
    .window(tumbling(WINDOW), { id: "per-shop", allowedLateness: minutes(1) })
    .aggregate({ sales: count(), amount: sum("amount") });
  perShop.to(view("takings", { key: (r) => r.key, sort: (r) => r.window.start }));
  perShop.late.to(lake("late_sales"));
});

const app: Application = application("tills", { streams: [sales], pipelines: [takings] });

const START = 1_704_067_200_000;

function input(random: Random): Request[] {
  let n = 0;
  return Array.from({ length: 2 + random.below(3) }, () => ({
    stream: sales.id,
    events: Array.from({ length: 1 + random.below(3) }, (): Sale => {
      n += 1;
      return {
        id: `sale-${n}`,
        till: `till-${random.below(4)}`,
        shop: `shop-${random.below(2)}`,
        time: START + seconds(40) * n - (random.chance(0.15) ? minutes(8) : 0),
        amount: random.chance(0.1) ? 0 : 1 + random.below(100),
      };
    }),
  }));
}

/** No run has as many sales. */
const MOST = 20;
const VOUCHERS = Array.from({ length: MOST }, (_, i) => i + 1)
  .filter(hasVoucher)
  .map((n) => ({ sale: `sale-${n}`, off: OFF }));

type Taking = {
  readonly key: string;
  readonly window: { readonly start: number };
  readonly sales: number;
  readonly amount: number;
};

/** Input = output + late + failed, to the row. */
function check({ requests, view, lake, failed, counts }: Outcome): string[] {
  const sent = requests.flatMap(({ events }) => events as Sale[]);
  const late = lake("late_sales") as Sale[];
  const lateIds = new Set(late.map(({ id }) => id));
  const expected = new Map<string, [sales: number, amount: number]>();
  for (const { id, shop, time, amount } of sent) {
    if (amount === 0 || lateIds.has(id)) continue;
    const place = `${shop} ${time - (time % WINDOW)}`;
    const [n, total] = expected.get(place) ?? [0, 0];
    const off = hasVoucher(Number(id.slice("sale-".length))) ? OFF : 0;
    expected.set(place, [n + 1, total + amount - off]);
  }
  const found = new Map(
    (view("takings") as Taking[]).map((row) => [`${row.key} ${row.window.start}`, [row.sales, row.amount]]),
  );
  const wrong: string[] = [];
  const expect = (what: string, is: unknown, right: unknown): void => {
    if (!isDeepStrictEqual(is, right))
      wrong.push(`${what}: ${JSON.stringify(is)} where ${JSON.stringify(right)} is right`);
  };
  expect("takings", [...found].sort(), [...expected].sort());
  expect("late sales, each once", late.length, lateIds.size);
  expect(
    "sales worth nothing",
    failed()
      .map(({ payload }) => (payload as Sale).id)
      .sort(),
    sent
      .filter(({ amount }) => amount === 0)
      .map(({ id }) => id)
      .sort(),
  );
  const [first, second] = [counts()["takings.sales"], counts()["takings.per-shop"]];
  const rows = [...found.values()].reduce((n, [sold = 0]) => n + sold, 0);
  expect("input = output + late + failed", sent.length, rows + late.length + failed().length);
  expect("what was counted", first?.["input"] ?? 0, (second?.["input"] ?? 0) + failed().length);
  return wrong;
}

export const tillsScenario: ChaosScenario = {
  app,
  input,
  lookups: () => ({ vouchers: [VOUCHERS] }),
  check,
};
