import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { B, L, M, N, NUMBERS, S, STRINGS, scene, type Value } from "../scene.ts";

const ITEM = {
  pk: S("k"),
  n: N(10),
  s: S("hello"),
  b: B("bytes"),
  flag: { BOOL: true },
  nil: { NULL: true },
  list: L(N(1), S("x"), M({ deep: N(7) })),
  map: M({ child: M({ deep: S("z") }), n: N(3) }),
  tags: STRINGS("a", "b"),
  marks: NUMBERS(1, 2.5),
};

/** Whether each condition holds for the item; refusals with their message. */
const evaluates = (
  name: string,
  conditions: readonly (readonly [string, Readonly<Record<string, Value>>?])[],
) =>
  scene(name, "pk:S", async (t) => {
    await t.putAll(ITEM);
    const seen: Record<string, unknown> = {};
    for (const [condition, values] of conditions) {
      const answer = await t.put(ITEM, {
        ConditionExpression: condition,
        ...(values !== undefined && { ExpressionAttributeValues: values }),
      });
      const { refused, message } = answer;
      seen[condition] =
        refused === undefined
          ? true
          : refused === "ConditionalCheckFailedException"
            ? false
            : `${refused}: ${message}`;
    }
    return seen;
  });

export const conditions: readonly Case<DynamoDb>[] = [
  evaluates("comparisons are by type and value", [
    ["n = :v", { ":v": N("10.0") }],
    ["n < :v", { ":v": N("9.99") }],
    ["n >= :v", { ":v": N("1E1") }],
    ["n < :w", { ":w": S("z") }],
    ["n <> :w", { ":w": S("10") }],
    ["s > :v", { ":v": S("Hello") }],
    ["s <= :v", { ":v": S("hello") }],
    ["b < :v", { ":v": B("bz") }],
    ["flag = :v", { ":v": { BOOL: true } }],
    ["nil = :v", { ":v": { NULL: true } }],
    ["tags = :v", { ":v": STRINGS("b", "a") }],
    ["marks = :v", { ":v": NUMBERS("2.50", 1) }],
    ["list = :v", { ":v": ITEM.list }],
    ["map <> :v", { ":v": M({ n: N(3), child: M({ deep: S("z") }) }) }],
  ]),
];
