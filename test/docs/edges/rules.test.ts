import { expect, test } from "vitest";
import type { Flow } from "../../../shared/index.ts";
import { rules } from "../../../shared/rules.ts";
import { type Build, failures, field, given, type Thing } from "./given.ts";

type Ruled = Thing & { readonly when?: string; readonly extra?: unknown };

/** Events that have a text are rules, by their ids. */
const tried =
  (onError: "dead-letter" | "skip" = "dead-letter"): Build =>
  (things) => {
    const all = things as Flow<Ruled>;
    const control = all
      .filter((thing) => "when" in thing)
      .map(({ id, when = "" }) => ({ id, when }))
      .keyBy("id");
    return {
      kept: all
        .filter((thing) => !("when" in thing))
        .withBroadcast(control, rules({ id: "tried", when: "when", onError }))
        .map(({ rule, value }) => ({ is: `${rule} ${value.id}` })),
    };
  };

/** Which rules are true of events. */
const truths = async (
  when: string,
  ...events: readonly { readonly [field: string]: unknown }[]
): Promise<unknown[]> => field(await given([{ id: "r", when }, ...events], tried()), "kept", "is");

test("A rule that cannot be read fails alone, and the one before it stays in force.", async () => {
  const driver = await given(
    [
      { id: "a", when: "event.n > 1" },
      { id: "a", when: "event.n >" },
      { id: "b", when: "true" },
      { id: "x", n: 5 },
    ],
    tried(),
    { partitions: 4 },
  );
  expect(failures(driver)).toEqual(["tried RULE_INVALID"]);
  expect(driver.failed()[0]?.error.message).toMatch(/^rule "a", at 1:10: /);
  expect(field(driver, "kept", "is")).toEqual(["a x", "b x"]);
});

const UNSURE = [{ id: "a", when: "event.extra == 1" }, { id: "b", when: "true" }, { id: "x" }];

test("A rule that cannot say of an event whether it is true fails the event, and what other rules say is given.", async () => {
  const driver = await given(UNSURE, tried());
  expect(failures(driver)).toEqual(["tried RULE_FAILED"]);
  expect(field(driver, "kept", "is")).toEqual(["b x"]);
});

test("With `skip` such events are counted only.", async () => {
  const driver = await given(UNSURE, tried("skip"));
  expect(failures(driver)).toEqual([]);
  expect(driver.counts()["p.tried"]).toMatchObject({ skipped: 1, failed: 0 });
  expect(field(driver, "kept", "is")).toEqual(["b x"]);
});

test("What decides needs no more.", async () => {
  expect(await truths("event.extra == 1 || event.n == 1", { id: "x" })).toEqual(["r x"]);
  expect(await truths("!(event.extra == 1 && event.n == 2)", { id: "x" })).toEqual(["r x"]);
});

test("Numbers of events are doubles, as in JSON.", async () => {
  for (const when of ["event.n > 4", "event.n == 5", "event.n + 1.0 == 6.0", "int(event.n) % 2 == 1"])
    expect(await truths(when, { id: "x", n: 5 })).toEqual(["r x"]);
  const driver = await given(
    [
      { id: "r", when: "event.n + 1 == 6" },
      { id: "x", n: 5 },
    ],
    tried(),
  );
  expect(failures(driver)).toEqual(["tried RULE_FAILED"]);
});

test("A field that is not there is an error, one that is null is null.", async () => {
  expect(await truths("event.extra == null", { id: "x", extra: null })).toEqual(["r x"]);
  const driver = await given([{ id: "r", when: "event.constructor == null" }, { id: "x" }], tried());
  expect(failures(driver)).toEqual(["tried RULE_FAILED"]);
});

/** What becomes of a rule that comes as data. */
const taken = async (when: string) => failures(await given([{ id: "r", when }], tried()))[0] ?? "taken";
const INVALID = "tried RULE_INVALID";

test("A rule ends: its loops go over a list, and one within another over a part of the element at hand.", async () => {
  expect(await taken("event.items.exists(i, i.tags.exists(t, t == 'x'))")).toBe("taken");
  expect(await taken("event.items.exists(i, event.items.exists(t, t == i))")).toBe(INVALID);
  expect(await taken("event.k.matches('(a+)+b')")).toBe(INVALID);
});

test("A rule makes nothing large: there is no `map` and no `cel.bind`.", async () => {
  expect(await taken("event.items.filter(i, i > 1).size() == 2")).toBe("taken");
  expect(await taken("event.items.map(i, [i, i]).size() == 2")).toBe(INVALID);
  expect(await taken("cel.bind(x, [1, 1], x.size() == 2)")).toBe(INVALID);
});

test("A rule is the same on every machine: there is no clock, and no zone but UTC.", async () => {
  expect(await taken("time > timestamp('2024-01-01T00:00:00Z') && time.getHours() == 12")).toBe("taken");
  for (const when of [
    "time > now()",
    "time > timestamp('2024-01-01')",
    "time.getHours('Europe/Berlin') == 1",
  ])
    expect(await taken(when)).toBe(INVALID);
});

test("A rule has at most 4,000 characters, 300 parts, 40 levels, and 100 elements in a list or map of its own.", async () => {
  const whole = (chars: number) => `true${" ".repeat(chars - 4)}`;
  expect([await taken(whole(4_000)), await taken(whole(4_001))]).toEqual(["taken", INVALID]);
  const ors = (terms: number) => Array(terms).fill("true").join(" || ");
  expect([await taken(ors(140)), await taken(ors(160))]).toEqual(["taken", INVALID]);
  const nots = (levels: number) => `${"!(".repeat(levels)}true${")".repeat(levels)}`;
  expect([await taken(nots(38)), await taken(nots(42))]).toEqual(["taken", INVALID]);
  const list = (length: number) => `event.n in [${Array(length).fill(1).join()}]`;
  expect([await taken(list(100)), await taken(list(101))]).toEqual(["taken", INVALID]);
});
