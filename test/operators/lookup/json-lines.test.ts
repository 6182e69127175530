import { expect, test } from "vitest";
import { JSON_LINES } from "../../../shared/operators/lookup/json-lines.ts";
import { tableOf } from "../../protocol/lookup/tables.ts";

const read = (text: string | Uint8Array) =>
  JSON_LINES.read(typeof text === "string" ? new TextEncoder().encode(text) : text, tableOf());

test("a line is a JSON object or says that it is none, and is counted as an editor counts", () => {
  expect(read('\uFEFF{"k":"a"}\r\n\n  {"k":"ü"}\nno JSON\n5\n[{}]\nnull\n{"k":"b"}')).toEqual({
    lines: [
      { line: 1, value: { k: "a" } },
      { line: 3, value: { k: "ü" } },
      ...[4, 5, 6, 7].map((line) => ({ line, value: undefined, problem: "is no JSON object" })),
      { line: 8, value: { k: "b" } },
    ],
  });
});

test("a line that is not UTF-8 says so, and the others are read", () => {
  const latin = Uint8Array.from([...'{"k":"\u00fc"}\n{"k":"b"}\n'].map((char) => char.charCodeAt(0)));
  expect(read(latin).lines).toEqual([
    { line: 1, value: undefined, problem: "is not UTF-8" },
    { line: 2, value: { k: "b" } },
  ]);
});

test("an empty file is a table without rows", () => {
  expect(read("")).toEqual({ lines: [] });
});
