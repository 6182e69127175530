import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { application, hours, lake, minutes, pipeline, stream } from "../../shared/index.ts";

const readings = stream("readings", {
  schema: z.strictObject({ id: z.string(), room: z.string(), at: z.int() }),
  time: "at",
  key: "room",
});

const alerts = pipeline("alerts", (p) => {
  const rooms = p.from(readings).keyBy("room");
  const few = rooms.throttle({ id: "few", most: 2, per: minutes(10) });
  few.to(lake("alerts"));
  few.excess.to(lake("too_many"));
  rooms.debounce({ id: "settled", quiet: minutes(5) }).to(lake("settled"));
  rooms.sample({ id: "hourly", every: hours(1) }).to(lake("hourly"));
  rooms.batch({ id: "bulk", size: 3, within: minutes(30) }).to(lake("bulk"));
});

test("five readings in a room are paced in four ways", async () => {
  const driver = await TestDriver.create(application("house", { streams: [readings], pipelines: [alerts] }));
  const midnight = 1_704_067_200_000;
  const minutesOf: Record<string, number> = { a: 0, b: 1, c: 2, d: 20, e: 70 };
  await driver.feed(
    "readings",
    Object.entries(minutesOf).map(([id, minute]) => ({ id, room: "attic", at: midnight + minutes(minute) })),
  );
  await driver.end();
  const ids = (sink: string): string[] => (driver.lake(sink) as { id: string }[]).map(({ id }) => id);
  expect(ids("alerts")).toEqual(["a", "b", "d", "e"]);
  expect(ids("too_many")).toEqual(["c"]);
  expect(ids("settled")).toEqual(["c", "d", "e"]);
  expect(ids("hourly")).toEqual(["d", "e"]);
  const lists = driver.lake("bulk") as { values: { id: string }[] }[];
  expect(lists.map(({ values }) => values.map(({ id }) => id).join(""))).toEqual(["abc", "d", "e"]);
});
