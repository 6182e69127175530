import { describe, expect, test, vi } from "vitest";
import { LineReader, type TextOf } from "../../shared/json/line-reader.ts";
import { texts } from "./texts.ts";

/** The lines that are parsed of those of which `a` and `n` are read; `without`: as where a policy forbids to compile. */
function parsedOf(lines: readonly string[], without: boolean): string[] {
  if (without)
    vi.stubGlobal("Function", () => {
      throw new EvalError("forbidden");
    });
  const parsed: string[] = [];
  const { utf8, ...others } = texts(false);
  const noting: TextOf = (...of) => {
    const text = utf8(...of);
    parsed.push(text);
    return text;
  };
  const text = Buffer.from(`${lines.join("\n")}\n`);
  const reader = new LineReader(new Map([["a", true]]), [["n"]], { ...others, utf8: noting });
  const read: unknown[] = [];
  reader.each(text, text.length, () => read.push([reader.value, ...reader.extras]));
  expect(read).toEqual(lines.map((line) => JSON.parse(line)).map(({ a, n }) => [{ a }, n]));
  return parsed;
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
      expect(parsedOf(lines, without)).toEqual([lines[0]]);
      vi.unstubAllGlobals();
    },
  );

  test("leaves a line to the parser where a name, or what follows it, is another", () => {
    const lines = ['{"a":"t","n":1}', '{"a":"t","m":1}', '{"a":"t","n":1 }', '{"a":"t", "n":1}'];
    expect(parsedOf(lines, without)).toEqual(expect.arrayContaining(lines));
    vi.unstubAllGlobals();
  });
});

describe("texts of a chunk", () => {
  /** How texts of so many letters are made: by themselves, or as parts of a larger one. */
  function made(length: number, { shared, lines }: { shared: boolean; lines: number }): string[] {
    const calls: string[] = [];
    const noted = texts(shared);
    const noting =
      (name: "ascii" | "bytewise"): TextOf =>
      (...of) => {
        calls.push(name);
        return noted[name](...of);
      };
    const reader = new LineReader(true, [], {
      ...noted,
      ascii: noting("ascii"),
      bytewise: noting("bytewise"),
    });
    const line = Buffer.from(`{"a":"${"t".repeat(length)}"}\n`);
    // what the chunk before asked for says whether it is worthwhile: read twice
    for (let i = 0; i < 2; i += 1) {
      calls.length = 0;
      const block = Buffer.concat(new Array<Buffer>(lines).fill(line));
      reader.each(block, block.length, () => expect(reader.value).toEqual({ a: "t".repeat(length) }));
    }
    return calls;
  }

  test.each([
    ["short ones are parts of one text", 12, { shared: false, lines: 100 }, ["bytewise"]],
    [
      "long ones are not, for they would keep it",
      13,
      { shared: false, lines: 100 },
      Array(100).fill("ascii"),
    ],
    ["long ones are where nothing is kept", 13, { shared: true, lines: 100 }, ["bytewise"]],
    ["few are not: to make it would be dearer", 12, { shared: true, lines: 3 }, Array(3).fill("ascii")],
  ] as const)("%s", (_, length, how, expected) => {
    expect(made(length, how)).toEqual(expected);
  });
});

test.each([64, 65, 20_000])("a line nested %i deep is read, and so is the next", (depth) => {
  const deep = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const block = Buffer.from(`${deep}\n${deep}\n{"a":2}\n`);
  const depths: number[] = [];
  const reader = new LineReader(true, [], texts(false));
  reader.each(block, block.length, (_from, _end, error) => {
    let levels = 0;
    for (let at = reader.value; typeof at === "object"; at = (at as { readonly a: unknown }).a) levels += 1;
    depths.push(error === undefined ? levels : -1);
  });
  expect(depths).toEqual([depth, depth, 1]);
});

test.each([
  ["nobody reads", '{"b":"', '","a":1}'],
  ["is read", '{"a":"', '"}'],
])("a control character is refused in a text that %s, in a line like those before", (_, open, close) => {
  const reader = new LineReader(new Map([["a", true]]), [], texts(false));
  const codes = [...Array(0x21).keys(), 0x7f].filter((code) => code !== 0x0a);
  const block = Buffer.from(codes.map((code) => `${open}x${String.fromCharCode(code)}y${close}\n`).join(""));
  const accepted: (number | undefined)[] = [];
  const first = Buffer.from(`${open}plain${close}\n`);
  reader.each(Buffer.concat([first, block]), first.length + block.length, (_from, _end, error) => {
    if (error === undefined) accepted.push(codes[reader.line - 2]);
  });
  expect(accepted).toEqual([undefined, 0x20, 0x7f]);
});
