import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { epochMs, lake, minutes, pipeline, stream, valueState } from "../../shared/index.ts";

const Order = z.strictObject({ order: z.string(), state: z.enum(["placed", "paid"]), at: z.int() });
const orders = stream("orders", { schema: Order, time: "at", key: "order" });

const reminders = pipeline("reminders", (p) => {
  p.from(orders)
    .keyBy("order")
    .process({
      id: "unpaid",
      state: { due: valueState<number>() },
      onEvent({ state: now }, { state, timers, processingTime }) {
        const due = state.due.get();
        if (due !== undefined) timers.cancelProcessingTime(epochMs(due));
        state.due.clear();
        if (now === "paid") return;
        state.due.set(processingTime + minutes(15));
        timers.atProcessingTime(epochMs(processingTime + minutes(15)));
      },
      onProcessingTimer: (_time, { key }) => [{ order: key, remind: true }],
    })
    .to(lake("reminders"));
});

test("an order that is not paid is reminded of by the clock, though nothing else happens in its stream", async () => {
  const driver = await TestDriver.create(reminders);
  await driver.feed("orders", [
    { order: "a", state: "placed", at: 1_704_067_200_000 },
    { order: "b", state: "placed", at: 1_704_067_200_000 },
  ]);
  await driver.advance(minutes(10));
  // its own time says that it is long ago: the clock does not mind
  await driver.feed("orders", [{ order: "b", state: "paid", at: 1_704_000_000_000 }]);
  expect(driver.lake("reminders")).toEqual([]);
  await driver.advance(minutes(6));
  expect(driver.lake("reminders")).toEqual([{ order: "a", remind: true }]);
  await driver.advance(minutes(60));
  expect(driver.lake("reminders")).toHaveLength(1);
});
