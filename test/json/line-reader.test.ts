import { describe, expect, test, vi } from "vitest";
import { LineReader, PADDING, type TextOf } from "../../shared/json/line-reader.ts";

const textIn: TextOf = (bytes, from, to) => Buffer.from(bytes.subarray(from, to)).toString("utf8");

/** The texts that are made of lines of which `a` and `n` are read; `without`: as where a policy forbids to compile. */
function textsMadeOf(lines: readonly string[], without: boolean): string[] {
  if (without)
    vi.stubGlobal("Function", () => {
      throw new EvalError("forbidden");
    });
  const made: string[] = [];
  const noting: TextOf = (...of) => {
    const text = textIn(...of);
    made.push(text);
    return text;
  };
  const text = Buffer.from(`${lines.join("\n")}\n`);
  const reader = new LineReader(new Map([["a", true]]), [["n"]], noting);
  const read: unknown[] = [];
  reader.each(Buffer.concat([text, Buffer.alloc(PADDING)]), text.length, () =>
    read.push([reader.value, ...reader.extras]),
  );
  expect(read).toEqual(lines.map((line) => JSON.parse(line)).map(({ a, n }) => [{ a }, n]));
  return made;
}

describe.each([
  ["put together by compiled code", false],
  ["put together field by field", true],
] as const)("a template whose values are %s", (_, without) => {
  test.each([0, 1, 2, 3, 4, 5])(
    "reads a line like one before without parsing it: names of %i letters",
    (length) => {
      const other = "o".repeat(length);
      const lines = [1, 22, -7].map((n) => `{"${other}_":{"x":[${n}]},"a":"t${n}","n":${n}}`);
      expect(textsMadeOf(lines, without)).toEqual([lines[0], "t22", "t-7"]);
      vi.unstubAllGlobals();
    },
  );

  test("leaves a line to the parser where a name, or what follows it, is another", () => {
    const lines = ['{"a":"t","n":1}', '{"a":"t","m":1}', '{"a":"t","n":1 }', '{"a":"t", "n":1}'];
    expect(textsMadeOf(lines, without)).toEqual(expect.arrayContaining(lines));
    vi.unstubAllGlobals();
  });
});
