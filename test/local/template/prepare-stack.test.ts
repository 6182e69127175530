import { describe, expect, test } from "vitest";
import type { Template } from "../../../local/template/cloud-assembly.ts";
import { prepareStack } from "../../../local/template/prepare-stack.ts";
import { stackOf } from "./formation.ts";

const queue = (Properties: Readonly<Record<string, unknown>> = {}) => ({
  Type: "AWS::SQS::Queue",
  Properties,
});

/** A template's `${…}`, which in this language would be this language's own. */
const withPlaceholders = (text: string) => text.replaceAll("#{", "$" + "{");

describe("a template is refused before anything is made", () => {
  test.each<[string, Partial<Template>, string]>([
    [
      "a transform",
      { Transform: "AWS::LanguageExtensions" },
      'runs no transform, and "App" has one: "AWS::LanguageExtensions"',
    ],
    [
      "a loop over resources",
      { Resources: { "Fn::ForEach::Queues": ["Name", ["a"], {}] as never } },
      'intrinsic function Fn::ForEach::Queues, in Resources of "App"',
    ],
    [
      "a loop over properties, beside other members",
      { Resources: { Q: queue({ DelaySeconds: 1, "Fn::ForEach::Tags": [] }) } },
      'Fn::ForEach::Tags, in "Q"',
    ],
    [
      "a macro inside a resource, beside other members",
      { Resources: { Q: { ...queue(), ...{ "Fn::Transform": { Name: "M" } } } } },
      'Fn::Transform, in "Q"',
    ],
    [
      "a function that needs a transform",
      { Resources: { Q: queue({ DelaySeconds: { "Fn::Length": [1] } }) } },
      'Fn::Length, in "Q"',
    ],
    [
      "an unknown function in an output",
      { Outputs: { O: { Value: { "Fn::ToJsonString": {} } } } },
      'Fn::ToJsonString, in "O"',
    ],
    [
      "a secret",
      { Resources: { Q: queue({ Tags: [{ Value: "a-{{resolve:secretsmanager:key:SecretString}}" }] }) } },
      "Q (AWS::SQS::Queue).Tags: the local cloud cannot resolve {{resolve:secretsmanager:key:SecretString}}",
    ],
    [
      "a parameter of the parameter store inside a text with placeholders",
      {
        Resources: {
          Q: queue({ QueueName: { "Fn::Sub": withPlaceholders("{{resolve:ssm:/#{AWS::StackName}/name}}") } }),
        },
      },
      "Q (AWS::SQS::Queue).QueueName: the local cloud cannot resolve {{resolve:ssm:/",
    ],
    [
      "a property that the type does not have",
      { Resources: { Q: queue({ Delay: 5 }) } },
      "Q (AWS::SQS::Queue).Delay is no property of the type",
    ],
    [
      "a dependency on nothing",
      { Resources: { Q: { ...queue(), DependsOn: ["Q", "Other"] } } },
      'Q (AWS::SQS::Queue) depends on "Other", which is no resource of the template',
    ],
    [
      "a policy that the type does not know",
      { Resources: { Q: { ...queue(), DeletionPolicy: "Snapshot" } } },
      "Q (AWS::SQS::Queue): DeletionPolicy Snapshot is none of Delete, Retain, RetainExceptOnCreate",
    ],
    [
      "a parameter without a default",
      {
        Parameters: { Size: { Type: "Number" } },
        Conditions: { Large: { "Fn::Equals": [{ Ref: "Size" }, 9] } },
      },
      'parameter "Size" has no default',
    ],
    [
      "resources in a circle",
      { Resources: { A: { ...queue(), DependsOn: "B" }, B: { ...queue(), DependsOn: "A" } } },
      "A → B → A",
    ],
  ])("%s", (_, template, message) => {
    expect(() => prepareStack(stackOf({}, template))).toThrow(message);
  });
});

describe("a parameter yields its default", () => {
  const parameter = (Type: string, Default: unknown) =>
    prepareStack(stackOf({}, { Parameters: { P: { Type, Default } } })).parameter("P");

  test.each<[string, unknown, unknown]>([
    ["String", "a,b", "a,b"],
    ["Number", 5, "5"],
    ["CommaDelimitedList", "a, b", ["a", "b"]],
    ["List<Number>", "1,2", ["1", "2"]],
    ["List<AWS::EC2::Subnet::Id>", "x", ["x"]],
    ["AWS::SSM::Parameter::Name", "/name", "/name"],
  ])("%s", (type, byDefault, value) => {
    expect(parameter(type, byDefault)).toEqual(value);
  });

  test("but not where the parameter store would have to be asked, which nobody does for one that is not used", () => {
    const Parameters = { P: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/bootstrap/version" } };
    const prepared = prepareStack(stackOf({}, { Parameters }));
    expect(() => prepared.parameter("P")).toThrow(
      'parameter "P" is read from the parameter store (/bootstrap/version), which is not modelled locally',
    );
  });
});

test("a resource without effect may have any property, and one whose condition does not hold may be anything", () => {
  const { resources } = prepareStack(
    stackOf(
      {
        Key: { Type: "AWS::KMS::Key", Properties: { Anything: 1 } },
        Never: { Type: "AWS::EC2::Instance", Condition: "No", Properties: { Anything: "{{resolve:ssm:a}}" } },
        User: { ...queue(), DependsOn: "Never" },
      },
      { Conditions: { No: { "Fn::Equals": [1, 2] } } },
    ),
  );
  expect([...resources.keys()]).toEqual(["Key", "User"]);
});
