import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { OPERATORS } from "../pages.ts";
import { B, coded, type Item, L, M, N, NUMBERS, S, STRINGS, scene, type Value } from "../scene.ts";

const ITEM = {
  pk: S("k"),
  n: N(10),
  s: S("hello"),
  b: B("bytes"),
  flag: { BOOL: true },
  nil: { NULL: true },
  els: L(N(1), S("x"), M({ deep: N(7) })),
  doc: M({ child: M({ deep: S("z") }), n: N(3) }),
  tags: STRINGS("a", "b"),
  marks: NUMBERS(1, 2.5),
};

/** The values that an expression names, of all that there are. */
export function valuesIn(expression: string, values: Item): object {
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(expression));
  return used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) };
}

/** Whether each condition holds for the item; the error's text for one that is refused. */
const judged = (
  name: string,
  conditions: readonly string[],
  values: Item,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> =>
  scene(
    name,
    "pk:S",
    async (t) => {
      await t.putAll(ITEM);
      const seen: [string, unknown][] = [];
      for (const condition of conditions) {
        const { refused, message } = await t.put(ITEM, {
          ConditionExpression: condition,
          ...valuesIn(condition, values),
        });
        const failed = refused === "ConditionalCheckFailedException";
        seen.push([condition, refused === undefined ? true : failed ? false : `${refused}: ${message}`]);
      }
      return Object.fromEntries(seen);
    },
    aws,
  );

const INVALID = "ValidationException: Invalid ConditionExpression: ";
const wrongType = (operator: string, type: string): string =>
  `${INVALID}Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`;
const notDistinct = (operator: string, path: string): string =>
  `${INVALID}The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: [${path}]`;
const syntax = (token: string, near: string): string =>
  `${INVALID}Syntax error; token: "${token}", near: "${near}"`;

/** Two puts of which the second loses; what its error shows. */
const lost = (name: string, more: object): Case<DynamoDb> =>
  scene(name, "pk:S v:N", async (t) => {
    const key = { pk: S("k"), v: N(1) };
    await t.putAll({ ...key, owner: S("first"), body: B("x") });
    return t.put({ ...key, owner: S("second") }, { ConditionExpression: "attribute_not_exists(v)", ...more });
  });

const vals: Readonly<Record<string, Value>> = {
  ":one": N(1),
  ":ten": N("10.0"),
  ":nine": N("9.99"),
  ":hundred": N("1E2"),
  ":s": S("hello"),
  ":h": S("hel"),
  ":z": S("z"),
  ":x": S("x"),
  ":empty": S(""),
  ":b": B("bytes"),
  ":by": B("by"),
  ":t": { BOOL: true },
  ":f": { BOOL: false },
  ":nil": { NULL: true },
  ":ba": STRINGS("b", "a"),
  ":a": S("a"),
  ":ns": NUMBERS("2.50", "1"),
  ":list": ITEM.els,
  ":map": M({ n: N(3), child: M({ deep: S("z") }) }),
  ":S": S("S"),
  ":SS": S("SS"),
  ":NULL": S("NULL"),
  ":X": S("X"),
  ":five": N(5),
};

export const conditions: readonly Case<DynamoDb>[] = [
  judged(
    "comparisons of scalars are by type and value",
    [
      "n = :ten",
      "n < :nine",
      "n >= :ten",
      "n < :hundred",
      "n < :z",
      "n <> :s",
      "s > :h",
      "s <= :s",
      "b > :by",
      "b = :b",
      "flag = :t",
      "flag = :f",
      "nil = :nil",
    ],
    vals,
  ),
  judged(
    "sets are equal without order, lists with it, maps by their members",
    ["tags = :ba", "marks = :ns", "els = :list", "doc = :map", "doc <> :map", "tags = :ns"],
    vals,
  ),
  judged(
    "what is not there is unequal to everything, and in no order",
    [
      "absent = :one",
      "absent <> :one",
      "absent < :one",
      "NOT absent < :one",
      "absent = absent2",
      "absent <> absent2",
      "absent BETWEEN :one AND :ten",
      "absent IN (:one)",
    ],
    vals,
  ),
  judged(
    "BETWEEN takes both bounds, IN any of its operands",
    [
      "n BETWEEN :one AND :ten",
      "n BETWEEN :ten AND :hundred",
      "n BETWEEN :one AND :nine",
      ":ten BETWEEN n AND :hundred",
      "s BETWEEN :h AND :z",
      "n IN (:one, s, :ten)",
      "n IN (:one)",
      "tags IN (:a, :ba)",
    ],
    vals,
  ),
  judged(
    "functions look at what they are made for, and hold for nothing else",
    [
      "attribute_exists(doc.child.deep)",
      "attribute_exists(els[2].deep)",
      "attribute_exists(els[3])",
      "attribute_exists(n.deep)",
      "attribute_not_exists(doc.none)",
      "begins_with(s, :h)",
      "begins_with(s, :empty)",
      "begins_with(b, :by)",
      "begins_with(n, :h)",
      "contains(s, :h)",
      "contains(tags, :a)",
      "contains(els, :x)",
      "contains(els, :one)",
      "contains(marks, :one)",
      "contains(doc, :one)",
      "contains(b, :by)",
      "contains(:s, s)",
      "attribute_type(nil, :NULL)",
      "attribute_type(tags, :SS)",
      "attribute_type(n, :S)",
      "attribute_type(absent, :S)",
    ],
    vals,
  ),
  judged(
    "size is the length of a text or binary and the count of anything else",
    [
      "size(s) = :five",
      "size(b) = :five",
      "size(els) > :one",
      "size(doc) > :one",
      "size(tags) > :one",
      "size(n) >= :one",
      "size(absent) >= :one",
      "n > size(s)",
      "size(s) = size(b)",
      "size(s) BETWEEN :one AND :ten",
      "size(s) IN (:one, :five)",
    ],
    vals,
  ),
  judged(
    "AND binds tighter than OR, and NOT tighter than AND",
    [
      "n = :ten OR n = :ten AND n = :one",
      "(n = :ten OR n = :ten) AND n = :one",
      "NOT n = :one AND n = :one",
      "NOT (n = :one AND n = :one)",
      "not n = :one and n = :ten or s = :z",
      "(NOT n = :one)",
      "((n = :ten) AND (s = :s))",
    ],
    vals,
  ),
  judged("operands may stand in parentheses", ["n = (:ten)", "(n) = :ten"], vals, {
    source: OPERATORS,
    is: { "n = (:ten)": true, "(n) = :ten": true },
  }),
  judged(
    "operands of a type that an operator has no use for are refused",
    [
      "nil < :nil",
      "flag >= :t",
      "els < :list",
      "tags > :ba",
      "n BETWEEN :t AND :t",
      "begins_with(s, :one)",
      "attribute_type(s, :one)",
      "size(:one) = :one",
      "size(size(s)) = :one",
    ],
    vals,
    {
      source: OPERATORS,
      is: {
        "nil < :nil": wrongType("<", "NULL"),
        "flag >= :t": wrongType(">=", "BOOL"),
        "els < :list": wrongType("<", "L"),
        "tags > :ba": wrongType(">", "SS"),
        "n BETWEEN :t AND :t": wrongType("BETWEEN", "BOOL"),
        "begins_with(s, :one)": wrongType("begins_with", "N"),
        "attribute_type(s, :one)": wrongType("attribute_type", "N"),
        "size(:one) = :one": wrongType("size", "N"),
        "size(size(s)) = :one": wrongType("size", "N"),
      },
    },
  ),
  judged(
    "an attribute is not compared with itself",
    [
      "n = n",
      "n BETWEEN n AND :ten",
      "n IN (:one, n)",
      "begins_with(s, s)",
      "contains(s, s)",
      "doc.n = doc.n",
    ],
    vals,
    {
      source: OPERATORS,
      is: {
        "n = n": notDistinct("=", "n"),
        "n BETWEEN n AND :ten": notDistinct("BETWEEN", "n"),
        "n IN (:one, n)": notDistinct("IN", "n"),
        "begins_with(s, s)": notDistinct("begins_with", "s"),
        "contains(s, s)": notDistinct("contains", "s"),
        "doc.n = doc.n": notDistinct("=", "doc, n"),
      },
    },
  ),
  judged(
    "the bounds of a BETWEEN are of one type, the lower first",
    ["n BETWEEN :nine AND :one", "n BETWEEN :one AND :s"],
    vals,
  ),
  judged(
    "syntax errors show the token and what is near it",
    [
      "n =",
      "n == :ten",
      "n != :ten",
      "n = :ten :ten",
      "(n = :ten",
      "n IN ()",
      "n BETWEEN :one",
      "a..b = :one",
      "els[x] = :one",
      "els[-1] = :one",
      "n = 1",
      "n = 'x'",
      "AND n = :one",
      "n",
      "attribute_exists n",
      "1n = :one",
    ],
    vals,
    {
      source: OPERATORS,
      is: {
        "n =": syntax("<EOF>", "="),
        "n == :ten": syntax("=", "== :ten"),
        "n != :ten": syntax("!", "n !="),
        "n = :ten :ten": syntax(":ten", ":ten :ten"),
        "(n = :ten": syntax("<EOF>", ":ten"),
        "n IN ()": syntax(")", "()"),
        "n BETWEEN :one": syntax("<EOF>", ":one"),
        "a..b = :one": syntax(".", "..b"),
        "els[x] = :one": syntax("x", "[x]"),
        "els[-1] = :one": syntax("-", "[-1"),
        "n = 1": syntax("1", "= 1"),
        "n = 'x'": syntax("'", "= 'x"),
        "AND n = :one": syntax("AND", "AND n"),
        n: syntax("<EOF>", "n"),
        "attribute_exists n": syntax("n", "attribute_exists n"),
        "1n = :one": syntax("1", "1n"),
      },
    },
  ),
  judged(
    "functions that are not there, or are not used as they are made, are refused",
    [
      "exists(n)",
      "SIZE(s) = :one",
      "Attribute_Exists(n)",
      "attribute_exists(:one)",
      "attribute_exists(n, s)",
      "begins_with(s)",
      "begins_with(s, :h, :h)",
      "size(s)",
    ],
    vals,
    {
      source: OPERATORS,
      is: {
        "exists(n)": `${INVALID}Invalid function name; function: exists`,
        "SIZE(s) = :one": `${INVALID}Invalid function name; function: SIZE`,
        "Attribute_Exists(n)": `${INVALID}Invalid function name; function: Attribute_Exists`,
        "attribute_exists(:one)": `${INVALID}Operator or function requires a document path; operator or function: attribute_exists`,
        "attribute_exists(n, s)": `${INVALID}Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2`,
        "begins_with(s)": `${INVALID}Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1`,
        "begins_with(s, :h, :h)": `${INVALID}Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 3`,
        "size(s)": `${INVALID}The function is not allowed to be used this way in an expression; function: size`,
      },
    },
  ),
  judged(
    "reserved words, and parentheses around parentheses, are refused",
    ["status = :one", "doc.Status = :one", "n = :one OR zone = :one", "((n = :ten))", "NOT ((n = :ten))"],
    vals,
  ),
  judged(
    "syntax and redundant parentheses are refused first, then words, then operands",
    [
      "n < :t AND ((n = :ten)) AND",
      "n < :t AND ((n = :ten",
      "n < :t AND zone = :one AND ((n = :ten))",
      "n < :t AND zone = :one",
      "n = n AND none(n)",
      "n = :undefined AND els[4294967296] = :one",
    ],
    vals,
    {
      source: OPERATORS,
      is: {
        "n < :t AND ((n = :ten)) AND": `${INVALID}The expression has redundant parentheses;`,
        "n < :t AND ((n = :ten": syntax("<EOF>", ":ten"),
        "n < :t AND zone = :one AND ((n = :ten))": `${INVALID}The expression has redundant parentheses;`,
        "n < :t AND zone = :one": `${INVALID}Attribute name is a reserved keyword; reserved keyword: zone`,
        "n = n AND none(n)": `${INVALID}Invalid function name; function: none`,
        "n = :undefined AND els[4294967296] = :one": `${INVALID}List index is not within the allowable range; index: [4294967296]`,
      },
    },
  ),
  judged("an empty condition is refused", [""], vals),
  lost("a condition that does not hold is refused, without the item", {}),
  lost("a lost condition shows the item that stands in the way where that is asked for", {
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  }),
  scene("there is no item to show where a condition fails on nothing", "pk:S", (t) =>
    t.put(
      { pk: S("k") },
      {
        ConditionExpression: "attribute_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    ),
  ),
  scene("updates and deletes have conditions too, and show what stood in their way", "pk:S", async (t) => {
    const asked = {
      ConditionExpression: "version = :v",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    };
    await t.putAll({ pk: S("k"), version: N(3), note: S("old") });
    const wrong = { ...asked, ExpressionAttributeValues: { ":v": N(2) } };
    return {
      delete: await t.delete({ pk: S("k") }, wrong),
      update: await t.update({ pk: S("k") }, "REMOVE note", wrong),
      right: await t.update({ pk: S("k") }, "REMOVE note", {
        ...asked,
        ExpressionAttributeValues: { ":v": N(3) },
        ReturnValues: "ALL_NEW",
      }),
    };
  }),
  scene("placeholders for names reach attributes of any name", "pk:S", async (t) => {
    await t.putAll({ pk: S("k"), status: S("on"), "a.b": M({ "c d": N(1) }) });
    return coded(
      await t.delete(
        { pk: S("k") },
        {
          ConditionExpression: "#s = :on AND #ab.#cd = :one",
          ExpressionAttributeNames: { "#s": "status", "#ab": "a.b", "#cd": "c d" },
          ExpressionAttributeValues: { ":on": S("on"), ":one": N(1) },
          ReturnValues: "ALL_OLD",
        },
      ),
    );
  }),
];
