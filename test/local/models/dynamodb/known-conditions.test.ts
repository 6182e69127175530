import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { AttributeValue } from "../../../../local/models/dynamodb/attribute-value.ts";
import type { Names, Values } from "../../../../local/models/dynamodb/dynamodb-api.ts";
import { type Condition, parseCondition } from "../../../../local/models/dynamodb/expressions/condition.ts";
import { Placeholders } from "../../../../local/models/dynamodb/expressions/placeholders.ts";
import { parseWrite } from "../../../../local/models/dynamodb/parsed-write.ts";
import { ServiceError } from "../../../../local/models/service-error.ts";

type Request = {
  readonly expression: string;
  readonly names: Names | undefined;
  readonly values: Values | undefined;
};

const anyTerm = fc.constantFrom(
  "attribute_not_exists(pk)",
  "attribute_exists(#a)",
  "attribute_type(a, :x)",
  "begins_with(#b, :x)",
  "contains(a, :y)",
  "#a < :x",
  "a.b[0] = :y",
  ":x <> #b",
  "size(#a) >= :x",
  "size(:y) > :x",
  "a BETWEEN :x AND :y",
  "#a IN (:x, :y, b)",
  "#a = #a",
  "a BETWEEN",
);
const anyExpression = fc.oneof(
  anyTerm,
  fc.tuple(anyTerm, fc.constantFrom("AND", "OR"), anyTerm).map((parts) => parts.join(" ")),
  fc.tuple(anyTerm, anyTerm).map(([left, right]) => `NOT (${left} OR ${right})`),
);
const anyValue: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.constantFrom("S", "N", "BOOL", "low", "").map((S) => ({ S })),
  fc.constantFrom("1", "01.0", "-7", "1e2", "no number").map((N) => ({ N })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constantFrom<AttributeValue>(
    { L: [{ N: "1.0" }] },
    { SS: ["a", "a"] },
    { S: "two", N: "types" } as unknown as AttributeValue,
    {} as AttributeValue,
  ),
);
const anyOf = <T>(
  placeholders: string[],
  arb: fc.Arbitrary<T>,
): fc.Arbitrary<Record<string, T> | undefined> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(undefined) },
    {
      weight: 6,
      arbitrary: fc
        .array(fc.tuple(fc.constantFrom(...placeholders), arb), { maxLength: 3 })
        .map((given) => Object.fromEntries(given)),
    },
  );
/** Few expressions, so that most were seen before with other names and values. */
const anyRequests = fc.array(anyExpression, { minLength: 1, maxLength: 3 }).chain((expressions) =>
  fc.array(
    fc.record<Request>({
      expression: fc.constantFrom(...expressions),
      names: anyOf(["#a", "#b"], fc.constantFrom("a", "b", "pk")),
      values: anyOf([":x", ":y"], anyValue),
    }),
    { minLength: 1, maxLength: 30 },
  ),
);

const outcome = (parse: () => Condition | undefined): unknown => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ServiceError) return error.message;
    throw error;
  }
};

const parsedAnew = ({ expression, names, values }: Request): unknown =>
  outcome(() => {
    const placeholders = new Placeholders(names, values, { ConditionExpression: expression });
    const condition = parseCondition("ConditionExpression", expression, placeholders);
    placeholders.checkAllUsed();
    return condition;
  });

const parsed = ({ expression, names, values }: Request): unknown =>
  outcome(
    () =>
      parseWrite(
        { kind: "put", item: { pk: { S: "k" } } },
        {
          ConditionExpression: expression,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
        },
      ).condition,
  );

describe("a condition that was parsed before", () => {
  test.prop([anyRequests], { numRuns: 1_000 })("is what it would be if it were parsed anew", (requests) => {
    for (const request of requests) expect(parsed(request)).toEqual(parsedAnew(request));
  });

  test("is refused for its values where it is, whatever others had", () => {
    const request = (low: string, high: string): Request => ({
      expression: "a BETWEEN :x AND :y",
      names: undefined,
      values: { ":x": { N: low }, ":y": { N: high } },
    });
    expect(parsed(request("1", "2"))).toEqual(parsedAnew(request("1", "2")));
    expect(parsed(request("2", "1"))).toContain("requires upper bound to be greater than or equal");
  });

  test("has the values of its own request", () => {
    const request = (S: string): Request => ({
      expression: "attribute_not_exists(pk) OR #ver < :ver",
      names: { "#ver": "ver" },
      values: { ":ver": { S } },
    });
    const [first, second] = [parsed(request("1")), parsed(request("2"))];
    expect(first).toEqual(parsedAnew(request("1")));
    expect(second).toEqual(parsedAnew(request("2")));
  });
});
