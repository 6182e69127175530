import { expect, test } from "vitest";
import { hours, minutes } from "../../../shared/index.ts";
import { failures, field, given, NOON, refusal, stagesOf } from "./given.ts";

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
