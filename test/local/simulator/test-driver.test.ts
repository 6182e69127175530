import { expect, test } from "vitest";
import { z } from "zod";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  type Application,
  application,
  count,
  lake,
  minutes,
  pipeline,
  seconds,
  stream,
  sum,
  tumbling,
  view,
} from "../../../shared/index.ts";

const Order = z.strictObject({ id: z.string(), shop: z.string(), time: z.int(), amount: z.number() });
const orders = stream("orders", {
  schema: Order,
  time: "time",
  outOfOrder: seconds(10),
  key: "id",
  partitions: 2,
  idle: { threshold: minutes(2), incrementBy: minutes(1), initSourceDelay: minutes(2) },
});
const totals = pipeline("totals", (p) => {
  const perShop = p
    .from(orders)
    .map((order) => {
      if (order.amount < 0) throw new RangeError("a negative amount");
      return order;
    })
    .keyBy("shop")
    .window(tumbling(minutes(1)), { id: "per-shop" })
    .aggregate({ orders: count(), amount: sum("amount") });
  perShop.to(view("totals", { key: (r) => r.key, sort: (r) => r.window.start }));
  perShop.late.to(lake("late_orders"));
});
const shop: Application = application("shop", { streams: [orders], pipelines: [totals] });

const START = 1_704_067_200_000;
const order = (id: string, second: number, amount = 1): unknown => ({
  id,
  shop: "a",
  time: START + second * 1_000,
  amount,
});

test("a window's result is there once its stream has ended", async () => {
  const driver = await TestDriver.create(shop);
  await driver.feed("orders", [order("1", 0), order("2", 30, 2), order("3", 61)]);
  expect(driver.view("totals")).toEqual([]);
  await driver.end();
  expect(driver.view("totals")).toMatchObject([
    { key: "a", orders: 2, amount: 3, window: { start: START, end: START + 60_000 } },
    { key: "a", orders: 1, amount: 1 },
  ]);
  // also where the first two, of one commit and window, come as one row
  expect(driver.counts()["totals.per-shop"]).toMatchObject({ input: 3, windows: 2, late: 0 });
});

test("time that passes closes windows where a stream says how to be idle", async () => {
  const driver = await TestDriver.create(shop);
  await driver.feed("orders", [order("1", 0)]);
  await driver.advance(minutes(10));
  expect(driver.view("totals")).toMatchObject([{ orders: 1 }]);
});

test("what comes after the end is late, and no event is lost", async () => {
  const driver = await TestDriver.create(shop);
  await driver.end();
  await driver.feed("orders", [order("1", 0)]);
  expect(driver.lake("late_orders")).toEqual([order("1", 0)]);
});

test("an event on which an operator throws is a failed event", async () => {
  const driver = await TestDriver.create(shop);
  await driver.feed("orders", [order("1", 0, -1), order("2", 0)]);
  await driver.end();
  expect(driver.failed()).toMatchObject([
    { payload: order("1", 0, -1), operator: "map-1", error: { message: "a negative amount" } },
  ]);
  expect(driver.view("totals")).toMatchObject([{ orders: 1 }]);
});

test("events that ingest would refuse are named by their place, and the others are taken", async () => {
  const driver = await TestDriver.create(shop);
  const rejected = await driver.feed("orders", [order("1", 0), { id: "2" }, order("3", 0)]);
  expect(rejected).toMatchObject([{ index: 1, code: "EVENT_SCHEMA" }]);
  await driver.end();
  expect(driver.view("totals")).toMatchObject([{ orders: 2 }]);
});

test("an operator that halts stops the test with its error", async () => {
  const strict = pipeline("strict", (p) => {
    p.from(orders)
      .map(
        () => {
          throw new RangeError("no");
        },
        { onError: "halt" },
      )
      .to(lake("strict"));
  });
  const driver = await TestDriver.create(strict);
  await expect(driver.feed("orders", [order("1", 0)])).rejects.toMatchObject({ code: "OPERATOR_HALTED" });
});

test("a stream, view or lake table that is not there is refused by name", async () => {
  const driver = await TestDriver.create(shop);
  await expect(driver.feed("order", [])).rejects.toMatchObject({ code: "STREAM_UNKNOWN" });
  expect(() => driver.view("total")).toThrow('view "total"');
  expect(() => driver.lake("totals")).toThrow('lake "totals"');
});
