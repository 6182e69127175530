import { expect, test } from "vitest";
import { hours, minutes } from "../../../shared/index.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, foldOf, given, NOON, refusal, stagesOf } from "./given.ts";

const HOUR = hours(1);
const once = (by: "n" | "k" | undefined = undefined, within = HOUR) => ({
  id: "once",
  ...(by ? { by } : {}),
  within,
});

test("The first in the log passes, whatever its time.", async () => {
  const driver = await given(
    [
      { id: "x", at: NOON, n: 1 },
      { id: "x", at: NOON - 5, n: 2 },
    ],
    (things) => ({
      kept: things.dedupe(once()),
    }),
  );
  expect(field(driver, "kept", "n")).toEqual([1]);
  expect(driver.counts()["p.things"]).toMatchObject({ duplicates: 1 });
});

const repeatedAt = async (at: number) => {
  const driver = await given([{ id: "x" }, { id: "other", at }, { id: "x", at }], (things) => ({
    kept: things.dedupe(once()),
  }));
  return driver.lake("kept").length === 3 ? "passes" : "dropped";
};

test("An id is remembered for `within` at least, and up to an eighth longer.", async () => {
  expect(await repeatedAt(NOON + HOUR)).toBe("dropped");
  expect(await repeatedAt(NOON + HOUR * 1.125)).toBe("passes");
});

test("What counts is the newest time that the partition had seen.", async () => {
  const driver = await given(
    [
      { id: "new", at: NOON + 10 * HOUR },
      { id: "x", at: NOON },
      { id: "y", at: NOON + 11 * HOUR },
      { id: "x", at: NOON },
    ],
    (things) => ({ kept: things.dedupe(once()) }),
  );
  expect(field(driver, "kept", "id")).toEqual(["new", "x", "y"]);
});

test("The string 1 and the number 1 are two ids.", async () => {
  const driver = await given([{ n: 1 }, { n: "1" }, { n: 1 }], (things) => ({
    kept: things.dedupe(once("n")),
  }));
  expect(field(driver, "kept", "n")).toEqual([1, "1"]);
});

test("What is no id fails.", async () => {
  const driver = await given([{ n: null }, { n: undefined }, { n: {} }], (things) => ({
    kept: things.dedupe({
      id: "once",
      by: "n",
      within: HOUR,
    }),
  }));
  expect(driver.lake("kept")).toEqual([]);
  expect(failures(driver)).toEqual(Array(3).fill("once KEY_TYPE"));
});

test("Ids are compared within a partition.", async () => {
  const sameId = Array.from("abcdefgh", (k) => ({ id: "x", k }));
  const kept = async (partitions: number) =>
    (await given(sameId, (things) => ({ kept: things.dedupe(once()) }), { partitions })).lake("kept").length;
  expect(await kept(1)).toBe(1);
  expect(await kept(8)).toBeGreaterThan(1);
});

test("An event that fails further on was there all the same.", async () => {
  const driver = await given([{ id: "x" }, { id: "x" }], (things) => ({
    kept: things.dedupe(once()).map(
      () => {
        throw new Error("no");
      },
      { id: "broken" },
    ) as never,
  }));
  expect(failures(driver)).toEqual(["broken OPERATOR_FAILED"]);
});

test("`within` may change from one deployment to the next.", () => {
  const fingerprint = (within: typeof HOUR) =>
    stagesOf((things) => ({ kept: things.dedupe(once(undefined, within)) }))[0]?.fingerprint;
  expect(fingerprint(minutes(5))).toBe(fingerprint(HOUR));
});

test("Ids outlive a crash: a repeat that comes after it is dropped.", async () => {
  const events = Array.from({ length: 40 }, (_, i) => ({ id: `x${(i * 7) % 15}`, n: i }));
  const build: Build = (things) => ({ kept: things.dedupe(once()) });
  const rows = await throughCrashes(events, build);
  expect(rows("kept")).toEqual((await given(events, build)).lake("kept"));
  expect(rows("kept")).toHaveLength(15);
});

test("Ids are forgotten with time, though nothing of theirs comes again.", () => {
  const kept = (ms: number) =>
    foldOf([{ id: "x" }, { id: "y" }, { id: "z", at: NOON + ms }], (things) => ({
      kept: things.dedupe(once()),
    })).size;
  expect([kept(HOUR), kept(HOUR * 1.125)]).toEqual([3, 1]);
});

test("Where no id can be known it is refused.", () => {
  expect(refusal((things) => ({ kept: things.flatMap((thing) => [thing]).dedupe(once()) }))).toBe(
    "PLAN_OPTION",
  );
  expect(refusal((things) => ({ kept: things.flatMap((thing) => [thing]).dedupe(once("n")) }))).toBe("none");
  expect(refusal((things) => ({ kept: things.dedupe({ ...once(), within: 0 as typeof HOUR }) }))).toBe(
    "PLAN_DURATION",
  );
  expect(refusal((things) => ({ kept: things.dedupe({ within: HOUR } as never) }))).toBe("PLAN_ID_MISSING");
});

const about = (errorRate: number, capacity: number): Build => {
  const options = { ...once(), approximate: { errorRate, capacity } };
  return (things) => ({ kept: things.dedupe(options) });
};

test("With `approximate` no repeat passes, and an id is remembered up to a quarter longer than `within`.", async () => {
  const kept = async (at: number) => {
    const driver = await given([{ id: "x" }, { id: "other", at }, { id: "x", at }], about(0.001, 1_000));
    return driver.lake("kept").length;
  };
  expect([await kept(NOON + HOUR), await kept(NOON + HOUR * 1.25)]).toEqual([2, 3]);
});

test("Of events that are no repeats at most `errorRate` are dropped, and counted as repeats.", async () => {
  const driver = await given([], about(0.05, 2_000), { end: false });
  const ids = Array.from({ length: 2_000 }, (_, i) => ({ id: `id ${i}`, k: "a", at: NOON, n: 1 }));
  await driver.feed("things", ids);
  const passed = driver.lake("kept").length;
  expect(passed).toBeGreaterThanOrEqual(2_000 * 0.95);
  // and some are, or the test would say nothing of them
  expect(passed).toBeLessThan(2_000);
  expect(driver.counts()["p.things"]).toMatchObject({ duplicates: 2_000 - passed });
});

test("Beyond `capacity` a new id fails, until older ones are forgotten.", async () => {
  const ids = ["a", "b", "c", "d", "e"].map((id) => ({ id }));
  const later = { id: "f", at: NOON + 2 * HOUR };
  const driver = await given([...ids, later, { ...later, id: "g" }], about(0.001, 4));
  // what moves time comes before it has moved
  expect(failures(driver)).toEqual(["once DEDUPE_FULL", "once DEDUPE_FULL"]);
  expect(field(driver, "kept", "id")).toEqual(["a", "b", "c", "d", "g"]);
});

test("The same events in the same order drop the same, on every machine and after a crash.", async () => {
  const events = Array.from({ length: 60 }, (_, i) => ({ id: `x${i}` }));
  const rows = await throughCrashes(events, about(0.9, 60));
  const kept = field(await given(events, about(0.9, 60)), "kept", "id");
  expect(rows("kept").map((row) => (row as { id: string }).id)).toEqual(kept);
  // whatever machine it is: the hash has no seed
  expect(kept.length).toBe(45);
});

test("Bounds that no filter keeps are refused; another `errorRate` or `capacity` is another state.", () => {
  expect(
    [about(0, 1_000), about(1, 1_000), about(0.01, 0), about(1e-9, 1e12)].map((build) => refusal(build)),
  ).toEqual(Array(4).fill("PLAN_OPTION"));
  const fingerprint = (build: Build) => stagesOf(build)[0]?.fingerprint;
  const all = [about(0.01, 1_000), about(0.02, 1_000), about(0.01, 9_000)];
  expect(new Set(all.map(fingerprint)).size).toBe(3);
});
