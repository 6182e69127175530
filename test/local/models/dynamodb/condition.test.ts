import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import type { AttributeValue, Item } from "../../../../local/models/dynamodb/attribute-value.ts";
import { parseCondition } from "../../../../local/models/dynamodb/expressions/condition.ts";
import { holds } from "../../../../local/models/dynamodb/expressions/evaluate-condition.ts";
import { Placeholders } from "../../../../local/models/dynamodb/expressions/placeholders.ts";

const item: Item = {
  n: { N: "10" },
  s: { S: "hello" },
  b: { B: Uint8Array.of(1, 2, 3) },
  l: { L: [{ N: "1" }, { S: "x" }] },
  m: { M: { child: { M: { deep: { BOOL: true } } }, constructor: { S: "own" } } },
  tags: { SS: ["a", "b"] },
  nil: { NULL: true },
};

function check(
  expression: string,
  values?: Record<string, AttributeValue>,
  names?: Record<string, string>,
): boolean {
  const placeholders = new Placeholders(names, values, { ConditionExpression: expression });
  return holds(parseCondition("ConditionExpression", expression, placeholders), item);
}

describe("a condition", () => {
  test.each([
    ["n = :v", { N: "10.0" }, true],
    ["n < :v", { N: "9.99" }, false],
    ["n < :v", { S: "z" }, false],
    ["n <> :v", { S: "10" }, true],
    ["absent <> :v", { S: "x" }, true],
    ["absent = :v", { S: "x" }, false],
    ["absent < :v", { N: "1" }, false],
    ["NOT absent < :v", { N: "1" }, true],
    ["n BETWEEN :v AND l[0]", { N: "1" }, false],
    ["n IN (:v, s)", { N: "1e1" }, true],
    ["tags = :v", { SS: ["b", "a"] }, true],
    ["begins_with(s, :v)", { S: "hell" }, true],
    ["begins_with(n, :v)", { S: "1" }, false],
    ["((n = :v) AND (n = :v))", { N: "10" }, true],
    ["begins_with(b, :v)", { B: Uint8Array.of(1, 2) }, true],
    ["contains(s, :v)", { S: "ell" }, true],
    ["contains(tags, :v)", { S: "b" }, true],
    ["contains(tags, :v)", { S: "c" }, false],
    ["contains(l, :v)", { N: "1.0" }, true],
    ["attribute_type(nil, :v)", { S: "NULL" }, true],
    ["attribute_type(l, :v)", { S: "SS" }, false],
    ["size(s) = :v", { N: "5" }, true],
    ["n > size(:v)", { S: "nine äöüß" }, true],
    ["size(m) > :v", { N: "1" }, true],
    ["size(absent) < :v", { N: "9" }, false],
    ["l[1] = :v", { S: "x" }, true],
    ["l[2] = :v", { S: "x" }, false],
    ["m.child.deep = :v", { BOOL: true }, true],
  ] as const)("%s with %o is %o", (expression, value, expected) => {
    expect(check(expression, { ":v": value as AttributeValue })).toBe(expected);
  });

  test("knows only an item's own attributes", () => {
    expect(check("attribute_exists(m.#c)", undefined, { "#c": "constructor" })).toBe(true);
    expect(check("attribute_not_exists(#c)", undefined, { "#c": "constructor" })).toBe(true);
    expect(check("attribute_not_exists(#p)", undefined, { "#p": "__proto__" })).toBe(true);
  });

  test("AND binds tighter than OR, NOT tighter than AND, keywords in any case", () => {
    const [yes, no] = ["attribute_exists(n)", "attribute_exists(absent)"];
    expect(check(`${yes} OR ${no} AND ${no}`)).toBe(true);
    expect(check(`(${yes} or ${no}) and ${no}`)).toBe(false);
    expect(check(`not ${no} AND ${no}`)).toBe(false);
    expect(check(`NOT (${no} AND ${no})`)).toBe(true);
  });

  test.each([
    "n = ",
    "n = :v :v",
    "n = n",
    "s BETWEEN :v AND s",
    "((n = :v))",
    "NOT ((n = :v))",
    "begins_with(n, :v)",
    "attribute_type(n, :v)",
    "_n = :v",
    "nil < :yes",
    "(n = :v",
    "n == :v",
    "n BETWEEN :v",
    "n IN ()",
    "exists(n)",
    "attribute_exists(:v)",
    "n ! :v",
    "l[x] = :v",
    "a. = :v",
  ])("refuses %j", (expression) => {
    expect(() => check(expression, { ":v": { N: "1" }, ":yes": { BOOL: true } })).toThrow(
      expect.objectContaining({ code: "ValidationException" }),
    );
  });
});

/** A small expression with the value that it must have for the item. */
type Sample = { readonly text: string; readonly value: boolean };

const anyAtom: fc.Arbitrary<Sample> = fc
  .tuple(fc.constantFrom("=", "<>", "<", "<=", ">", ">="), fc.integer({ min: 8, max: 12 }))
  .map(([by, n]) => {
    const byName = { "=": 10 === n, "<>": 10 !== n, "<": 10 < n, "<=": 10 <= n, ">": 10 > n, ">=": 10 >= n };
    return { text: `n ${by} :v${n}`, value: byName[by as keyof typeof byName] };
  });

const { anySample } = fc.letrec<{ anySample: Sample }>((tie) => ({
  anySample: fc.oneof(
    { depthSize: "small" },
    anyAtom,
    tie("anySample").map(({ text, value }) => ({ text: `NOT (${text})`, value: !value })),
    fc
      .tuple(tie("anySample"), tie("anySample"))
      .map(([a, b]) => ({ text: `(${a.text}) AND (${b.text})`, value: a.value && b.value })),
    fc
      .tuple(tie("anySample"), tie("anySample"))
      .map(([a, b]) => ({ text: `(${a.text}) OR (${b.text})`, value: a.value || b.value })),
  ),
}));

property.prop([anySample])("a random expression has the value of its parts", ({ text, value }) => {
  const values = Object.fromEntries([8, 9, 10, 11, 12].map((n) => [`:v${n}`, { N: String(n) }]));
  expect(check(text, values)).toBe(value);
});
