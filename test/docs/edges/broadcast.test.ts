import { expect, test } from "vitest";
import { type Flow, MillraceError, minutes } from "../../../shared/index.ts";
import { Fold } from "../../../shared/operators/fold.ts";
import { type Build, failures, field, given, refusal, stagesOf, type Thing } from "./given.ts";

/** Events of `n` 10 and more are control, by their ids. */
const heard = <R>(
  things: Flow<Thing>,
  onEvent: (id: string, latest: ReadonlyMap<string, Thing>) => Iterable<R>,
) =>
  things
    .filter(({ n }) => n < 10)
    .withBroadcast(things.filter(({ n }) => n >= 10).keyBy("id"), {
      id: "b",
      prepare: (value) => {
        if (value.n === 13) throw new Error("thirteen");
        return value;
      },
      onEvent: ({ id }, latest) => onEvent(id, latest),
    });

const numbers = (things: Flow<Thing>): ReturnType<Build> => ({
  kept: heard(things, (id, latest) => [{ id, seen: [...latest.values()].map(({ n }) => n).join() }]),
});

test("Where `onEvent` throws, the event fails.", async () => {
  const driver = await given([{ id: "x" }], (things) => {
    const out = heard(things, () => {
      throw new Error("no");
    });
    return { out, failed: out.failed };
  });
  expect(failures(driver)).toEqual(["b OPERATOR_FAILED"]);
  expect(driver.lake("failed")).toMatchObject([{ payload: { id: "x" } }]);
});

test("A control value that cannot be prepared fails once, and the one before it stays in force.", async () => {
  const driver = await given([{ id: "c", n: 10 }, { id: "c", n: 13 }, { id: "x" }], numbers, {
    partitions: 4,
  });
  expect(failures(driver)).toEqual(["b OPERATOR_FAILED"]);
  expect(field(driver, "kept", "seen")).toEqual(["10"]);
});

test("A value in force that can be prepared no more fails events.", () => {
  const stage = stagesOf(numbers).find(({ id }) => id === "p.b");
  if (stage === undefined) throw new Error("no stage of its own");
  const fold = new Fold(stage, { codeVersion: "c" });
  fold.apply([["b", "put", "c", { n: 13 }]]);
  fold.resume(fold.sealed.time, fold.sealed.counts);
  for (const id of ["x", "y"]) fold.row(0, "a", fold.watermark, { id, n: 1 });
  expect(fold.outputs.failed.map(({ error }) => error.message)).toEqual(["thirteen", "thirteen"]);
});

test("Nobody can change a control value.", async () => {
  const driver = await given([{ id: "c", n: 10 }, { id: "x" }], (things) => ({
    out: heard(things, (_, latest) => {
      for (const value of latest.values()) Object.assign(value, { n: 11 });
      return [];
    }),
  }));
  expect(driver.failed()).toMatchObject([{ operator: "b", error: { name: "TypeError" } }]);
});

test("An error among the rows fails the event, and the other rows are given.", async () => {
  const driver = await given([{ id: "x" }], (things) => ({
    kept: heard(things, (id) => [
      { id: `${id}1` },
      new MillraceError("AGGREGATE_VALUE", "odd", { next: "dead-lettered" }),
      { id: `${id}2` },
    ]).map((row) => row),
  }));
  expect(field(driver, "kept", "id")).toEqual(["x1", "x2"]);
  expect(failures(driver)).toEqual(["b AGGREGATE_VALUE"]);
});

test("Rows of one call share the event's id.", () => {
  const once = { id: "once", within: minutes(1) };
  expect(refusal((things) => ({ out: heard(things, (id) => [{ id }]).dedupe(once) }))).toBe("PLAN_OPTION");
});
