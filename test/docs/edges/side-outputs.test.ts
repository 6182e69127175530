import { expect, test } from "vitest";
import { count, type Flow, seconds, tumbling } from "../../../shared/index.ts";
import { type Build, failures, field, given, NOON, panes, refusal, type Thing } from "./given.ts";

const at = (...times: number[]) => times.map((ms) => ({ at: NOON + ms }));
const counted = (things: Flow<Thing>) =>
  things
    .keyBy("k")
    .window(tumbling(seconds(1)), { id: "w" })
    .aggregate({ n: count() });

test("A late event is itself, with its own time, key and id.", async () => {
  const driver = await given(at(0, 1_000, 999), (things) => {
    const counts = counted(things);
    return { counts, late: counts.late.map((thing, { id, time, key }) => ({ thing, id, time, key })) };
  });
  const thing = { id: "e2", k: "a", at: NOON + 999, n: 1 };
  expect(driver.lake("late")).toEqual([{ thing, id: "e2", time: NOON + 999, key: "a" }]);
});

test("Late events are counted whether or not anybody takes them.", async () => {
  const driver = await given(at(0, 1_000, 999), (things) => ({ counts: counted(things) }));
  expect(driver.counts()["p.things"]).toMatchObject({ late: 1 });
});

test("Behind `late` the watermark is the same: a window of the same size finds them late again, a longer one may not.", async () => {
  const driver = await given(at(0, 1_000, 999), (things) => {
    const { late } = counted(things);
    const again = late.window(tumbling(seconds(1)), { id: "again" }).aggregate({ n: count() });
    const longer = late.window(tumbling(seconds(10)), { id: "longer" }).aggregate({ n: count() });
    return { again, longer };
  });
  expect(panes(driver, "again", "n")).toEqual([]);
  expect(panes(driver, "longer", "n")).toEqual(["0..10000 0 on-time 1"]);
});

const notTwo = (thing: Thing): Thing => {
  if (thing.n === 2) throw new Error("not two");
  return thing;
};
const guarded =
  (onError?: "dead-letter" | "skip" | "halt"): Build =>
  (things) => {
    const mapped = things.map(notTwo, { id: "checked", ...(onError ? { onError } : {}) });
    return { kept: mapped, failed: mapped.failed };
  };

test("A failed event is stored and given to `.failed`, and the others go on.", async () => {
  const driver = await given([{ n: 1 }, { n: 2 }, { n: 3 }], guarded());
  expect(field(driver, "kept", "n")).toEqual([1, 3]);
  expect(driver.lake("failed")).toEqual(driver.failed());
  expect(driver.failed()).toMatchObject([
    {
      payload: { n: 2 },
      error: { code: "OPERATOR_FAILED", name: "Error", message: "not two" },
      ...{ pipeline: "p", stage: "p.things", operator: "checked", id: "e1", time: NOON },
    },
  ]);
});

test("With `skip` it is counted, and neither stored nor given.", async () => {
  const driver = await given([{ n: 1 }, { n: 2 }, { n: 3 }], guarded("skip"));
  expect(field(driver, "kept", "n")).toEqual([1, 3]);
  expect(driver.lake("failed")).toEqual([]);
  expect(driver.failed()).toEqual([]);
  expect(driver.counts()["p.things"]).toMatchObject({ skipped: 1, failed: 0 });
});

test("With `halt` nothing goes on.", async () => {
  const halted = given([{ n: 1 }, { n: 2 }, { n: 3 }], guarded("halt"));
  await expect(halted).rejects.toMatchObject({ code: "OPERATOR_HALTED", next: "halted" });
});

test("What is thrown need not be an error.", async () => {
  const driver = await given([{}], (things) => ({
    kept: things.filter(() => {
      throw "a string";
    }),
  }));
  expect(driver.failed()).toMatchObject([{ error: { name: "string", message: "a string" } }]);
});

test("What a function changed before it threw is changed in the payload.", async () => {
  const driver = await given([{ n: 2 }], (things) => ({
    kept: things.map((thing) => notTwo(Object.assign(thing, { changed: true }))),
  }));
  expect(driver.failed()).toMatchObject([{ payload: { n: 2, changed: true } }]);
});

test("Where an operator behind `.failed` throws, that makes a second failed event, of the first.", async () => {
  const driver = await given([{ n: 2 }], (things) => {
    const { failed } = things.map(notTwo, { id: "first" });
    const second = failed.map(
      (): Thing => {
        throw new Error("nor this");
      },
      { id: "second" },
    );
    return { second };
  });
  expect(failures(driver)).toEqual(["first OPERATOR_FAILED", "second OPERATOR_FAILED"]);
  expect(driver.failed()[1]).toMatchObject({ payload: { operator: "first", payload: { n: 2 } } });
});

test("A row that finds no way to its sink names the sink.", async () => {
  const driver = await given([{ n: 1 }], (things) => ({
    rows: things.map(() => ({ n: () => 1 })),
  }));
  expect(failures(driver)).toEqual(["lake-rows VALUE_UNSUPPORTED"]);
});

test("`.failed` is an ordinary flow.", async () => {
  const driver = await given([{ n: 2 }, { n: 2 }], (things) => ({
    counts: things
      .map(notTwo, { id: "checked" })
      .failed.keyBy("operator")
      .window(tumbling(seconds(1)), { id: "w" })
      .aggregate({ n: count() }),
  }));
  expect(driver.lake("counts")).toMatchObject([{ key: "checked", n: 2 }]);
});

test("A stream has no failed events of its own to give.", () => {
  expect(refusal((things) => ({ kept: things.failed }))).toBe("PLAN_UNREACHED");
});
