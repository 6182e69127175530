import { expect, test } from "vitest";
import { storedByKey } from "../../../shared/protocol/lookup/stored-rows.ts";
import { tableOf } from "./tables.ts";

test("without versions the last line of a key is its row", () => {
  const lines = [{ k: "a", v: 1 }, { k: "b" }, { k: "a", v: 2 }];
  const { stored, astray } = storedByKey(tableOf(), lines);
  expect([...stored]).toEqual([
    ["a", [{ k: "a", v: 2 }]],
    ["b", [{ k: "b" }]],
  ]);
  expect(astray).toBeUndefined();
});

test("with versions a key has all its lines, in their order", () => {
  const lines = [{ k: "a", v: 2 }, { k: "b" }, { k: "a", v: 1 }, { k: "a", v: 2, again: true }];
  const { stored } = storedByKey(tableOf({ version: "v" }), lines);
  expect(stored.get("a")).toEqual([lines[0], lines[2], lines[3]]);
  expect(stored.get("b")).toEqual([lines[1]]);
});

test("a number is another key than its text", () => {
  const { stored, astray } = storedByKey(tableOf(), [{ k: 7 }, { k: "7", text: true }]);
  expect(stored.get(7)).toEqual([{ k: 7 }]);
  expect(stored.get("7")).toEqual([{ k: "7", text: true }]);
  expect(astray).toBeUndefined();
});

test.each([
  ["no JSON", undefined],
  ["null", null],
  ["a text", "a"],
  ["an object without the field", { key: "a" }],
  ["an object with a key of another type", { k: true }],
])("a line that is %s is told, the others are found", (_, line) => {
  const { stored, astray } = storedByKey(tableOf(), [{ k: "a" }, line, { k: "b" }, line]);
  expect([...stored.keys()]).toEqual(["a", "b"]);
  expect(astray).toBe(
    'line 2 is no JSON object with a string or a number as "k", so that it may be the row that is missing',
  );
});
