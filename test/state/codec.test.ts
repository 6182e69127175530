import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { decodeValue, encodeValue } from "../../shared/state/codec.ts";
import { KeptRow } from "../../shared/state/kept-row.ts";

const again = (value: unknown): unknown => decodeValue(encodeValue(value));

const anyNumber = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, Infinity, -Infinity), fc.integer());
const anyName = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("$mr", "__proto__", "toString", ""));
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, undefined, true, false),
    anyNumber,
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    fc.integer().map((ms) => new globalThis.Date(ms)),
    fc.array(tie("value")),
    fc.array(fc.tuple(tie("value"), tie("value"))).map((pairs) => new Map(pairs)),
    fc.array(tie("value")).map((members) => new Set(members)),
    fc.array(fc.tuple(anyName, tie("value"))).map((fields) => Object.fromEntries(fields)),
  ),
})).value;

/** JSON as people send it: neither -0 (which JSON.stringify loses) nor a key that looks like a tag. */
const plainJson = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("$mr"));
const withoutNegativeZero = plainJson.map((value) => JSON.parse(JSON.stringify(value)) as unknown);

describe("the value codec", () => {
  test.prop([anyValue])("reads back exactly what it wrote", (value) => {
    expect(again(value)).toStrictEqual(value);
  });

  test.prop([anyValue])("writes a value that was read back in the same bytes", (value) => {
    expect(encodeValue(again(value))).toBe(encodeValue(value));
  });

  test.prop([withoutNegativeZero])("writes plain JSON as JSON.stringify does", (value) => {
    expect(encodeValue(value)).toBe(JSON.stringify(value));
  });

  test("keeps the numbers that JSON cannot say", () => {
    expect(again([Number.NaN, Infinity, -Infinity, -0, 0])).toStrictEqual([
      Number.NaN,
      Infinity,
      -Infinity,
      -0,
      0,
    ]);
  });

  test.prop([fc.integer({ min: 2 }), anyValue])("keeps a row of a version for what it is", (version, row) => {
    const read = again([new KeptRow(version, row), row]);
    expect(read).toStrictEqual([new KeptRow(version, row), row]);
  });

  test("takes nothing of a user's for a row of a version", () => {
    const hostile = { $mr: ["row", [2, "x"]] };
    expect(again(new KeptRow(3, hostile))).toStrictEqual(new KeptRow(3, hostile));
    expect(encodeValue(new KeptRow(2, { of: 1 }))).toBe('{"$mr":["row",[2,{"of":1}]]}');
    expect(encodeValue(new KeptRow(2, hostile))).toBe(
      '{"$mr":["row",[2,{"$mr":["object",{"$mr":["row",[2,"x"]]}]}]]}',
    );
  });

  // one that JSON loses would hide another beside it
  test.each([Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, -1.5])(
    "keeps %d alone, in a list and in a field",
    (number) => {
      for (const value of [number, [number], { number }]) expect(again(value)).toStrictEqual(value);
    },
  );

  test.each<[unknown, string]>([
    [undefined, '{"$mr":["undefined"]}'],
    [Number.NaN, '{"$mr":["number","NaN"]}'],
    [Infinity, '{"$mr":["number","Infinity"]}'],
    [-Infinity, '{"$mr":["number","-Infinity"]}'],
    [-0, '{"$mr":["number","-0"]}'],
    [-12n, '{"$mr":["bigint","-12"]}'],
    [Uint8Array.of(1, 2, 255), '{"$mr":["bytes","AQL/"]}'],
    [new globalThis.Date(7), '{"$mr":["date",7]}'],
    [new globalThis.Date(Number.NaN), '{"$mr":["date",{"$mr":["number","NaN"]}]}'],
    [new Set([1, 2n]), '{"$mr":["set",[1,{"$mr":["bigint","2"]}]]}'],
    [new Map([["a", undefined]]), '{"$mr":["map",[["a",{"$mr":["undefined"]}]]]}'],
    [{ $mr: 1 }, '{"$mr":["object",{"$mr":1}]}'],
    [[{ a: null, b: true, c: "x" }], '[{"a":null,"b":true,"c":"x"}]'],
  ])("writes %s as logs have it", (value, text) => {
    expect(encodeValue(value)).toBe(text);
    expect(decodeValue(text)).toStrictEqual(value);
  });

  const wraps: Readonly<Record<string, [wrap: (inner: unknown) => unknown, text: [string, string]]>> = {
    lists: [(inner) => [inner], ["[", "]"]],
    objects: [(inner) => ({ a: inner }), ['{"a":', "}"]],
    sets: [(inner) => new Set([inner]), ['{"$mr":["set",[', "]]}"]],
    maps: [(inner) => new Map([["a", inner]]), ['{"$mr":["map",[["a",', "]]]}"]],
    "objects that look like tags": [(inner) => ({ $mr: inner }), ['{"$mr":["object",{"$mr":', "}]}"]],
  };
  test.each(Object.entries(wraps))("keeps %s that are nested 500 deep, and refuses 501", (_, [wrap]) => {
    let value: unknown = 1n;
    for (let i = 0; i < 500; i += 1) value = wrap(value);
    expect(encodeValue(again(value))).toBe(encodeValue(value));
    expect(() => encodeValue(wrap(value))).toThrow("a cycle, or nested too deep");
  });

  test.each(Object.entries(wraps))(
    "refuses a text of %s that are nested deeper by far",
    (_, [, [open, close]]) => {
      // levels of JSON, of which a tagged value has three or four
      const levels = open.includes("$mr") ? 700 : 2_100;
      const text = `${open.repeat(levels)}{"$mr":["bigint","1"]}${close.repeat(levels)}`;
      expect(() => decodeValue(text)).toThrow("a stored value holds what is nested too deep");
    },
  );

  test("keeps a field that is present and undefined apart from one that is absent", () => {
    expect(again({ a: undefined })).toStrictEqual({ a: undefined });
    expect(again({})).toStrictEqual({});
  });

  test("keeps an own __proto__ field as a field, beside tagged values too", () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"admin":true},"n":1}');
    const tagged = Object.assign(Object.create(null) as object, { inner: hostile, big: 1n });
    for (const value of [hostile, (again(tagged) as { inner: unknown }).inner]) {
      const back = again(value) as Record<string, unknown>;
      expect(Object.keys(back)).toEqual(["__proto__", "n"]);
      expect("admin" in back).toBe(false);
    }
  });

  test("never takes a user's object for a tag", () => {
    for (const look of [["undefined"], ["map", []], ["object", { $mr: 1 }], "x", { $mr: ["set", [1]] }])
      expect(again({ $mr: look })).toStrictEqual({ $mr: look });
    expect(again({ $mr: 1, other: 2n })).toStrictEqual({ $mr: 1, other: 2n });
  });

  test("keeps lone surrogates and long texts of bytes", () => {
    const bytes = new Uint8Array(100_000).map((_, i) => i * 31);
    expect(again(["\ud800", bytes])).toStrictEqual(["\ud800", bytes]);
  });

  class Point {
    readonly x = 1;
  }
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  test.each([
    ["a function", { f: () => 1 }, "value.f is a function"],
    ["a symbol", [Symbol("s")], "value[0] is a symbol"],
    ["an instance of a class", { p: [new Point()] }, "value.p[0] is an instance of Point"],
    ["an instance of no named class", Object.create(Object.create(null)), "value is an instance of a class"],
    ["a key of a Map", new Map([[() => 1, 1]]), "value (key 0) is a function"],
    ["a value of a Map", new Map([["a", [Symbol("s")]]]), "value (value 0)[0] is a symbol"],
    ["a member of a Set", new Set([1, new Point()]), "value (member 1) is an instance of Point"],
    ["a cycle", cycle, "cycle"],
  ])("refuses %s by name", (_, value, message) => {
    expect(() => encodeValue(value)).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED", next: "refused" }),
    );
    expect(() => encodeValue(value)).toThrow(message);
  });

  test.each([
    ["{", "the text of a stored value is no JSON"],
    ['{"$mr":1}', "a stored value holds a tag without a kind"],
    ['{"$mr":["planet","Mars"]}', 'a stored value holds an unknown tag "planet"'],
    ['{"$mr":["bytes","?"]}', 'a stored value holds an unknown tag "bytes"'],
    ['{"$mr":["bytes",1234]}', 'a stored value holds an unknown tag "bytes"'],
    ['{"$mr":["map",[1]]}', 'a stored value holds an unknown tag "map"'],
    ['{"$mr":["map",[[1,2],[3]]]}', 'a stored value holds an unknown tag "map"'],
    ['{"$mr":["map",[[1]]]}', 'a stored value holds an unknown tag "map"'],
    ['{"$mr":["map",["ab"]]}', 'a stored value holds an unknown tag "map"'],
    ['{"$mr":["row",[2]]}', 'a stored value holds an unknown tag "row"'],
    ['{"$mr":["row",["2",1]]}', 'a stored value holds an unknown tag "row"'],
    ['{"$mr":["row",2]}', 'a stored value holds an unknown tag "row"'],
    ['{"$mr":["set",5]}', 'a stored value holds an unknown tag "set"'],
    ['{"$mr":["object",5]}', 'a stored value holds an unknown tag "object"'],
    ['{"$mr":["object",null]}', 'a stored value holds an unknown tag "object"'],
    ['{"$mr":["bigint","1e3"]}', 'a stored value holds an unknown tag "bigint"'],
    ['{"$mr":["bigint",12]}', 'a stored value holds an unknown tag "bigint"'],
    ['{"$mr":["number","12"]}', 'a stored value holds an unknown tag "number"'],
    [
      `${'{"$mr":["set",['.repeat(5_000)}1${"]]}".repeat(5_000)}`,
      "a stored value holds what is nested too deep",
    ],
    [
      `${'{"$mr":["object",{"a":'.repeat(5_000)}1${"}]}".repeat(5_000)}`,
      "a stored value holds what is nested too deep",
    ],
  ])("refuses a text that it did not write: %.40s", (text, message) => {
    expect(() => decodeValue(text)).toThrow(
      expect.objectContaining({ code: "VALUE_UNDECODABLE", next: "halted", message }),
    );
  });
});
