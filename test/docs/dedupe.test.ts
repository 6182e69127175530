import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import { application, days, lake, pipeline, stream } from "../../shared/index.ts";

const clicks = stream("clicks", {
  schema: z.strictObject({ id: z.string(), user: z.string(), at: z.int() }),
  time: "at",
  key: "user",
});

const counted = pipeline("counted", (p) => {
  const heard = p.from(clicks).dedupe({
    id: "once",
    by: "id",
    within: days(1),
    approximate: { errorRate: 0.001, capacity: 1_000_000 },
  });
  heard.to(lake("heard"));
});

test("an approximate dedupe drops repeats, and hardly anything else", async () => {
  const driver = await TestDriver.create(application("web", { streams: [clicks], pipelines: [counted] }));
  const sent = Array.from({ length: 5_000 }, (_, i) => ({
    id: `click-${i}`,
    user: `user-${i % 50}`,
    at: 1_704_067_200_000 + i,
  }));
  await driver.feed("clicks", sent);
  await driver.feed("clicks", sent);
  await driver.end();
  const heard = driver.lake("heard");
  expect(new Set(heard.map((row) => (row as { id: string }).id)).size).toBe(heard.length);
  expect(heard.length).toBeGreaterThan(5_000 * 0.998);
});
