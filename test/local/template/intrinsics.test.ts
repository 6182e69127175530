import { describe, expect, test } from "vitest";
import type { Template } from "../../../local/template/cloud-assembly.ts";
import { conditionsOf } from "../../../local/template/conditions.ts";
import { resolveValue, type Scope } from "../../../local/template/intrinsics.ts";

const template: Template = {
  Resources: {},
  Conditions: {
    InProduction: { "Fn::Equals": [{ Ref: "Stage" }, "prod"] },
    Never: { "Fn::Not": [{ Condition: "InProduction" }] },
    Both: { "Fn::And": [{ Condition: "InProduction" }, { Condition: "Never" }] },
    Either: { "Fn::Or": [{ Condition: "InProduction" }, { Condition: "Never" }] },
  },
  Mappings: { Sizes: { prod: { shards: 8 } } },
};
const refs = new Map([
  ["Stage", "prod"],
  ["Queue", "http://queue"],
  ["AWS::Region", "us-east-1"],
]);
const scope: Scope = {
  template,
  holds: conditionsOf(template, (name) => refs.get(name)),
  ref: (name) => refs.get(name),
  imported: (name) => (name === "Base:Table" ? "table" : undefined),
  attribute: (logicalId, name) => (logicalId === "Queue" ? `${logicalId}-${name}` : undefined),
};

/** A template's `${…}`, which in this language would be this language's own. */
const withPlaceholders = (text: string) => text.replaceAll("#{", "$" + "{");

describe("intrinsic functions", () => {
  test.each<[string, unknown, unknown]>([
    ["Ref", { Ref: "Queue" }, "http://queue"],
    ["GetAtt as a list", { "Fn::GetAtt": ["Queue", "Arn"] }, "Queue-Arn"],
    ["GetAtt as a text", { "Fn::GetAtt": "Queue.Arn" }, "Queue-Arn"],
    ["Join", { "Fn::Join": ["-", ["a", { Ref: "Stage" }]] }, "a-prod"],
    ["Split and Select", { "Fn::Select": ["1", { "Fn::Split": [":", "a:b:c"] }] }, "b"],
    [
      "Sub",
      { "Fn::Sub": withPlaceholders("#{AWS::Region}/#{Queue.Arn}/#{!Literal}") },
      withPlaceholders("us-east-1/Queue-Arn/#{Literal}"),
    ],
    [
      "Sub with variables",
      { "Fn::Sub": [withPlaceholders("#{Name}-#{Stage}"), { Name: { Ref: "Queue" } }] },
      "http://queue-prod",
    ],
    ["If", { "Fn::If": ["InProduction", 8, 1] }, 8],
    ["FindInMap", { "Fn::FindInMap": ["Sizes", { Ref: "Stage" }, "shards"] }, 8],
    ["ImportValue", { "Fn::ImportValue": "Base:Table" }, "table"],
    ["GetAZs", { "Fn::GetAZs": "" }, ["us-east-1a", "us-east-1b", "us-east-1c"]],
    ["Cidr", { "Fn::Cidr": ["10.0.0.0/24", "2", "5"] }, ["10.0.0.0/27", "10.0.0.32/27"]],
    ["Base64", { "Fn::Base64": "hello" }, "aGVsbG8="],
    ["nesting", { a: [{ b: { Ref: "Stage" } }] }, { a: [{ b: "prod" }] }],
    ["an object that only looks like one", { Ref: "Stage", Other: 1 }, { Ref: "Stage", Other: 1 }],
  ])("%s", (_, value, expected) => {
    expect(resolveValue(value, scope)).toEqual(expected);
  });

  test("AWS::NoValue leaves the property or the entry out", () => {
    const none = { "Fn::If": ["Never", 1, { Ref: "AWS::NoValue" }] };
    expect(resolveValue({ a: none, b: [1, none] }, scope)).toEqual({ b: [1] });
  });

  test("an unknown name is an invalid template, an unknown function an unsupported one", () => {
    expect(() => resolveValue({ Ref: "Nobody" }, scope)).toThrow(
      expect.objectContaining({ code: "LOCAL_TEMPLATE_INVALID", message: 'Ref to unknown "Nobody"' }),
    );
    expect(() => resolveValue({ "Fn::GetAtt": ["Nobody", "Arn"] }, scope)).toThrow("Nobody.Arn");
    expect(() => resolveValue({ "Fn::Transform": {} }, scope)).toThrow(
      expect.objectContaining({ code: "LOCAL_RESOURCE_UNSUPPORTED" }),
    );
  });

  test.each<[string, unknown, string]>([
    [
      "an index behind the list's end",
      { "Fn::Select": [2, ["a", "b"]] },
      "Fn::Select finds nothing at index 2",
    ],
    ["a key that no mapping has", { "Fn::FindInMap": ["Sizes", "test", "shards"] }, "no mapping Sizes.test"],
    ["a mapping's default value", { "Fn::FindInMap": ["Sizes", "test", "shards", {}] }, "needs a transform"],
    ["the zones of another region", { "Fn::GetAZs": "eu-west-1" }, "Fn::GetAZs of eu-west-1"],
    [
      "more blocks than there are",
      { "Fn::Cidr": ["10.0.0.0/24", 9, 5] },
      "no 9 blocks of 5 bits in 10.0.0.0/24",
    ],
    ["a value that nobody exports", { "Fn::ImportValue": "Other:Table" }, 'no stack exports "Other:Table"'],
    ["a condition that there is not", { "Fn::If": ["Sometimes", 1, 2] }, 'unknown condition "Sometimes"'],
    [
      "a dynamic reference, though it is put together",
      { "Fn::Join": ["", ["{{resolve:ssm:", "/key}}"]] },
      "cannot resolve the dynamic reference {{resolve:ssm:/key}}",
    ],
  ])("%s is refused", (_, value, message) => {
    expect(() => resolveValue(value, scope)).toThrow(message);
  });
});

describe("conditions", () => {
  test.each([
    ["InProduction", true],
    ["Never", false],
    ["Both", false],
    ["Either", true],
  ])("%s is %s", (name, holds) => {
    expect(scope.holds(name)).toBe(holds);
  });

  const conditionsIn = (Conditions: Template["Conditions"] = {}) =>
    conditionsOf({ Resources: {}, Conditions }, (name) => refs.get(name));

  test("compare as texts, whatever JSON made of them", () => {
    expect(conditionsIn({ Same: { "Fn::Equals": [5, "5"] } })("Same")).toBe(true);
    expect(conditionsIn({ Same: { "Fn::Equals": [true, "false"] } })("Same")).toBe(false);
  });

  test.each<[string, Template["Conditions"], string]>([
    [
      "that depend on each other",
      { A: { "Fn::Not": [{ Condition: "B" }] }, B: { Condition: "A" } },
      "conditions depend on each other: A → B → A",
    ],
    ["that refer to a resource", { A: { "Fn::Equals": [{ Ref: "Bucket" }, ""] } }, 'Ref to unknown "Bucket"'],
    ["that are no conditions", { A: "yes" }, 'condition "A" is neither true nor false'],
  ])("%s are refused", (_, conditions, message) => {
    expect(() => conditionsIn(conditions)).toThrow(message);
  });
});
