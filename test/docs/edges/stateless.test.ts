import { expect, test } from "vitest";
import { count, hours, tumbling } from "../../../shared/index.ts";
import { failures, field, given, refusal, stagesOf } from "./given.ts";

const ONE_TO_THREE = [{ n: 1 }, { n: 2 }, { n: 3 }];

test("A filter keeps what is true to JavaScript.", async () => {
  const driver = await given([{ n: 0 }, { n: 2 }], (things) => ({
    kept: things.filter(({ n }) => n as unknown as boolean),
  }));
  expect(field(driver, "kept", "n")).toEqual([2]);
});

test("Time, key and id stay.", async () => {
  const driver = await given([{ id: "x", k: "b", at: -1 }], (things) => ({
    kept: things
      .flatMap(() => [{ k: "other", at: 5 }])
      .map(({ at }, { id, time, key }) => ({ at, id, time, key })),
  }));
  expect(driver.lake("kept")).toEqual([{ at: 5, id: "x", time: -1, key: "b" }]);
});

test("`map` may give anything, `null` and `undefined` too.", async () => {
  const driver = await given([{}], (things) => ({
    kept: things.map(() => undefined).map((value) => ({ was: String(value) })),
  }));
  expect(driver.lake("kept")).toEqual([{ was: "undefined" }]);
});

test("`flatMap` takes everything that can be iterated.", async () => {
  const driver = await given([{}], (things) => ({
    kept: things.flatMap(function* () {
      yield { n: 1 };
      yield { n: 2 };
    }),
    none: things.flatMap(() => new Set<{ n: number }>()),
    letters: things.flatMap(() => "ab").map((letter) => ({ letter })),
  }));
  expect(field(driver, "kept", "n")).toEqual([1, 2]);
  expect(driver.lake("none")).toEqual([]);
  expect(field(driver, "letters", "letter")).toEqual(["a", "b"]);
});

test("A `flatMap` that throws half-way gives none of its rows.", async () => {
  const driver = await given([{ n: 1 }], (things) => ({
    kept: things.flatMap(function* () {
      yield { n: 1 };
      throw new Error("no second one");
    }),
  }));
  expect(driver.lake("kept")).toEqual([]);
  expect(failures(driver)).toEqual(["flatMap-1 OPERATOR_FAILED"]);
});

test("Where a function throws, its event fails and no other.", async () => {
  const driver = await given(ONE_TO_THREE, (things) => ({
    kept: things.map(
      ({ n }) => {
        if (n === 2) throw new TypeError("not two");
        return { n };
      },
      { id: "odd" },
    ),
  }));
  expect(field(driver, "kept", "n")).toEqual([1, 3]);
  expect(driver.failed()).toMatchObject([
    {
      operator: "odd",
      payload: { n: 2 },
      error: { code: "OPERATOR_FAILED", name: "TypeError", message: "not two" },
    },
  ]);
});

test("A promise is a value like others.", async () => {
  const driver = await given(ONE_TO_THREE, (things) => ({
    kept: things.filter((async () => false) as unknown as () => boolean),
    promises: things.map(async ({ n }) => ({ n })),
  }));
  expect(field(driver, "kept", "n")).toEqual([1, 2, 3]);
  expect(driver.lake("promises")).toEqual([]);
  expect(new Set(driver.failed().map(({ error }) => error.code))).toEqual(new Set(["VALUE_UNSUPPORTED"]));
});

test("All branches are given the same object.", async () => {
  const driver = await given([{ n: 1 }], (things) => ({
    changed: things.map((thing) => Object.assign(thing, { n: 2 })),
    kept: things,
  }));
  expect(field(driver, "kept", "n")).toEqual([2]);
});

test("`select` leaves out what is not there.", async () => {
  const driver = await given([{ more: { a: [{ b: 1 }], c: null } }], (things) => {
    const loose = things as unknown as { select(...paths: string[]): typeof things };
    return { kept: loose.select("n", "more.c", "more.d", "more.a.b", "nothing") };
  });
  expect(driver.lake("kept")).toEqual([{ n: 1, more: { a: [{ b: 1 }], c: null } }]);
});

test("Late events pass like all others.", async () => {
  const driver = await given([{ at: 10 }, { at: 0 }], (things) => ({ kept: things }));
  expect(field(driver, "kept", "at")).toEqual([10, 0]);
});

test("They may come and go between deployments.", () => {
  const bare = stagesOf((things) => ({
    sums: things
      .keyBy("k")
      .window(tumbling(hours(1)), { id: "w" })
      .aggregate({ n: count() }),
  }));
  const filtered = stagesOf((things) => ({
    sums: things
      .filter(({ n }) => n > 0)
      .keyBy("k")
      .map(({ n }) => ({ n }))
      .window(tumbling(hours(1)), { id: "w" })
      .aggregate({ n: count() }),
  }));
  expect(filtered.map(({ fingerprint }) => fingerprint)).toEqual(bare.map(({ fingerprint }) => fingerprint));
});

test("What can do nothing is refused.", () => {
  const refused = (...paths: string[]): string =>
    refusal((things) => ({
      kept: (things as unknown as { select(...paths: string[]): typeof things }).select(...paths),
    }));
  expect([refused(), refused("__proto__"), refused("n")]).toEqual(["PLAN_OPTION", "PLAN_OPTION", "none"]);
  expect(refusal((things) => ({ kept: things.filter(() => true, { id: "no spaces" }) }))).toBe("PLAN_NAME");
});
