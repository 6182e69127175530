import { isDeepStrictEqual } from "node:util";
import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { api, UPDATES } from "../pages.ts";
import { type Item, L, M, N, NUMBERS, outcome, S, STRINGS, said, scene, type Value } from "../scene.ts";
import { valuesIn } from "./conditions.ts";

const K = { pk: S("k") };
const ITEM: Item = {
  ...K,
  n: N(1),
  s: S("x"),
  els: L(N(1), N(2), N(3)),
  doc: M({ a: N(1), kid: M({ b: S("deep") }) }),
  tags: STRINGS("a", "b"),
  marks: NUMBERS(1, 2),
};
const VALUES: Item = {
  ":one": N(1),
  ":zero": N(0),
  ":tenth": N("0.1"),
  ":big": N("99999999999999999999999999999999999999"),
  ":s": S("x"),
  ":els": L(N(9)),
  ":none": L(),
  ":a": STRINGS("a"),
  ":ac": STRINGS("a", "c"),
  ":ab": STRINGS("b", "a"),
  ":marks": NUMBERS(1, 3),
  ":doc": M({ z: N(2) }),
  ":t": { BOOL: true },
};

/** What each update leaves of the item that it changed; the error's text for one that is refused. */
const left = (
  name: string,
  updates: readonly string[],
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
  before: Item = ITEM,
): Case<DynamoDb> =>
  scene(
    name,
    "pk:S",
    async (t) => {
      const seen: [string, unknown][] = [];
      for (const update of updates) {
        await t.putAll(before);
        const answer = await t.update(K, update, valuesIn(update, VALUES));
        const { Item: after } = await t.get(K);
        seen.push([update, answer["refused"] === undefined ? changed(before, after) : said(answer)]);
      }
      return Object.fromEntries(seen);
    },
    aws,
  );

function changed(before: Item, after: unknown): object {
  const now: Readonly<Record<string, unknown>> = { ...(typeof after === "object" ? after : {}) };
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const differing = [...names].filter((name) => !isDeepStrictEqual(before[name], now[name]));
  return Object.fromEntries(differing.map((name) => [name, now[name] ?? "gone"]));
}

/** What an update returns, by each of its ReturnValues. */
const returned = (
  name: string,
  update: string,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
  before: Item | undefined = ITEM,
): Case<DynamoDb> =>
  scene(
    name,
    "pk:S",
    async (t) => {
      const seen: [string, unknown][] = [];
      for (const wanted of ["ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW", "NONE"]) {
        await t.delete(K);
        if (before !== K) await t.putAll(before);
        const more = { ...valuesIn(update, VALUES), ReturnValues: wanted };
        seen.push([wanted, await t.update(K, update, more)]);
      }
      return Object.fromEntries(seen);
    },
    aws,
  );

const INVALID = "ValidationException: Invalid UpdateExpression: ";
const wrongType = (operator: string, type: string): string =>
  `${INVALID}Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`;
const wrongSet = (clause: string, type: string): string =>
  `${INVALID}Incorrect operand type for operator or function; operator: ${clause}, operand type: ${type}, typeSet: ALLOWED_FOR_${clause}_OPERAND`;
const WRONG = "ValidationException: An operand in the update expression has an incorrect data type";
const NO_PLACE =
  "ValidationException: The document path provided in the update expression is invalid for update";

export const updates: readonly Case<DynamoDb>[] = [
  left("SET takes values, attributes and sums of two", [
    "SET a = :one",
    "SET a = n, n = :zero",
    "SET a = doc.kid.b",
    "SET n = n + :one",
    "SET n = n - :one",
    "SET n = :one - n",
    "SET a = (n + :tenth)",
    "set a=:one",
  ]),
  left(
    "every right side reads the item as it was",
    [
      "SET n = s, s = n",
      "SET els[0] = els[2], els[2] = els[0]",
      "ADD n :one SET a = n",
      "SET a = n + :one ADD n :one",
      "REMOVE s SET a = s",
      "DELETE tags :a SET other_tags = tags",
    ],
    {
      source: UPDATES,
      is: {
        "SET n = s, s = n": { n: S("x"), s: N(1) },
        "SET els[0] = els[2], els[2] = els[0]": { els: L(N(3), N(2), N(1)) },
        "ADD n :one SET a = n": { n: N(2), a: N(1) },
        "SET a = n + :one ADD n :one": { n: N(2), a: N(2) },
        "REMOVE s SET a = s": { s: "gone", a: S("x") },
        "DELETE tags :a SET other_tags = tags": { tags: STRINGS("b"), other_tags: STRINGS("a", "b") },
      },
    },
  ),
  left("if_not_exists and list_append combine", [
    "SET a = if_not_exists(a, :zero) + :one",
    "SET n = if_not_exists(n, :zero) + :one",
    "SET els = list_append(els, :els)",
    "SET els = list_append(:els, els)",
    "SET a = list_append(if_not_exists(a, :none), :els)",
    "SET a = if_not_exists(a, if_not_exists(b, n))",
    "SET a = if_not_exists(doc.none, :s)",
  ]),
  left("nested attributes are set where their parents are", [
    "SET doc.a = :s",
    "SET doc.kid.c = :one",
    "SET els[1] = :s",
    "SET doc.none.c = :one",
    "SET absent.c = :one",
    "SET s.c = :one",
    "SET els.c = :one",
    "SET doc[0] = :one",
    "SET absent[0] = :one",
  ]),
  left(
    "an element behind the end of a list is appended, whatever its index",
    ["SET els[3] = :s", "SET els[7] = :s", "SET els[9] = :one, els[7] = :s", "ADD els[5] :one"],
    {
      source: UPDATES,
      is: {
        "SET els[3] = :s": { els: L(N(1), N(2), N(3), S("x")) },
        "SET els[7] = :s": { els: L(N(1), N(2), N(3), S("x")) },
        "SET els[9] = :one, els[7] = :s": { els: L(N(1), N(2), N(3), S("x"), N(1)) },
        "ADD els[5] :one": { els: L(N(1), N(2), N(3), N(1)) },
      },
    },
  ),
  left(
    "REMOVE takes attributes, members and elements away, by the indexes that they had",
    [
      "REMOVE n",
      "REMOVE absent, n",
      "REMOVE doc.a",
      "REMOVE doc.kid.gone",
      "REMOVE els[0]",
      "REMOVE els[0], els[1]",
      "REMOVE els[5]",
      "REMOVE els[0] SET els[1] = :s",
      "SET els[3] = :s REMOVE els[0]",
    ],
    {
      source: UPDATES,
      is: {
        "REMOVE n": { n: "gone" },
        "REMOVE absent, n": { n: "gone" },
        "REMOVE doc.a": { doc: M({ kid: M({ b: S("deep") }) }) },
        "REMOVE doc.kid.gone": {},
        "REMOVE els[0]": { els: L(N(2), N(3)) },
        "REMOVE els[0], els[1]": { els: L(N(3)) },
        "REMOVE els[5]": {},
        "REMOVE els[0] SET els[1] = :s": { els: L(S("x"), N(3)) },
        "SET els[3] = :s REMOVE els[0]": { els: L(N(2), N(3), S("x")) },
      },
    },
  ),
  left(
    "REMOVE leads only through maps and lists that are there",
    ["REMOVE absent.b", "REMOVE s.b", "REMOVE s[0]", "REMOVE doc[0]"],
    {
      source: UPDATES,
      is: {
        "REMOVE absent.b": NO_PLACE,
        "REMOVE s.b": NO_PLACE,
        "REMOVE s[0]": NO_PLACE,
        "REMOVE doc[0]": NO_PLACE,
      },
    },
  ),
  left("ADD counts from nothing and unites sets", [
    "ADD n :one",
    "ADD a :one",
    "ADD tags :ac",
    "ADD marks :marks",
    "ADD a :a",
    "ADD doc.a :one",
    "ADD doc.c :one",
  ]),
  left("DELETE takes elements out, and the attribute with the last one", [
    "DELETE tags :a",
    "DELETE tags :ab",
    "DELETE tags :ac",
    "DELETE marks :marks",
    "DELETE absent :a",
  ]),
  left(
    "ADD and DELETE lead only through maps that are there",
    ["ADD absent.a :one", "DELETE absent.a :a", "ADD s.a :one"],
    {
      source: UPDATES,
      is: { "ADD absent.a :one": NO_PLACE, "DELETE absent.a :a": NO_PLACE, "ADD s.a :one": NO_PLACE },
    },
  ),
  left(
    "values of a type that an operator has no use for are refused before the item is looked at",
    [
      "SET n = n + :s",
      "SET a = list_append(els, :one)",
      "ADD n :s",
      "ADD els :els",
      "ADD n :t",
      "DELETE n :one",
      "DELETE doc :doc",
    ],
    {
      source: UPDATES,
      is: {
        "SET n = n + :s": wrongType("+", "S"),
        "SET a = list_append(els, :one)": wrongType("list_append", "N"),
        "ADD n :s": wrongSet("ADD", "STRING"),
        "ADD els :els": wrongSet("ADD", "LIST"),
        "ADD n :t": wrongSet("ADD", "BOOLEAN"),
        "DELETE n :one": wrongSet("DELETE", "NUMBER"),
        "DELETE doc :doc": wrongSet("DELETE", "MAP"),
      },
    },
  ),
  left(
    "attributes of a type that an operator has no use for are refused",
    [
      "SET n = s + :one",
      "SET a = list_append(s, :els)",
      "ADD s :one",
      "ADD n :a",
      "ADD tags :marks",
      "DELETE n :a",
      "DELETE tags :marks",
    ],
    {
      source: api("TransactWriteItems"),
      is: Object.fromEntries(
        [
          "SET n = s + :one",
          "SET a = list_append(s, :els)",
          "ADD s :one",
          "ADD n :a",
          "ADD tags :marks",
          "DELETE n :a",
          "DELETE tags :marks",
        ].map((update) => [update, WRONG]),
      ),
    },
  ),
  left("what is not there is no operand", [
    "SET a = absent",
    "SET a = els[9]",
    "SET a = absent + :one",
    "SET a = list_append(absent, :els)",
  ]),
  left("sums are exact up to 38 digits", [
    "SET n = n + :tenth",
    "SET n = :big - n",
    "SET n = n + :big",
    "ADD n :big",
  ]),
  scene("a sum of more than 38 digits is refused", "pk:S", async (t) =>
    outcome(await t.update(K, "SET n = :big + :tenth", valuesIn(":big :tenth", VALUES))),
  ),
  left("paths of one update do not overlap", [
    "SET a = :one, a = :one",
    "SET a = :one REMOVE a",
    "SET doc.a = :one, doc = :doc",
    "SET els[0] = :one, els[0] = :s",
    "SET doc.a = :one, doc.kid = :one",
    "REMOVE doc.a ADD doc :one",
  ]),
  left("the key is not updated", ["SET pk = :s", "REMOVE pk", "ADD pk :one", "SET n = :one, pk = :s"]),
  left(
    "syntax errors of an update show the token and what is near it",
    [
      "SET",
      "SET a",
      "SET a = :one,",
      "SET a :one",
      "SET a = :one b = :one",
      "SET a = n + :one + :one",
      "SET a = (n + :one) + :one",
      "FOO a",
      "SET a = :one SET b = :one",
      "REMOVE a[-1]",
      "ADD n s",
    ],
    {
      source: UPDATES,
      is: {
        SET: `${INVALID}Syntax error; token: "<EOF>", near: "SET"`,
        "SET a": `${INVALID}Syntax error; token: "<EOF>", near: "a"`,
        "SET a = :one,": `${INVALID}Syntax error; token: "<EOF>", near: ","`,
        "SET a :one": `${INVALID}Syntax error; token: ":one", near: "a :one"`,
        "SET a = :one b = :one": `${INVALID}Syntax error; token: "b", near: ":one b ="`,
        "SET a = n + :one + :one": `${INVALID}Syntax error; token: "+", near: ":one + :one"`,
        "SET a = (n + :one) + :one": `${INVALID}Syntax error; token: "+", near: ") + :one"`,
        "FOO a": `${INVALID}Syntax error; token: "FOO", near: "FOO a"`,
        "SET a = :one SET b = :one": `${INVALID}The "SET" section can only be used once in an update expression;`,
        "REMOVE a[-1]": `${INVALID}Syntax error; token: "-", near: "[-1"`,
        "ADD n s": `${INVALID}Syntax error; token: "s", near: "n s"`,
      },
    },
  ),
  left(
    "functions that an update has no use for are refused",
    [
      "SET a = foo(n)",
      "SET a = size(els)",
      "SET a = attribute_exists(n)",
      "SET a = if_not_exists(:one, :one)",
      "SET a = if_not_exists(a)",
      "SET a = if_not_exists(a, list_append(els, :els))",
      "SET a = ((n))",
    ],
    {
      source: UPDATES,
      is: {
        "SET a = foo(n)": `${INVALID}Invalid function name; function: foo`,
        "SET a = size(els)": `${INVALID}The function is not allowed in an update expression; function: size`,
        "SET a = attribute_exists(n)": `${INVALID}The function is not allowed in an update expression; function: attribute_exists`,
        "SET a = if_not_exists(:one, :one)": `${INVALID}Operator or function requires a document path; operator or function: if_not_exists`,
        "SET a = if_not_exists(a)": `${INVALID}Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1`,
        "SET a = if_not_exists(a, list_append(els, :els))": `${INVALID}The function is not allowed to be used this way in an expression; function: list_append`,
        "SET a = ((n))": `${INVALID}The expression has redundant parentheses;`,
      },
    },
  ),
  left("reserved words are no attributes of an update", ["SET status = :one", "REMOVE doc.items"]),
  returned("an update returns what is asked for: an attribute that was there", "SET n = :zero"),
  returned("an update returns what is asked for: an attribute that was not there", "SET a = :one"),
  returned("an update returns what is asked for: an attribute that is gone", "REMOVE n"),
  returned(
    "an update returns what is asked for: an item that was not there",
    "SET a = :one",
    {
      source: api("UpdateItem"),
      is: {
        ALL_OLD: {},
        UPDATED_OLD: {},
        ALL_NEW: { Attributes: { ...K, a: N(1) } },
        UPDATED_NEW: { Attributes: { a: N(1) } },
        NONE: {},
      },
    },
    K,
  ),
  returned("an update returns nested attributes alone", "SET doc.kid.b = :one, els[1] = :s", {
    source: api("UpdateItem"),
    is: {
      ALL_OLD: { Attributes: ITEM },
      UPDATED_OLD: { Attributes: { doc: M({ kid: M({ b: S("deep") }) }), els: L(N(2)) } },
      ALL_NEW: {
        Attributes: { ...ITEM, doc: M({ a: N(1), kid: M({ b: N(1) }) }), els: L(N(1), S("x"), N(3)) },
      },
      UPDATED_NEW: { Attributes: { doc: M({ kid: M({ b: N(1) }) }), els: L(S("x")) } },
      NONE: {},
    },
  }),
  scene("an update without an expression makes the item that is not there", "pk:S", async (t) => [
    await t.on("UpdateItem", { Key: K, ReturnValues: "ALL_NEW" }),
    await t.get(K),
  ]),
  scene("puts and deletes return old items only", "pk:S", async (t) => {
    const old = { ReturnValues: "ALL_OLD" };
    return {
      first: await t.put({ ...K, a: S("1") }, old),
      second: await t.put({ ...K, a: S("2") }, old),
      deleted: await t.delete(K, old),
    };
  }),
  scene("an update may not grow an item above 400 KB", "pk:S", async (t) => {
    const half: Value = S("x".repeat(205_000));
    await t.putAll({ ...K, a: half });
    return said(await t.update(K, "SET b = :b", { ExpressionAttributeValues: { ":b": half } }));
  }),
];
