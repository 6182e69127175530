import { expect, test } from "vitest";
import { storedByKey } from "../../../shared/protocol/lookup/stored-rows.ts";
import { linesOf, tableOf } from "./tables.ts";

test("without versions the last line of a key is its row", () => {
  const lines = [{ k: "a", v: 1 }, { k: "b" }, { k: "a", v: 2 }];
  const { stored, astray } = storedByKey(tableOf(), linesOf(lines));
  expect([...stored]).toEqual([
    ["a", [{ line: 3, value: lines[2] }]],
    ["b", [{ line: 2, value: lines[1] }]],
  ]);
  expect(astray).toBeUndefined();
});

test("with versions a key has all its lines, in their order", () => {
  const lines = [{ k: "a", v: 2 }, { k: "b" }, { k: "a", v: 1 }, { k: "a", v: 2, again: true }];
  const { stored } = storedByKey(tableOf({ version: "v" }), linesOf(lines));
  const at = (...numbers: number[]) => numbers.map((line) => ({ line, value: lines[line - 1] }));
  expect(stored.get("a")).toEqual(at(1, 3, 4));
  expect(stored.get("b")).toEqual(at(2));
});

test("a number is another key than its text", () => {
  const { stored, astray } = storedByKey(tableOf(), linesOf([{ k: 7 }, { k: "7", text: true }]));
  expect(stored.get(7)).toEqual([{ line: 1, value: { k: 7 } }]);
  expect(stored.get("7")).toEqual([{ line: 2, value: { k: "7", text: true } }]);
  expect(astray).toBeUndefined();
});

test.each([
  ["no JSON", undefined, "is no JSON object"],
  ["null", null, "is no JSON object"],
  ["an object without the field", { key: "a" }, 'has no string or number as "k"'],
  ["an object with a key of another type", { k: true }, 'has no string or number as "k"'],
])("a line that is %s is told, the others are found", (_, line, problem) => {
  const { stored, astray } = storedByKey(tableOf(), linesOf([{ k: "a" }, line, { k: "b" }, line]));
  expect([...stored.keys()]).toEqual(["a", "b"]);
  expect(astray).toBe(`line 2 ${problem}, so that it may be the row that is missing`);
});

test("where nothing can be read from a file, that is told of every key", () => {
  const { stored, astray } = storedByKey(tableOf(), { lines: [], problem: "it is empty" });
  expect([stored.size, astray]).toEqual([0, "it is empty"]);
});
