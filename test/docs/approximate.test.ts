import { expect, test } from "vitest";
import * as z from "zod";
import { TestDriver } from "../../local/simulator/test-driver.ts";
import {
  application,
  approxQuantile,
  type CountMinSketch,
  countDistinct,
  countMin,
  days,
  frequencyIn,
  pipeline,
  stream,
  topK,
  tumbling,
  view,
} from "../../shared/index.ts";

const visits = stream("visits", {
  schema: z.strictObject({
    site: z.string(),
    user: z.string(),
    page: z.string(),
    ms: z.number(),
    at: z.int(),
  }),
  time: "at",
  key: "site",
});

const traffic = pipeline("traffic", (p) => {
  p.from(visits)
    .keyBy("site")
    .window(tumbling(days(1)), { id: "daily" })
    .aggregate({
      users: countDistinct("user", { standardError: 0.02 }),
      p99: approxQuantile(0.99, "ms", { relativeError: 0.01 }),
      pages: topK(3, "page", { capacity: 50 }),
      asked: countMin("page", { error: 0.01, confidence: 0.99 }),
    })
    .to(view("traffic", { key: (r) => r.key, sort: (r) => r.window.start }));
});

test("sketches tell of a day's visits about what they were", async () => {
  const driver = await TestDriver.create(application("web", { streams: [visits], pipelines: [traffic] }));
  const day = Array.from({ length: 5_000 }, (_, i) => ({
    ...{ site: "s", user: `user-${i % 1_000}`, page: i % 2 === 0 ? "/" : `/page-${i % 200}` },
    ...{ ms: i % 100, at: 1_704_067_200_000 + i },
  }));
  await driver.feed("visits", day);
  await driver.end();
  const [row] = driver.view("traffic") as [
    { users: number; p99: number; pages: { value: string; count: number }[]; asked: CountMinSketch },
  ];
  expect(row.users / 1_000).toBeCloseTo(1, 1);
  expect(row.p99 / 98).toBeCloseTo(1, 1);
  expect(row.pages[0]?.value).toBe("/");
  expect(row.pages[0]?.count).toBe(2_500);
  expect(frequencyIn(row.asked, "/page-1")).toBeGreaterThanOrEqual(25);
  expect(frequencyIn(row.asked, "/page-1")).toBeLessThan(25 + 0.01 * 5_000);
});
