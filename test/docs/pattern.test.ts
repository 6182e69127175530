import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { application, days, lake, minutes, pattern, pipeline, stream } from "../../shared/index.ts";

const Payment = z.strictObject({
  id: z.string(),
  card: z.string(),
  shop: z.string(),
  amount: z.number(),
  state: z.enum(["authorized", "settled"]),
  at: z.int(),
});
type Payment = z.infer<typeof Payment>;

const payments = stream("payments", { schema: Payment, time: "at", key: "card", outOfOrder: minutes(5) });

const tested = pattern<Payment>()
  .begin("small", (p) => p.amount < 1)
  .oneOrMore()
  .followedBy("large", (p, { small }) => p.amount > 500 && p.shop !== small[0]?.shop)
  .within(minutes(10));

const unpaid = pattern<Payment>()
  .begin("authorized", (p) => p.state === "authorized")
  .notFollowedBy("settled", (p) => p.state === "settled")
  .within(days(1));

const fraud = pipeline("fraud", (p) => {
  const cards = p.from(payments).keyBy("card");
  const suspects = cards.match(tested, { id: "tested", skip: "skipPastLastEvent" });
  suspects.to(lake("suspects"));
  suspects.timeouts.to(lake("only_small"));
  cards.match(unpaid, { id: "unpaid" }).to(lake("unpaid"));
});

test("a card that is tested with small payments is a suspect, and what was never settled is told after a day", async () => {
  const driver = await TestDriver.create(application("bank", { streams: [payments], pipelines: [fraud] }));
  const start = 1_704_067_200_000;
  const payment = (id: string, card: string, minute: number, amount: number, state: Payment["state"]) => ({
    ...{ id, card, amount, state, shop: amount > 500 ? "jeweller" : "kiosk" },
    at: start + minutes(minute),
  });
  await driver.feed("payments", [
    payment("3", "a", 4, 900, "authorized"), // out of order
    payment("1", "a", 0, 0.5, "authorized"),
    payment("2", "a", 2, 0.2, "authorized"),
    payment("4", "b", 5, 0.1, "authorized"),
    payment("5", "a", 60, 900, "settled"),
  ]);
  await driver.end();
  const ids = (sink: string) =>
    (driver.lake(sink) as { match: Record<string, Payment[]> }[]).map(({ match }) =>
      Object.values(match)
        .flat()
        .map(({ id }) => id)
        .join(" "),
    );
  expect(ids("suspects")).toEqual(["1 2 3"]);
  expect(ids("only_small")).toEqual(["4"]);
  expect(ids("unpaid")).toEqual(["4"]);
});
