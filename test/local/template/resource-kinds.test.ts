import { describe, expect, test } from "vitest";
import { kindOf } from "../../../local/template/kind-of.ts";
import { NO_EFFECT } from "../../../local/template/no-effect.ts";
import { RESOURCE_KINDS } from "../../../local/template/resource-kinds.ts";
import { typeSchemas } from "./cloudformation-schema.ts";

const schemas = typeSchemas();

/** Create-only properties that replace nothing here: there is one version of a function, whatever the qualifier. */
const WITHOUT_EFFECT = new Set(["AWS::Lambda::EventInvokeConfig Qualifier"]);

test("a type is either run or has no effect, never both, and CloudFormation has it", () => {
  const run = Object.keys(RESOURCE_KINDS);
  expect(run.filter((type) => type in NO_EFFECT)).toEqual([]);
  const known = [...run, ...Object.keys(NO_EFFECT)].filter((type) => !type.startsWith("AWS::CDK::"));
  expect(known.filter((type) => !schemas.has(type))).toEqual([]);
});

describe.each(Object.keys(RESOURCE_KINDS))("%s", (type) => {
  const { properties, identity = [] } = kindOf(type);
  const schema = schemas.get(type) ?? new Map<string, boolean>();

  test("has the properties that CloudFormation's schema has", () => {
    expect(Object.keys(properties).sort()).toEqual([...schema.keys()].sort());
  });

  test("is replaced by a change of those that the schema calls create-only", () => {
    const replacing = Object.keys(properties).filter((name) => properties[name] === "replacement");
    const createOnly = [...schema].flatMap(([name, replaces]) => (replaces ? [name] : []));
    const expected = createOnly.filter((name) => !WITHOUT_EFFECT.has(`${type} ${name}`));
    expect(replacing.sort()).toEqual(expected.sort());
  });

  test("is identified by properties that it has", () => {
    expect(identity.filter((name) => !schema.has(name))).toEqual([]);
  });
});
