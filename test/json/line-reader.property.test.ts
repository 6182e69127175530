import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { LineReader } from "../../shared/json/line-reader.ts";
import { type Path, project, type Tree, treeOf, valueAt } from "../../shared/json/paths.ts";
import { texts } from "./texts.ts";

/** What was read of a line, as text that tells -0 from 0 and one order of fields from another; or that it was refused. */
type Read = string;

const REFUSED = "refused";

function shown(value: unknown): Read {
  if (Array.isArray(value)) return `[${value.map(shown).join()}]`;
  if (typeof value === "object" && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype) return "an object of another kind";
    const fields = Object.keys(value) as (keyof typeof value)[];
    return `{${fields.map((field) => `${JSON.stringify(field)}:${shown(value[field])}`).join()}}`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

function byDefinition(text: string, give: Tree, extras: readonly Path[]): Read {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return REFUSED;
  }
  return shown([project(whole, give), extras.map((path) => valueAt(whole, path))]);
}

/** As where a page's policy forbids to compile. */
function withoutCompiling(run: () => void): void {
  const compiling = globalThis.Function;
  globalThis.Function = (() => {
    throw new EvalError("forbidden");
  }) as unknown as FunctionConstructor;
  try {
    run();
  } finally {
    globalThis.Function = compiling;
  }
}

/**
 * @param behind - what lies behind the last line, which ends without a line feed; undefined where it has one
 */
function byReader(
  lines: readonly Uint8Array[],
  { give, extras, behind }: { give: Tree; extras: readonly Path[]; behind: string | undefined },
): Read[] {
  const all = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  const block = behind === undefined ? all : all.subarray(0, -1);
  const bytes = Buffer.concat([block, Buffer.from(behind ?? "")]);
  const reads: Read[][] = [];
  const readTwice = (shared: boolean): void => {
    const reader = new LineReader(give, extras, texts(shared));
    for (let pass = 0; pass < 2; pass += 1) {
      const read: Read[] = [];
      reader.each(bytes, block.length, (_from, _end, error) =>
        read.push(error === undefined ? shown([reader.value, [...reader.extras]]) : REFUSED),
      );
      reads.push(read);
    }
  };
  readTwice(false);
  readTwice(true);
  withoutCompiling(() => readTwice(false));
  // neither what was learnt from the first pass, nor how texts are made, nor a policy must change what is read
  for (const again of reads) expect(again).toEqual(reads[0]);
  return reads[0] ?? [];
}

const NAMES = [
  "a",
  "b",
  "bid",
  "price",
  "ü",
  "😀",
  "",
  "0",
  "7",
  "__proto__",
  "constructor",
  'q"',
  "a\\b",
  "\u2028",
];
const name = fc.constantFrom(...NAMES);
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const reading = fc.record({
  give: fc.oneof(fc.constant<Tree>(true), fc.array(path, { maxLength: 4 }).map(treeOf)),
  extras: fc.array(path, { maxLength: 3 }),
  behind: fc.constantFrom(undefined, undefined, "", "1}\n", "}\n", '"}\n', '"}}\n{}\n', " \n", "\n"),
});

const fractionOf = (digits: bigint, places: number): string =>
  `${digits % 10n ** BigInt(places)}`.padStart(Math.max(1, places), "0");

const space = fc.constantFrom("", "", "", "", " ", "\t", "  ", "\r");
const numbers = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.constantFrom("0", "-0", "-0.0", "0e0", "1E5", "1e+5", "1e-400", "1e999", "-1e999", "5e-324", "0.1"),
  fc.constantFrom("9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993"),
  fc.bigInt({ min: 10n ** 15n, max: 10n ** 19n }).map(String),
  fc
    .tuple(
      fc.constantFrom("", "-"),
      fc.oneof(fc.nat().map(BigInt), fc.bigInt({ min: 0n, max: 10n ** 19n })),
      fc.nat(21),
    )
    .map(
      ([sign, digits, places]) => `${sign}${digits / 10n ** BigInt(places)}.${fractionOf(digits, places)}`,
    ),
  fc.constantFrom(
    "9007199254740.991",
    "9007199254740.992",
    "900719925474.0993",
    "0.9007199254740993",
    "1.",
    "1.e5",
  ),
  fc.constantFrom("999999999", "1000000000", "999999999999999", "1000000000000000", "100000000000000000000"),
);
/** A character of a string, in one of the ways to write it. */
const character = fc.oneof(
  fc.constantFrom("a", "b", "price", " ", "/", "ü", "€", "😀", "\u2028", "\ufeff", "\u007f", "abcdefghijklm"),
  fc.constantFrom(
    '\\"',
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\n",
    "\\r",
    "\\t",
    "\\u0000",
    "\\u00e9",
    "\\uD83D\\uDE00",
  ),
  fc.constantFrom("\\ud83d", "\\uDE00", "\\u005f", "\\u0022"),
);
const string = fc.array(character, { maxLength: 6 }).map((parts) => `"${parts.join("")}"`);
const nameText = fc.oneof(
  name.map((one) => JSON.stringify(one)),
  name.map((one) => `"${[...one].map((unit) => (unit < "\u0080" ? `\\u${hex(unit)}` : unit)).join("")}"`),
);
const hex = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, "0");

const { value: valueText } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    numbers,
    string,
    fc.constantFrom("true", "false", "null", "{}", "[]", "{ }", "[ ]"),
    tie("object"),
    tie("object"),
    tie("array"),
  ),
  object: fc
    .array(fc.tuple(space, nameText, space, space, tie("value"), space), { maxLength: 5 })
    .map((fields) => `{${fields.map(([a, n, b, c, v, d]) => `${a}${n}${b}:${c}${v}${d}`).join(",")}}`),
  array: fc
    .array(fc.tuple(space, tie("value"), space), { maxLength: 3 })
    .map((values) => `[${values.map((parts) => parts.join("")).join(",")}]`),
}));

/** A document with holes for scalars, filled anew for each of its lines: most lines of a file are of one shape. */
const scalar = fc.oneof(
  numbers,
  string,
  fc.constantFrom("true", "false", "null", "{}", "[1]", '{"a":1}', '{"price":{"a":2}}'),
);
const alike = fc
  .tuple(
    fc.array(fc.tuple(nameText, fc.option(nameText)), { minLength: 1, maxLength: 4 }),
    space,
    fc.array(fc.array(scalar, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
  )
  .map(([fields, gap, fillings]) =>
    fillings.map(
      (filling) =>
        `{${fields
          .map(([field, inner], i) => {
            const hole = filling[i] as string;
            return `${field}:${gap}${inner === null ? hole : `{${inner}:${hole},"price":${filling[0]}}`}`;
          })
          .join(",")}}`,
    ),
  );

const lines = fc.oneof(
  alike,
  fc.array(valueText, { minLength: 1, maxLength: 6 }),
  fc.tuple(alike, alike).map(([a, b]) => [...a, ...b, ...a]),
);

const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** Bytes set, put in or taken out anywhere; none is a line feed, which would end the line. */
const damage = fc.array(
  fc.record({
    line: fc.nat(),
    at: fc.nat(),
    remove: fc.constantFrom(0, 0, 1, 1, 3),
    insert: fc.oneof(
      fc.constantFrom(...'{}[],:"\\ue0123456789-+.tfnul \t\r').map((one) => [...Buffer.from(one)]),
      fc
        .constantFrom(
          "\\x",
          "\\u12",
          "\\u123g",
          "\\ud8",
          "00",
          ".",
          "e",
          "1e",
          "-",
          "--",
          "\ufeff",
          ",,",
          "{}",
          '""',
        )
        .map((text) => [...Buffer.from(text)]),
      fc.array(
        fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 10),
        { maxLength: 2 },
      ),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Lines of up to some 60 KB: those of a block are gone through in pieces of 32 KB, or a line where it is longer. */
const longLines = fc.array(
  fc
    .tuple(valueText, fc.oneof(fc.nat(40), fc.nat(33_000), fc.constantFrom(32_740, 32_768)), fc.nat(3))
    .map(([value, length, times]) =>
      new Array<string>(times).fill(`{"a":${value},"b":"${"b".repeat(length)}","price":[${length}]}`),
    ),
  { minLength: 1, maxLength: 8 },
);

describe("a line is read as JSON.parse reads it", () => {
  test("where one path names what another leads into, and lines differ in what is there", () => {
    const reading = { give: treeOf([]), extras: [["a", "b"], ["a"]], behind: undefined };
    const mixed = ['{"a":1}', '{"a":{"b":2}}', '{"a":1}', '{"a":{"b":2}}'];
    expect(byReader(mixed.map(utf8), reading)).toEqual(
      mixed.map((text) => byDefinition(text, reading.give, reading.extras)),
    );
  });

  test.prop([lines, reading], { numRuns: 2_000 })("where it is valid", (valid, reading) => {
    const expected = valid.map((text) => byDefinition(text, reading.give, reading.extras));
    expect(byReader(valid.map(utf8), reading)).toEqual(expected);
  });

  test.prop([longLines, reading], { numRuns: 200 })("where it is long", (groups, reading) => {
    const long = groups.flat();
    const expected = long.map((text) => byDefinition(text, reading.give, reading.extras));
    expect(byReader(long.map(utf8), reading)).toEqual(expected);
  });

  test.prop([lines, reading, damage], { numRuns: 4_000 })(
    "where bytes are damaged",
    (valid, reading, damages) => {
      const good = valid.map(utf8);
      const bad = [...good];
      for (const { line, at, remove, insert } of damages) {
        const bytes = bad[line % bad.length] as Uint8Array;
        const from = at % (bytes.length + 1);
        bad[line % bad.length] = Buffer.concat([
          bytes.subarray(0, from),
          Uint8Array.from(insert),
          bytes.subarray(Math.min(bytes.length, from + remove)),
        ]);
      }
      // the good ones first, so that the bad ones are compared with what was learnt from them
      const all = [...good, ...bad].filter((line) => line.some((byte) => ![0x20, 0x09, 0x0d].includes(byte)));
      const expected = all.map((line) =>
        byDefinition(Buffer.from(line).toString("utf8"), reading.give, reading.extras),
      );
      expect(byReader(all, reading)).toEqual(expected);
    },
  );
});
