import { expect, test } from "vitest";
import { changedNames, sameValue } from "../../../local/template/same-value.ts";

test.each<[string, unknown, unknown]>([
  ["a number and its text", 5, "5"],
  ["a truth and its text", true, "true"],
  ["objects whose members stand in another order", { a: 1, b: [2] }, { b: ["2"], a: "1" }],
  ["nothing and nothing", undefined, undefined],
])("%s are the same", (_, a, b) => {
  expect([sameValue(a, b), sameValue(b, a)]).toEqual([true, true]);
});

test.each<[string, unknown, unknown]>([
  ["lists in another order", [1, 2], [2, 1]],
  ["a list and a longer one", [1], [1, 2]],
  ["an empty list and nothing", [], undefined],
  ["a list and an object like it", ["a"], { 0: "a" }],
  ["an object and its text", {}, "[object Object]"],
  ["a member that is missing", { a: 1 }, {}],
  ["a text and nothing", "", undefined],
])("%s differ", (_, a, b) => {
  expect([sameValue(a, b), sameValue(b, a)]).toEqual([false, false]);
});

test("the names of changed members are those that differ, were added or are gone", () => {
  expect(changedNames({ same: 1, other: 1, gone: 1 }, { same: "1", other: 2, added: 1 })).toEqual([
    "other",
    "gone",
    "added",
  ]);
});
