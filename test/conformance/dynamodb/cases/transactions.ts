import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { api } from "../pages.ts";
import { coded, each, type Item, N, outcome, S, type Scene, said, scene } from "../scene.ts";

type Member = Readonly<Record<string, object>>;

const put = (pk: string, more: object = {}, how: object = {}): Member => ({
  Put: { Item: { pk: S(pk), ...more }, ...how },
});
const remove = (pk: string, how: object = {}): Member => ({ Delete: { Key: { pk: S(pk) }, ...how } });
const update = (pk: string, UpdateExpression: string, how: object = {}): Member => ({
  Update: { Key: { pk: S(pk) }, UpdateExpression, ...how },
});
const check = (pk: string, ConditionExpression: string, how: object = {}): Member => ({
  ConditionCheck: { Key: { pk: S(pk) }, ConditionExpression, ...how },
});
const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const one = { ExpressionAttributeValues: { ":one": N(1) } };
const UNLESS_THERE = { ConditionExpression: "attribute_not_exists(pk)" };

const FAILED = { Code: "ConditionalCheckFailed", Message: "The conditional request failed" };

const get = (t: Scene, keys: readonly Item[], how: object = {}) =>
  t.call("TransactGetItems", {
    TransactItems: keys.map((Key) => ({ Get: { TableName: t.table, Key, ...how } })),
  });

/** What becomes of each member beside a valid one, and whether that was done. */
const beside = (
  name: string,
  members: Readonly<Record<string, Member>>,
  seen: (answer: Awaited<ReturnType<Scene["on"]>>) => unknown,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> =>
  scene(
    name,
    "pk:S",
    async (t) => {
      await t.putAll({ pk: S("there"), word: S("x"), n: N(1) });
      const answers = await each(members, async (member) => seen(await t.transact([put("a"), member])));
      return [answers, (await t.on("Scan"))["Count"]];
    },
    aws,
  );

const reasons = (answer: Readonly<Record<string, unknown>>): unknown =>
  answer["CancellationReasons"] ?? said(answer);
const invalid = (Message: string): object[] => [{ Code: "None" }, { Code: "ValidationError", Message }];

export const transactions: readonly Case<DynamoDb>[] = [
  scene("a transaction puts, updates, deletes and checks at once", "pk:S", async (t) => {
    await t.putAll({ pk: S("u"), n: N(1) }, { pk: S("d") }, { pk: S("c"), ok: { BOOL: true } });
    const done = await t.transact([
      put("p", { n: N(5) }),
      update("u", "ADD n :one", one),
      remove("d"),
      check("c", "attribute_exists(ok)"),
    ]);
    return [done, await get(t, [{ pk: S("p") }, { pk: S("u") }, { pk: S("d") }, { pk: S("c") }])];
  }),
  scene(
    "a condition that fails cancels all, and is the reason of its item",
    "pk:S",
    async (t) => {
      await t.putAll({ pk: S("a"), n: N(1) }, { pk: S("b"), n: N(1) });
      const shown = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
      return [
        await t.transact([
          put("new"),
          put("a", {}, { ...UNLESS_THERE, ...shown }),
          remove("b", UNLESS_THERE),
          check("none", "attribute_exists(pk)", shown),
        ]),
        await t.on("Scan", { Select: "COUNT" }),
      ];
    },
    {
      source: api("TransactWriteItems"),
      is: [
        {
          refused: "TransactionCanceledException",
          status: 400,
          message:
            "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed, ConditionalCheckFailed]",
          CancellationReasons: [
            { Code: "None" },
            { ...FAILED, Item: { pk: S("a"), n: N(1) } },
            FAILED,
            FAILED,
          ],
        },
        { Count: 2, ScannedCount: 2 },
      ],
    },
  ),
  scene("conditions see the items as they were before the transaction", "pk:S", async (t) => {
    await t.putAll({ pk: S("a"), n: N(1) });
    return [
      coded(
        await t.transact([
          update("a", "SET n = :two", {
            ConditionExpression: "n = :one",
            ExpressionAttributeValues: { ":one": N(1), ":two": N(2) },
          }),
          put("b", {}, UNLESS_THERE),
        ]),
      ),
      await get(t, [{ pk: S("a") }, { pk: S("b") }]),
    ];
  }),
  scene("an update of nothing makes the item, unless its condition asks for it", "pk:S", async (t) => [
    await t.transact([update("a", "ADD n :one", one)]),
    coded(
      await t.transact([update("b", "ADD n :one", { ...one, ConditionExpression: "attribute_exists(pk)" })]),
    ),
    await get(t, [{ pk: S("a") }, { pk: S("b") }]),
  ]),
  scene("a transaction has 1 to 100 items, each of another", "pk:S", async (t) => ({
    none: outcome(await t.transact([])),
    "101": outcome(await t.transact(many(101, (i) => put(`k${i}`)))),
    "one twice": said(await t.transact([put("a"), remove("a")])),
    "100": await t.transact(many(100, (i) => put(`k${i}`))),
    there: (await t.on("Scan", { Select: "COUNT" }))["Count"],
  })),
  scene(
    "a member of a transaction is one of four",
    "pk:S",
    async (t) => [
      outcome(await t.call("TransactWriteItems", { TransactItems: [{}] })),
      outcome(await t.transact([{ ...put("a"), ...remove("b") }])),
    ],
    { source: api("TransactWriteItem"), is: ["ValidationException", "ValidationException"] },
  ),
  scene(
    "an update of a transaction has an expression, a check a condition",
    "pk:S",
    async (t) => [
      outcome(await t.transact([{ Update: { Key: { pk: S("a") } } }])),
      outcome(await t.transact([{ ConditionCheck: { Key: { pk: S("a") } } }])),
    ],
    { source: api("Update"), is: ["ValidationException", "ValidationException"] },
  ),
  beside(
    "what is wrong with a request is refused before any item is looked at",
    {
      "a condition": put("b", {}, { ConditionExpression: "foo" }),
      "an unused value": put("b", {}, { ...UNLESS_THERE, ...one }),
      "a number": put("b", { n: { N: "x" } }),
      "too large": put("b", { x: S("x".repeat(409_600)) }),
      "an empty key": put(""),
      "an empty key to delete": remove(""),
    },
    outcome,
    {
      source: api("TransactWriteItems"),
      is: [
        {
          "a condition": "ValidationException",
          "an unused value": "ValidationException",
          "a number": "ValidationException",
          "too large": "ValidationException",
          "an empty key": "ValidationException",
          "an empty key to delete": "ValidationException",
        },
        1,
      ],
    },
  ),
  beside(
    "what is wrong with an item's key is its reason",
    {
      "another type": { Put: { Item: { pk: N(1) } } },
      "no key": { Put: { Item: { n: N(1) } } },
      "another type to delete": { Delete: { Key: { pk: N(1) } } },
      "a key too many": { Delete: { Key: { pk: S("b"), n: N(1) } } },
      "an update of the key": update("there", "SET pk = :one", one),
    },
    reasons,
    {
      source: api("TransactWriteItems"),
      is: [
        {
          "another type": invalid(
            "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
          ),
          "no key": invalid("One or more parameter values were invalid: Missing the key pk in the item"),
          "another type to delete": invalid("The provided key element does not match the schema"),
          "a key too many": invalid("The provided key element does not match the schema"),
          "an update of the key": invalid(
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key",
          ),
        },
        1,
      ],
    },
  ),
  beside(
    "what an update finds wrong with its item is its reason",
    {
      "wrong type": update("there", "SET n = word + :one", one),
      "not there": update("there", "SET n = absent + :one", one),
      "no place": update("there", "SET absent.n = :one", one),
      "too large": update("there", "SET a = :x, b = :x", {
        ExpressionAttributeValues: { ":x": S("x".repeat(205_000)) },
      }),
    },
    reasons,
    {
      source: api("TransactWriteItems"),
      is: [
        {
          "wrong type": invalid("An operand in the update expression has an incorrect data type"),
          "not there": invalid(
            "The provided expression refers to an attribute that does not exist in the item",
          ),
          "no place": invalid("The document path provided in the update expression is invalid for update"),
          "too large": invalid("Item size to update has exceeded the maximum allowed size"),
        },
        1,
      ],
    },
  ),
  beside(
    "a condition that fails is the reason, whatever is wrong with the update",
    {
      both: update("there", "SET n = word + :one", { ...one, ...UNLESS_THERE }),
    },
    reasons,
  ),
  scene("a transaction names tables that are there", "pk:S", async (t) => [
    outcome(
      await t.call("TransactWriteItems", {
        TransactItems: [
          { Put: { TableName: t.table, Item: { pk: S("a") } } },
          { Put: { TableName: "no-such-table", Item: { pk: S("a") } } },
        ],
      }),
    ),
    (await t.on("Scan"))["Count"],
  ]),
  scene("a transaction has up to 4 MB", "pk:S", async (t) => {
    const body = S("x".repeat(360_000));
    return {
      "12 of 360 KB": outcome(await t.transact(many(12, (i) => put(`k${i}`, { body })))),
      "11 of 360 KB": outcome(await t.transact(many(11, (i) => put(`k${i}`, { body })))),
    };
  }),
  scene("the same token is the same transaction, and another's token is refused", "pk:S", async (t) => {
    const add = (n: number, more: object = {}) =>
      t.transact([update("a", "ADD n :n", { ExpressionAttributeValues: { ":n": N(n) } })], {
        ClientRequestToken: `token-${t.table}`,
        ...more,
      });
    return [
      await add(1),
      await add(1),
      coded(await add(2)),
      await add(1, { ReturnItemCollectionMetrics: "SIZE" }),
      (await t.get({ pk: S("a") }))["Item"],
    ];
  }),
  scene("a token is remembered of transactions that were done only", "pk:S", async (t) => {
    const claim = () =>
      t.transact([put("b"), check("a", "attribute_exists(pk)")], { ClientRequestToken: `late-${t.table}` });
    const first = outcome(await claim());
    await t.putAll({ pk: S("a") });
    return [first, await claim()];
  }),
  scene("a token has up to 36 characters", "pk:S", async (t) => [
    outcome(await t.transact([put("a")], { ClientRequestToken: "x".repeat(37) })),
    outcome(await t.transact([put("a")], { ClientRequestToken: `y${t.table}`.padEnd(36, "y").slice(0, 36) })),
  ]),
  scene(
    "a transaction of reads answers in the order of its keys, with nothing for nothing",
    "pk:S",
    async (t) => {
      await t.putAll({ pk: S("a"), n: N(1), m: N(2) }, { pk: S("b"), n: N(3) });
      return [
        await get(t, [{ pk: S("b") }, { pk: S("none") }, { pk: S("a") }]),
        await get(t, [{ pk: S("a") }, { pk: S("none") }], { ProjectionExpression: "n" }),
      ];
    },
    {
      source: api("Get"),
      is: [
        {
          Responses: [{ Item: { pk: S("b"), n: N(3) } }, {}, { Item: { pk: S("a"), n: N(1), m: N(2) } }],
        },
        { Responses: [{ Item: { n: N(1) } }, {}] },
      ],
    },
  ),
  scene(
    "a transaction of reads has 1 to 100 items, each of another",
    "pk:S",
    async (t) => ({
      none: outcome(await get(t, [])),
      "101": outcome(
        await get(
          t,
          many(101, (i) => ({ pk: S(`k${i}`) })),
        ),
      ),
      "one twice": said(await get(t, [{ pk: S("a") }, { pk: S("a") }])),
      "no such table": outcome(
        await t.call("TransactGetItems", {
          TransactItems: [{ Get: { TableName: "no-such-table", Key: { pk: S("a") } } }],
        }),
      ),
      "a bad projection": outcome(await get(t, [{ pk: S("a") }], { ProjectionExpression: "a..b" })),
      "an empty key": outcome(await get(t, [{ pk: S("") }])),
    }),
    {
      source: api("TransactGetItems"),
      is: {
        none: "ValidationException",
        "101": "ValidationException",
        "one twice":
          "ValidationException: Transaction request cannot include multiple operations on one item",
        "no such table": "ResourceNotFoundException",
        "a bad projection": "ValidationException",
        "an empty key": "ValidationException",
      },
    },
  ),
  scene(
    "what is wrong with a key of a transaction of reads is its reason",
    "pk:S",
    async (t) => reasons(await get(t, [{ pk: S("a") }, { pk: N(1) }])),
    {
      source: api("TransactGetItems"),
      is: invalid("The provided key element does not match the schema"),
    },
  ),
  scene(
    "a transaction of reads has up to 4 MB",
    "pk:S",
    async (t) => {
      const body = S("x".repeat(360_000));
      for (let i = 0; i < 12; i += 1) await t.putAll({ pk: S(`k${i}`), body });
      const read = async (count: number) =>
        outcome(
          await get(
            t,
            many(count, (i) => ({ pk: S(`k${i}`) })),
            { ProjectionExpression: "pk" },
          ),
        );
      return [await read(11), await read(12)];
    },
    { source: api("TransactGetItems"), is: ["taken", "ValidationException"] },
  ),
];
