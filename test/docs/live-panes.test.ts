import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { days, minutes, pipeline, seconds, stream, sum, tumbling, view } from "../../shared/index.ts";

const orders = stream("orders", {
  schema: z.strictObject({ shop: z.string(), euros: z.number(), at: z.int() }),
  time: "at",
  key: "shop",
});

const live = pipeline("live", (p) => {
  p.from(orders)
    .keyBy("shop")
    .window(tumbling(days(1)), {
      id: "today",
      trigger: { early: { processingTime: seconds(10) } },
    })
    .aggregate({ euros: sum("euros") })
    .to(view("today", { key: (r) => r.key, sort: (r) => r.window.start }));
});

test("a view shows what there is by the clock, though no event comes", async () => {
  const driver = await TestDriver.create(live);
  const shown = () =>
    driver
      .view<{ key: string; euros: number; pane: { index: number } }>("today")
      .map(({ key, euros, pane }) => `${key} ${euros} #${pane.index}`);
  const order = (shop: string, euros: number) =>
    driver.feed("orders", [{ shop, euros, at: 1_704_110_700_000 }]);
  await order("a", 10);
  await order("b", 20);
  expect(shown()).toEqual([]);
  await driver.advance(seconds(10));
  expect(shown()).toEqual(["a 10 #0", "b 20 #0"]);
  await order("a", 5);
  await driver.advance(minutes(1));
  expect(shown()).toEqual(["a 15 #1", "b 20 #0"]);
  await driver.advance(minutes(60));
  expect(shown()).toEqual(["a 15 #1", "b 20 #0"]);
});
