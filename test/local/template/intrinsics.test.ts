import { describe, expect, test } from "vitest";
import type { Template } from "../../../local/template/cloud-assembly.ts";
import { conditionHolds, resolveValue, type Scope } from "../../../local/template/intrinsics.ts";

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

  test.each([
    ["InProduction", true],
    ["Never", false],
    ["Both", false],
    ["Either", true],
  ])("condition %s is %s", (name, holds) => {
    expect(conditionHolds(name, scope)).toBe(holds);
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
});
