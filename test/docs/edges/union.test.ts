import { expect, test } from "vitest";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  application,
  count,
  days,
  type Flow,
  lake,
  type Pipeline,
  pipeline,
  seconds,
  stream,
  trusted,
  tumbling,
} from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { field, given, NOON, type Thing, things } from "./given.ts";

const others = stream("others", { schema: trusted<Thing>(), time: "at", key: "k", partitions: 1 });
const thing = { id: "1", k: "a", n: 1 };

test("Nothing is compared.", async () => {
  const driver = await given([{ n: 1 }, { n: 2 }], (things) => ({
    twice: things.union(things),
    some: things.union(things.filter(({ n }) => n > 1)),
  }));
  expect(field(driver, "twice", "n")).toEqual([1, 1, 2, 2]);
  expect(field(driver, "some", "n")).toEqual([1, 2, 2]);
});

test("Branches of one flow stay in its order.", async () => {
  const driver = await given([{ n: 1 }, { n: 2 }], (things) => ({
    all: things.filter(({ n }) => n === 2).union(things.filter(({ n }) => n === 1)),
  }));
  expect(field(driver, "all", "n")).toEqual([1, 2]);
});

const both = pipeline("both", (p) => {
  const all = p.from(things()).keyBy("k").union(p.from(others).keyBy("k"));
  const counts = all.window(tumbling(seconds(1)), { id: "w" }).aggregate({ n: count() });
  counts.map(({ n, window }) => ({ n, from: window.start - NOON })).to(lake("counts"));
  counts.late.map(({ id }) => ({ id })).to(lake("late"));
});

test("Flows of two streams stay apart until something behind them keeps state.", () => {
  const stages = (build: (all: Flow<Thing>) => Flow<Thing>): string[] => {
    const source = things();
    const united = pipeline("p", (p) => build(p.from(source).union(p.from(others))).to(lake("out")));
    return [
      ...planApplication(application("a", { streams: [source, others], pipelines: [united] })).stages.keys(),
    ].sort();
  };
  expect(stages((all) => all.map((one) => one))).toEqual(["p.lake-out", "p.others", "p.things"]);
  expect(stages((all) => all.dedupe({ id: "once", by: "id", within: days(1) }))).toEqual([
    ...["p.lake-out", "p.once", "p.others", "p.things"],
  ]);
});

test("The slowest flow decides what is late.", async () => {
  const driver = await TestDriver.create(both);
  await driver.feed("others", [{ ...thing, at: NOON }]);
  await driver.feed("things", [{ ...thing, at: NOON + 5_000 }]);
  await driver.feed("others", [{ ...thing, at: NOON + 10 }]);
  expect(driver.lake("counts")).toEqual([]);
  await driver.feed("others", [{ ...thing, at: NOON + 1_000 }]);
  await driver.feed("things", [{ ...thing, id: "behind", at: NOON + 999 }]);
  expect(driver.lake("counts")).toEqual([{ n: 2, from: 0 }]);
  expect(driver.lake("late")).toEqual([{ id: "behind" }]);
});

test("A flow without events holds the windows of all.", async () => {
  const driver = await TestDriver.create(both);
  await driver.feed("things", [
    { ...thing, at: NOON },
    { ...thing, at: NOON + 60_000 },
  ]);
  expect(driver.lake("counts")).toEqual([]);
  await driver.end();
  expect(driver.lake("counts")).toHaveLength(2);
});

const onceOf = (...from: readonly ["things" | "others", ...("things" | "others")[]]): Pipeline =>
  pipeline("p", (p) => {
    const flow = (name: "things" | "others"): Flow<Thing> => p.from(name === "things" ? things() : others);
    const [first, ...rest] = from;
    flow(first)
      .union(...rest.map(flow))
      .dedupe({ id: "once", within: days(1) })
      .to(lake("kept"));
  });

test("Streams are numbered apart: ids of two of them are not compared unless they are named.", async () => {
  await expect(TestDriver.create(onceOf("things", "others"))).rejects.toThrow("name the id with `by`");
});

test("A flow of another pipeline is refused.", () => {
  let other: Flow<Thing> | undefined;
  pipeline("one", (p) => {
    other = p.from(others);
  });
  const unite = () => pipeline("two", (p) => p.from(others).union(other as Flow<Thing>));
  expect(unite).toThrow(expect.objectContaining({ code: "PLAN_OTHER_PIPELINE" }));
});
