import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { application, type Flow, type Pipeline, pipeline, view } from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { crashed } from "./crashes.ts";
import { NOON, type Thing, thing, things } from "./given.ts";

type Fields = { readonly [field: string]: unknown };

/** Sends events one by one, and looks at the view "v" that they were written to. */
async function shown(events: readonly Fields[], build: (things: Flow<Thing>) => void): Promise<TestDriver> {
  const driver = await TestDriver.create(pipeline("p", (p) => build(p.from(things()))));
  for (const [i, event] of events.entries()) await driver.feed("things", [thing(`e${i}`, event)]);
  return driver;
}

const latest = view<Thing>("v", { key: ({ k }) => k });
const byN = view<Thing>("v", { key: ({ k }) => k, sort: ({ n }) => n });
const ns = (driver: TestDriver) => driver.view<Thing>("v").map(({ n }) => n);
const codes = (driver: TestDriver) => driver.failed().map(({ error }) => error.code);

test("The last row in the log counts, not the newest by event time.", async () => {
  const driver = await shown(
    [
      { n: 1, at: NOON + 5 },
      { n: 2, at: NOON },
    ],
    (things) => things.to(latest),
  );
  expect(ns(driver)).toEqual([2]);
});

test("Without `sort` there is one row per key.", async () => {
  const driver = await shown([{ n: 1 }, { n: 2 }, { k: "b", n: 3 }], (things) => things.to(latest));
  expect(ns(driver)).toEqual([2, 3]);
});

test("Rows of a key are in the order of their sort: numbers by value, then strings.", async () => {
  const driver = await shown([{ n: 10 }, { n: "9" }, { n: 9 }, { n: "10" }, { n: -1 }], (things) =>
    things.to(byN),
  );
  expect(ns(driver)).toEqual([-1, 9, 10, "10", "9"]);
});

test("5 and the string 5 are two keys, and two sort values.", async () => {
  const driver = await shown([{ n: 5 }, { n: "5" }], (things) =>
    things.to(view<Thing>("v", { key: ({ n }) => n, sort: ({ n }) => n })),
  );
  expect(ns(driver)).toEqual([5, "5"]);
});

test("A key or sort that is neither fails its row.", async () => {
  const driver = await shown([{ n: null }, { n: undefined }, { n: {} }, { n: 1 }], (things) =>
    things.to(byN),
  );
  expect(codes(driver)).toEqual(Array(3).fill("KEY_TYPE"));
  expect(ns(driver)).toEqual([1]);
});

test("A key beyond 1,900 bytes, a sort beyond 1,000 or a row beyond 120,000 characters fails its row.", async () => {
  const failed = async (event: Fields, sink = latest) =>
    codes(await shown([event], (things) => things.to(sink)));
  const mapped = async (event: Fields) =>
    codes(await shown([event], (t) => t.to(view<Thing>("v", { key: ({ n }) => n }))));
  expect(await mapped({ n: "x".repeat(1_890) })).toEqual([]);
  expect(await mapped({ n: "x".repeat(1_900) })).toEqual(["VIEW_TOO_LARGE"]);
  expect(await failed({ n: "x".repeat(990) }, byN)).toEqual([]);
  expect(await failed({ n: "x".repeat(1_000) }, byN)).toEqual(["VIEW_TOO_LARGE"]);
  expect(await failed({ n: "x".repeat(119_000) })).toEqual([]);
  expect(await failed({ n: "x".repeat(120_000) })).toEqual(["VIEW_TOO_LARGE"]);
});

test("A row whose `pane.timing` is `retracted` deletes.", async () => {
  const driver = await shown([{ n: 1 }, { n: 1, pane: { timing: "retracted" } }], (things) => things.to(byN));
  expect(ns(driver)).toEqual([]);
});

const stages = (build: (things: Flow<Thing>) => void): number => {
  const source = things();
  const built: Pipeline = pipeline("p", (p) => build(p.from(source)));
  return planApplication(application("a", { streams: [source], pipelines: [built] })).stages.size;
};

test("A key function that reads the stage's key and nothing else costs no shuffle.", () => {
  expect(stages((things) => things.to(view("v", { key: ({ k }) => k })))).toBe(1);
  expect(stages((things) => things.to(view("v", { key: ({ k }) => `${k}` })))).toBe(2);
  expect(stages((things) => things.map((t) => t).to(view("v", { key: ({ k }) => k })))).toBe(2);
});

test("A view has one writer.", () => {
  const write = () =>
    stages((things) => {
      things.to(latest);
      things.filter(({ n }) => n > 1).to(latest);
    });
  expect(write).toThrow(expect.objectContaining({ code: "PLAN_ID_DUPLICATE" }));
});

test("After a crash, too, the last row counts: a repeat changes nothing, and an older row covers no newer one.", async () => {
  const source = things();
  const built = pipeline("p", (p) => {
    const all = p.from(source).keyBy("k");
    all.to(latest);
    // every third row deletes the one before
    all
      .map((thing) => (thing.n % 3 === 0 ? { ...thing, pane: { timing: "retracted" } } : thing))
      .to(view("w", { key: ({ k }) => k }));
  });
  const events = Array.from({ length: 41 }, (_, n) => ({ n, k: n % 2 === 0 ? "a" : "b" }));
  const { view: rows } = await crashed(
    application("test", { streams: [source], pipelines: [built] }),
    events,
  );
  expect(rows("v")).toMatchObject([{ n: 40 }, { n: 39 }]);
  expect(rows("w")).toMatchObject([{ n: 40 }]);
});
