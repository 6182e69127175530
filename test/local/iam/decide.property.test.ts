import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { decide } from "../../../local/iam/decide.ts";
import { readPolicy } from "../../../local/iam/policy.ts";
import { allowedByTheBook, type Book, type Document, type Json } from "./by-the-book.ts";

const ACTIONS = ["kinesis:PutRecords", "kinesis:PutRecord", "dynamodb:PutItem", "s3:GetObject"];
const RESOURCES = [
  "arn:aws:kinesis:us-east-1:000000000000:stream/a",
  "arn:aws:dynamodb:us-east-1:000000000000:table/a",
  "arn:aws:s3:::a/a:a/a*",
  "*",
];
const SOURCES = [
  "arn:aws:events:us-east-1:000000000000:rule/a",
  "arn:aws:events:us-east-1:000000000000:rule/a:b",
];

const variable = (name: string) => `\${${name}}`;

/** The text, with some of its characters turned into wildcards or left out before one. */
const blurred = (texts: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(60), fc.constantFrom("*", "?", "**")), { maxLength: 3 }),
    )
    .map(([text, holes]) =>
      holes.reduce((whole, [at, hole]) => {
        const place = at % whole.length;
        return whole.slice(0, place) + hole + whole.slice(place + 1);
      }, text),
    );

const anyAction = fc
  .oneof(blurred(ACTIONS), fc.constantFrom(...ACTIONS.map((action) => action.toUpperCase()), "*"))
  .filter((text) => text === "*" || text.includes(":"));
const anyResource = fc
  .oneof(
    blurred(RESOURCES),
    fc.constantFrom(
      "*",
      `arn:aws:s3:::${variable("aws:SourceAccount")}/*`,
      `arn:aws:s3:::${variable("s3:prefix, 'a'")}/a:a/a${variable("*")}`,
    ),
  )
  .filter((text) => text === "*" || text.includes(":"));

const quantified = (operators: readonly string[]) =>
  fc
    .tuple(fc.constantFrom("", "ForAllValues:", "ForAnyValue:"), fc.constantFrom(...operators), fc.boolean())
    .map(
      ([set, operator, ifExists]) =>
        `${set}${operator}${ifExists && set !== "ForAnyValue:" ? "IfExists" : ""}`,
    );
const texts = fc.constantFrom(
  "a",
  "A",
  "a*",
  "b",
  "?",
  variable("s3:delimiter"),
  `${variable("$")}{x}`,
  variable("s3:delimiter, 'b'"),
);
const STRINGS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"];
const NUMBERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];

const condition = (
  operators: fc.Arbitrary<string>,
  keys: readonly string[],
  values: fc.Arbitrary<string>,
): fc.Arbitrary<Json> =>
  fc
    .tuple(operators, fc.constantFrom(...keys), fc.array(values, { minLength: 1, maxLength: 3 }))
    .map(([operator, key, list]) => ({ [operator]: { [key]: list } }));

const anyCondition: fc.Arbitrary<Json> = fc.oneof(
  fc.constant({}),
  condition(quantified(STRINGS), ["s3:prefix", "S3:Prefix"], texts),
  condition(
    quantified(STRINGS).filter((operator) => operator.includes(":")),
    ["dynamodb:LeadingKeys"],
    texts,
  ),
  condition(
    quantified(["ArnLike", "ArnNotEquals"]),
    ["aws:SourceArn"],
    blurred(SOURCES).filter((arn) => arn.split(":").length >= 6),
  ),
  condition(
    quantified(NUMBERS.map((order) => `Numeric${order}`)),
    ["s3:max-keys"],
    fc.constantFrom("9", "10", "10.5"),
  ),
  condition(
    fc.constantFrom("Bool", "BoolIfExists"),
    ["aws:SecureTransport"],
    fc.constantFrom("true", "false"),
  ),
  condition(fc.constant("Null"), ["s3:prefix", "aws:SourceArn"], fc.constantFrom("true", "false")),
);

const someOf = (values: fc.Arbitrary<string>) => fc.array(values, { minLength: 1, maxLength: 3 });
const anyStatement: fc.Arbitrary<Json> = fc
  .record({
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    action: fc.record({ name: fc.constantFrom("Action", "Action", "NotAction"), texts: someOf(anyAction) }),
    resource: fc.record({
      name: fc.constantFrom("Resource", "Resource", "NotResource"),
      texts: someOf(anyResource),
    }),
    Condition: fc.tuple(anyCondition, anyCondition).map(([one, other]) => ({ ...one, ...other })),
  })
  .map(({ Effect, action, resource, Condition }) => ({
    Effect,
    [action.name]: action.texts,
    [resource.name]: resource.texts,
    Condition,
  }));
const anyDocument: fc.Arbitrary<Document> = fc.record({
  Version: fc.constantFrom("2012-10-17", "2012-10-17", "2008-10-17"),
  Statement: fc.array(anyStatement, { minLength: 1, maxLength: 3 }),
});

const anyRequest: fc.Arbitrary<Book> = fc.record({
  action: fc.constantFrom(...ACTIONS),
  resource: fc.constantFrom(...RESOURCES),
  keys: fc.record(
    {
      "s3:prefix": fc.constantFrom(["a"], ["A"], ["b"], ["*"]),
      "s3:delimiter": fc.constantFrom(["a"], [variable("x")], ["?"]),
      "s3:max-keys": fc.constantFrom(["9"], ["10"], ["11"]),
      "aws:SourceArn": fc.constantFrom(...SOURCES.map((arn) => [arn])),
      "aws:SourceAccount": fc.constant(["a"]),
      "aws:SecureTransport": fc.constantFrom(["true"], ["false"]),
      "dynamodb:LeadingKeys": fc.array(fc.constantFrom("a", "A", "b"), { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
});

const keysOf = (keys: Book["keys"]) => (name: string) =>
  Object.entries(keys).find(([key]) => key.toLowerCase() === name)?.[1];

test.prop([fc.array(anyDocument, { maxLength: 3 }), anyRequest], { numRuns: 5_000 })(
  "a request is allowed exactly where the User Guide's rules allow it",
  (documents, request) => {
    const statements = documents.flatMap((document, index) =>
      readPolicy(document, "identity", `policy ${index}`),
    );
    const principal = { kind: "service", name: "nobody" } as const;
    const { allowed } = decide({ ...request, keys: keysOf(request.keys), principal }, statements, []);
    expect(allowed).toBe(allowedByTheBook(documents, request));
  },
);
