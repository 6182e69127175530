import { expect, test } from "vitest";
import * as z from "zod";
import {
  application,
  count,
  type Flow,
  hours,
  type KeyedFlow,
  lake,
  pipeline,
  stream,
  tumbling,
} from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { type Build, failures, given, stagesOf, type Thing } from "./given.ts";

/** Counts by what `n` is, whatever that may be. */
const countsByN: Build = (things) => ({
  counts: things
    .keyBy("n")
    .window(tumbling(hours(1)), { id: "w" })
    .aggregate({ things: count() })
    .map(({ key, things: n }) => ({ key, n })),
});

test("5 is not the string 5.", async () => {
  const driver = await given([{ n: 5 }, { n: "5" }], countsByN);
  expect(driver.lake("counts")).toEqual([
    { key: 5, n: 1 },
    { key: "5", n: 1 },
  ]);
});

test("Every string and every number is a key.", async () => {
  const driver = await given(
    [{ n: "" }, { n: 0 }, { n: -0 }, { n: Number.NaN }, { n: Number.NaN }],
    countsByN,
  );
  expect(driver.lake("counts")).toEqual([
    { key: 0, n: 2 },
    { key: Number.NaN, n: 2 },
    { key: "", n: 1 },
  ]);
});

test("Anything else fails.", async () => {
  const driver = await given(
    [{ n: null }, { n: undefined }, { n: true }, { n: {} }, { n: 1n }],
    (things) => ({
      kept: things.keyBy("n", { id: "by" }),
    }),
  );
  expect(driver.lake("kept")).toEqual([]);
  expect(failures(driver)).toEqual(Array(5).fill("by KEY_TYPE"));
});

test("A field that the schema does not make a key is refused before anything runs.", () => {
  const flags = stream("flags", { schema: z.strictObject({ k: z.string(), on: z.boolean() }), key: "k" });
  const keyed = pipeline("p", (p) =>
    p
      .from(flags)
      .keyBy("on" as "k")
      .to(lake("kept")),
  );
  const plan = () => planApplication(application("test", { streams: [flags], pipelines: [keyed] }));
  expect(plan).toThrow(expect.objectContaining({ code: "PLAN_KEY_TYPE" }));
});

test("The last key counts, until another is taken.", async () => {
  const driver = await given([{ n: 7 }], (things) => ({
    kept: things
      .keyBy(() => "x")
      .keyBy("n")
      .map(() => ({ other: 1 }))
      .map((_, { key }) => ({ key })),
  }));
  expect(driver.lake("kept")).toEqual([{ key: 7 }]);
});

const stages = (flow: (things: Flow<Thing>) => KeyedFlow<string, Thing>): number =>
  stagesOf((things) => ({
    counts: flow(things)
      .window(tumbling(hours(1)), { id: "w" })
      .aggregate({ n: count() }),
  })).length;

test("Only the stream's own key costs no shuffle, and only by its name.", () => {
  expect(stages((things) => things.keyBy("k"))).toBe(1);
  expect(stages((things) => things.keyBy(({ k }) => k))).toBe(2);
});

test("Behind a `map` nobody knows that a field is still the key.", () => {
  expect(stages((things) => things.filter(() => true).keyBy("k"))).toBe(1);
  expect(stages((things) => things.map((thing) => thing).keyBy("k"))).toBe(2);
  expect(stages((things) => things.keyBy("k").map((thing) => thing))).toBe(1);
});

test("A key that nothing needs costs nothing.", () => {
  expect(stagesOf((things) => ({ kept: things.keyBy("n") }))).toHaveLength(1);
});
