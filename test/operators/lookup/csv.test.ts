import { join } from "node:path";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { buildHandler } from "../../../infra/constructs/build-handler.ts";
import { type CsvOptions, csv } from "../../../shared/csv.ts";
import { s3File } from "../../../shared/index.ts";
import { schemaOf } from "../../protocol/lookup/tables.ts";

const Rate = z.object({ currency: z.string(), euros: z.number() });

function read(text: string | Uint8Array, schema: z.ZodType = Rate, options: CsvOptions = {}) {
  const table = s3File("rates", { schema, key: "currency" as never, format: csv(options) });
  return csv(options).read(typeof text === "string" ? new TextEncoder().encode(text) : text, table);
}
const valuesIn = (text: string, schema: z.ZodType) => read(text, schema).lines.map(({ value }) => value);

const anyText = fc.string({
  unit: fc.constantFrom("a", "ü", "😀", ",", ";", '"', "\n", "\r", "\r\n", " "),
  maxLength: 6,
});
const anyFile = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    names: fc.uniqueArray(
      anyText.filter((name) => name !== "" && name !== "key"),
      { minLength: width, maxLength: width },
    ),
    rows: fc.array(fc.array(anyText, { minLength: width, maxLength: width }), { maxLength: 5 }),
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    ends: fc.infiniteStream(fc.constantFrom("\n", "\r\n")),
    quotes: fc.infiniteStream(fc.boolean()),
    hasBom: fc.boolean(),
    endsEarly: fc.boolean(),
  }),
);

/** RFC 4180, section 2, by its rules. */
property.prop([anyFile])("a file reads as the texts that were written, whatever is in them", (file) => {
  const { names, rows, delimiter, ends, quotes, hasBom, endsEarly } = file;
  const field = (text: string): string =>
    quotes.next().value || new RegExp(`[${delimiter}"\r\n]`).test(text)
      ? `"${text.replaceAll('"', '""')}"`
      : text;
  const records = [["key", ...names], ...rows.map((row, i) => [`k${i}`, ...row])];
  const text = records.map((record) => record.map(field).join(delimiter) + ends.next().value).join("");
  const whole = `${hasBom ? "\uFEFF" : ""}${endsEarly ? text.replace(/\r?\n$/, "") : text}`;
  const table = { schema: schemaOf((value) => ({ value })), key: "key", version: undefined };
  const { lines, problem } = csv({ delimiter }).read(new TextEncoder().encode(whole), table);
  expect(problem).toBeUndefined();
  expect(lines.map(({ value }) => value)).toEqual(
    rows.map((row, i) => ({ key: `k${i}`, ...Object.fromEntries(names.map((name, j) => [name, row[j]])) })),
  );
});

describe("a field", () => {
  test("is a number or a boolean where the schema takes no text, and the text is one", () => {
    const schema = z.object({
      currency: z.string(),
      n: z.number(),
      i: z.int(),
      b: z.boolean(),
      either: z.union([z.number(), z.string()]),
    });
    const header = "currency,n,i,b,either";
    expect(valuesIn(`${header}\n007, -1.50e3 ,007,TRUE,5\n5,.5,1.5,false,x\n`, schema)).toEqual([
      { currency: "007", n: -1_500, i: 7, b: true, either: "5" },
      { currency: "5", n: 0.5, i: 1.5, b: false, either: "x" },
    ]);
    for (const text of ["0x10", "1_000", "1 000", "Infinity", "NaN", "-", ".", "5€", "yes"])
      expect(valuesIn(`${header}\na,${text},${text},${text},\n`, schema)).toMatchObject([
        { n: text, i: text, b: text },
      ]);
  });

  test("that is empty is null, missing, or the empty text, whichever the schema takes first", () => {
    const schema = z.object({
      currency: z.string(),
      nullable: z.number().nullable(),
      nullableText: z.string().nullish(),
      optional: z.string().optional(),
      defaulted: z.number().default(7),
      n: z.number(),
    });
    expect(valuesIn('currency,nullable,nullableText,optional,defaulted,n,other\n,,"",,,,\n', schema)).toEqual(
      [{ currency: "", nullable: null, nullableText: null, other: "" }],
    );
  });

  test("is text where the schema does not tell what it takes", () => {
    const schema = z.object({ currency: z.string(), at: z.coerce.date(), n: z.number() });
    expect(valuesIn("currency,at,n,other\na,2024-01-01,5,6\n", schema)).toEqual([
      { currency: "a", at: "2024-01-01", n: 5, other: "6" },
    ]);
    const silent = schemaOf((value) => ({ value }));
    const content = csv().read(new TextEncoder().encode("k,n\n1,2\n"), {
      schema: silent,
      key: "k",
      version: undefined,
    });
    expect(content.lines).toEqual([{ line: 2, value: { k: "1", n: "2" } }]);
  });

  test("without a name, or with that of the prototype, is left out", () => {
    const nullable = z.object({ currency: z.string(), ["__proto__"]: z.null() });
    const [row] = valuesIn("currency,,__proto__,\na,1,,3\n", nullable);
    expect(row).toEqual({ currency: "a" });
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });
});

describe("a line that is no row", () => {
  const says = (text: string | Uint8Array) =>
    read(text).lines.map(({ line, value, problem }) => [line, problem ?? value]);
  const row = (currency: string, euros: number) => ({ currency, euros });

  test("has fewer or more fields than the header", () => {
    expect(says("currency,euros\na\nb,2\nc,3,4\n")).toEqual([
      [2, "has 1 field where its header has 2"],
      [3, row("b", 2)],
      [4, "has 3 fields where its header has 2"],
    ]);
  });

  test("has a quote within a field that begins with none", () => {
    expect(says('currency,euros\na,1"0"\nb,2\n')).toEqual([
      [2, "has a quote within a field that does not begin with one"],
      [3, row("b", 2)],
    ]);
  });

  test("is not UTF-8, where a replacement character may be meant", () => {
    const latin = Uint8Array.from([..."currency,euros\n\u00fc,1\nb,2\n"].map((char) => char.charCodeAt(0)));
    expect(says(latin)).toEqual([
      [2, "is not UTF-8"],
      [3, row("b", 2)],
    ]);
    expect(says("currency,euros\n\uFFFD,1\n")).toEqual([[2, row("\uFFFD", 1)]]);
  });

  test("is counted as an editor counts: blank ones, and the first of several", () => {
    expect(says('currency,euros\r\n\r\n"a\r\nb\nc",1\n\nd,2\nodd\n')).toEqual([
      [3, row("a\r\nb\nc", 1)],
      [7, row("d", 2)],
      [8, "has 1 field where its header has 2"],
    ]);
  });
});

test.each([
  ["", "it is empty, where a CSV file has at least a header"],
  ["\n\n", "it is empty, where a CSV file has at least a header"],
  [
    "name,euros\na,1\n",
    'its header has no column "currency", which rows are found by; it has "name", "euros"',
  ],
  [
    "currency, euros\na,1\n",
    'its header has no column "euros", which rows must have; it has "currency", " euros"',
  ],
  [
    "currency;euros\na;1\n",
    'its header has no column "currency", which rows are found by; it has "currency;euros"; declare csv({ delimiter: ";" }) where that is what is between its fields',
  ],
  ["currency,euros,euros\na,1,2\n", 'its header has the column "euros" twice'],
  ['currency,e"uros\na,1\n', "line 1 has a quote within a field that does not begin with one"],
  ['currency,euros\na,1\n"b\nc,2\nd,3', "line 3 has a quote, there or further down, that is never closed"],
  ['currency,euros\na,1\nb,"2"3\nc,"4"\n', "line 3 goes on behind a closing quote"],
  ['"currency\na,1\n', "line 1 has a quote, there or further down, that is never closed"],
])("of %j nothing is taken", (text, problem) => {
  expect(read(text)).toEqual({ lines: [], problem });
});

test("a header alone is a table without rows, and columns that the schema can do without may be missing", () => {
  const schema = z.object({ currency: z.string(), euros: z.number().optional() });
  expect(read("currency\r\n", schema)).toEqual({ lines: [] });
});

test("a header that is none is told in short", () => {
  const { problem } = read(`${"x".repeat(5_000)}\n`);
  expect(problem).toMatch(/^its header has no column "currency".{200,300} …$/);
});

test("a stage carries the parser only where its pipelines look up in CSV", () => {
  const root = join(import.meta.dirname, "../../..");
  const sourcesOf = (pipelines: string | undefined): string => {
    const files = buildHandler(join(root, "functions/stage/handler.ts"), root, { pipelines });
    const map = files.find(({ name }) => name.endsWith(".map"))?.contents ?? new Uint8Array();
    return JSON.parse(Buffer.from(map).toString()).sources.join("\n");
  };
  expect(sourcesOf(join(import.meta.dirname, "../rules/rules-scenario.ts"))).not.toContain("csv-parse");
  expect(sourcesOf(join(import.meta.dirname, "csv-scenario.ts"))).toContain("csv-parse");
});
