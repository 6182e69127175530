import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { CONSTRAINTS, DATA_TYPES } from "../pages.ts";
import { B, coded, each, L, M, N, NUMBERS, outcome, S, STRINGS, said, scene, type Value } from "../scene.ts";

const K = { pk: S("k") };
const nested = (levels: number): Value =>
  levels === 0 ? S("leaf") : levels % 2 === 0 ? L(nested(levels - 1)) : M({ in: nested(levels - 1) });

/** What is read after each value was put. */
const kept = (name: string, values: Readonly<Record<string, Value>>): Case<DynamoDb> =>
  scene(name, "pk:S", async (t) =>
    each(values, async (value) => {
      const put = await t.put({ ...K, a: value });
      return put["refused"] ?? (await t.get(K, { ProjectionExpression: "a" }))["Item"];
    }),
  );

/** What becomes of putting each value. */
const put = (
  name: string,
  values: Readonly<Record<string, object>>,
  seen: typeof outcome,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> =>
  scene(
    name,
    "pk:S",
    (t) => each(values, async (value) => seen(await t.put({ ...K, a: value as Value }))),
    aws,
  );

const INVALID = "ValidationException: One or more parameter values were invalid: ";
const NOT_NUMERIC = "ValidationException: The parameter cannot be converted to a numeric value";

const badNumbers = {
  "no digits": { N: "" },
  "letters behind": { N: "1x" },
  NaN: { N: "NaN" },
  "39 digits": { N: "1".repeat(39) },
  "too large": { N: "1e126" },
  "too small": { N: "1e-131" },
  "in a list": L({ N: "x" }),
  "in a set": NUMBERS("x"),
};
const badSets = {
  "no strings": STRINGS(),
  "no numbers": NUMBERS(),
  "no binaries": { BS: [] },
  "a string twice": STRINGS("x", "y", "x"),
  "a number twice": NUMBERS("1", "1.0"),
  "a binary twice": { BS: ["AQ==", "AQ=="] },
};

export const values: readonly Case<DynamoDb>[] = [
  kept("every type comes back as it was put", {
    text: S("äöü \u{1F600}"),
    "empty text": S(""),
    binary: B("\u0000\u00ff"),
    "empty binary": { B: "" },
    yes: { BOOL: true },
    no: { BOOL: false },
    nothing: { NULL: true },
    list: L(S("a"), N(1), L()),
    map: M({ a: S("x"), b: M({}) }),
    strings: STRINGS("b", "a"),
    numbers: NUMBERS("2", "1"),
    binaries: { BS: ["Ag==", "AQ=="] },
    "a set with an empty string": STRINGS(""),
  }),
  kept("numbers come back in plain digits", {
    "trailing zeros": N("1.50"),
    "leading zeros": N("007"),
    "a sign": N("+5"),
    "minus nothing": N("-0"),
    exponent: N("2e3"),
    "negative exponent": N("1.5E-3"),
    "no whole part": N(".5"),
    "no fraction": N("5."),
    "38 digits": N("12345678901234567890123456789012345678"),
    "38 digits behind the point": N("0.12345678901234567890123456789012345678"),
    largest: N("9.9999999999999999999999999999999999999E125"),
    smallest: N("1E-130"),
    "in a set": NUMBERS("1e2", "0.10"),
  }),
  put("what is no number, or none that fits, is refused", badNumbers, outcome),
  put("what is no number is refused in AWS's words", badNumbers, said, {
    source: DATA_TYPES,
    is: {
      "no digits": NOT_NUMERIC,
      "letters behind": `${NOT_NUMERIC}: 1x`,
      NaN: `${NOT_NUMERIC}: NaN`,
      "39 digits": "ValidationException: Attempting to store more than 38 significant digits in a Number",
      "too large":
        "ValidationException: Number overflow. Attempting to store a number with magnitude larger than supported range",
      "too small":
        "ValidationException: Number underflow. Attempting to store a number with magnitude smaller than supported range",
      "in a list": `${NOT_NUMERIC}: x`,
      "in a set": `${NOT_NUMERIC}: x`,
    },
  }),
  put("empty sets, and sets with duplicates, are refused", badSets, outcome),
  put("empty sets, and sets with duplicates, are refused in AWS's words", badSets, said, {
    source: DATA_TYPES,
    is: {
      "no strings": `${INVALID}An string set  may not be empty`,
      "no numbers": `${INVALID}An number set  may not be empty`,
      "no binaries": `${INVALID}Binary sets should not be empty`,
      "a string twice": `${INVALID}Input collection [x, y, x] contains duplicates.`,
      "a number twice": "ValidationException: Input collection contains duplicates",
      "a binary twice": `${INVALID}Input collection [AQ==, AQ==]of type BS contains duplicates.`,
    },
  }),
  put(
    "a value has one type, and NULL is true",
    { none: {}, two: { S: "1", N: "1" }, "NULL false": { NULL: false }, "none, in a list": L({}) },
    said,
  ),
  put(
    "an attribute may be nested 32 levels deep",
    { "31 inside": nested(30), "32 inside": nested(31), "33 inside": nested(32), "34 inside": nested(33) },
    said,
  ),
  scene(
    "values of another JSON type than the API's are refused before anything else",
    "pk:S",
    (t) =>
      each(
        {
          "N as a number": { N: 1 },
          "S as a number": { S: 1 },
          "BOOL as a text": { BOOL: "yes" },
          "L as a map": { L: {} },
          "B that is no base64": { B: "!!!!" },
          "a text": "x",
        },
        async (value) => coded(await t.on("PutItem", { Item: { ...K, a: value } })),
      ),
    {
      source: "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html",
      is: Object.fromEntries(
        [
          "N as a number",
          "S as a number",
          "BOOL as a text",
          "L as a map",
          "B that is no base64",
          "a text",
        ].map((label) => [label, { refused: "SerializationException", status: 400 }]),
      ),
    },
  ),
  scene("an item of 400 KB is taken, one byte more is not", "pk:S", (t) => {
    const beside = "pk".length + "k".length + "a".length;
    return each({ all: 409_600 - beside, more: 409_601 - beside }, async (length) =>
      said(await t.put({ ...K, a: S("x".repeat(length)) })),
    );
  }),
  scene("names, digits, nesting and UTF-8 count for the size of an item", "pk:S", (t) => {
    // Each is filled up to 1,024 bytes, the most for one unit; one byte more makes two.
    const items: Readonly<Record<string, readonly [Value, number]>> = {
      text: [S("äöü"), 6],
      "38 digits": [N("12345678901234567890123456789012345678"), 20],
      "38 digits with a minus": [N("-12345678901234567890123456789012345678"), 21],
      zeros: [N("1000000"), 2],
      binary: [B("bytes"), 5],
      truth: [{ BOOL: true }, 1],
      null: [{ NULL: true }, 1],
      strings: [STRINGS("a", "bc"), 3],
      numbers: [NUMBERS("1", "22"), 4],
      list: [L(S("a"), { BOOL: true }), 3 + 1 + 1 + 1 + 1],
      map: [M({ ab: S("a"), c: S("") }), 3 + 1 + 2 + 1 + 1 + 1],
      "empty list": [L(), 3],
    };
    return each(items, async ([value, bytes]) => {
      const fill = 1_024 - "pkk".length - "a".length - bytes - "f".length;
      const units = async (length: number): Promise<unknown> => {
        const answer = await t.put(
          { ...K, a: value, f: S("x".repeat(length)) },
          { ReturnConsumedCapacity: "TOTAL" },
        );
        await t.delete(K);
        return answer["ConsumedCapacity"];
      };
      return [await units(fill), await units(fill + 1)];
    });
  }),
  scene("keys are there, of their types, and nothing else than keys", "pk:S v:N", (t) =>
    each(
      {
        "no sort key": { pk: S("k") },
        "one more": { pk: S("k"), v: N(1), w: N(1) },
        "wrong type": { pk: S("k"), v: S("1") },
        nothing: {},
      },
      async (key) => ({
        get: outcome(await t.get(key)),
        delete: outcome(await t.delete(key)),
        put: outcome(await t.put(key)),
      }),
    ),
  ),
  scene(
    "keys are refused in AWS's words",
    "pk:S v:N",
    (t) =>
      each({ "no sort key": { pk: S("k") }, "wrong type": { pk: S("k"), v: S("1") } }, async (key) => ({
        get: said(await t.get(key)),
        put: said(await t.put(key)),
      })),
    {
      source: "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html",
      is: {
        "no sort key": {
          get: "ValidationException: The provided key element does not match the schema",
          put: `${INVALID}Missing the key v in the item`,
        },
        "wrong type": {
          get: "ValidationException: The provided key element does not match the schema",
          put: `${INVALID}Type mismatch for key v expected: N actual: S`,
        },
      },
    },
  ),
  scene("an empty text is no key", "pk:S v:B", (t) =>
    each(
      {
        "hash key": { pk: S(""), v: B("x") },
        "sort key": { pk: S("k"), v: { B: "" } },
      },
      async (key) => ({ put: said(await t.put(key)), get: said(await t.get(key)) }),
    ),
  ),
  scene(
    "a hash key has up to 2,048 bytes, a sort key 1,024",
    "pk:S v:S",
    (t) =>
      each(
        {
          "longest hash": { pk: S("ä".repeat(1_024)), v: S("x") },
          "hash too long": { pk: S(`${"ä".repeat(1_024)}x`), v: S("x") },
          "longest sort": { pk: S("k"), v: S("x".repeat(1_024)) },
          "sort too long": { pk: S("k"), v: S("x".repeat(1_025)) },
        },
        async (key) => outcome(await t.put(key)),
      ),
    {
      source: CONSTRAINTS,
      is: {
        "longest hash": "taken",
        "hash too long": "ValidationException",
        "longest sort": "taken",
        "sort too long": "ValidationException",
      },
    },
  ),
  scene("numbers are the same key however they are written", "pk:N", async (t) => {
    await t.putAll({ pk: N("1.0"), a: S("first") }, { pk: N("1e0"), a: S("second") });
    return [await t.get({ pk: N("1") }), await t.on("Scan", { Select: "COUNT" })];
  }),
  scene("binary keys are the same by their bytes, and sort by them", "pk:B v:B", async (t) => {
    for (const byte of ["gA==", "AQ==", "/w==", "AQI="]) await t.putAll({ pk: B("k"), v: { B: byte } });
    return t.query("pk = :k", { ":k": B("k") });
  }),
];
