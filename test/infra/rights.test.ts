import { describe, expect, test } from "vitest";
import { samplePlan } from "./sample-plan.ts";
import { propertiesOf, target, templateOf } from "./synth.ts";

type Statement = {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
};
type Policy = { readonly PolicyDocument: { readonly Statement: readonly Statement[] } };
type Role = { readonly ManagedPolicyArns?: unknown };

const template = templateOf();
const policies = propertiesOf<Policy>(template, "AWS::IAM::Policy");
const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
const statementsOf = (role: string): readonly Statement[] => {
  const found = policies.filter(([id]) => id.startsWith(`${role}RoleDefaultPolicy`));
  if (found.length !== 1) throw new Error(`${found.length} policies of ${role}`);
  return found.flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement);
};
/** Logical ids of the resources on which a role may do something. */
const targetsOf = (role: string, action: string): readonly string[] =>
  statementsOf(role)
    .filter(({ Action }) => listOf(Action).includes(action))
    .flatMap(({ Resource }) => listOf(Resource).map(target));

describe("rights", () => {
  const statements = policies.flatMap(([id, { PolicyDocument }]) =>
    PolicyDocument.Statement.map((statement) => ({ id, ...statement })),
  );

  test("name each action", () => {
    const wild = statements.filter(({ Action }) => listOf(Action).some((action) => action.includes("*")));
    expect(wild).toEqual([]);
  });

  test("name each resource; of the bucket, a folder", () => {
    const everything = statements.filter(({ Resource }) => listOf(Resource).includes("*"));
    expect(everything).toEqual([]);
  });

  test("come from no managed policy but the one that API Gateway asks for", () => {
    const managed = propertiesOf<Role>(template, "AWS::IAM::Role").filter(
      ([, { ManagedPolicyArns }]) => ManagedPolicyArns !== undefined,
    );
    expect(managed.map(([id]) => id)).toEqual([expect.stringMatching(/^ApiRestApiCloudWatchRole/)]);
  });

  test("of a stage reach only its own stream and those that it feeds", () => {
    expect(targetsOf("Stagesperpagewebclicks", "kinesis:GetRecords")).toEqual([
      expect.stringMatching(/^Streamswebclicks/),
    ]);
    expect(targetsOf("Stagesperpagewebclicks", "kinesis:PutRecords")).toEqual([
      expect.stringMatching(/^Streamsperpagehourly/),
    ]);
    expect(targetsOf("Stagesperpagehourly", "kinesis:PutRecords")).toEqual([]);
  });

  test("let only the stages of a view write views", () => {
    const writers = samplePlan.pipelines
      .flatMap(({ stages }) => stages)
      .filter(({ id }) => {
        const role = `Stages${id.replace(/[^a-z]/g, "")}`;
        return targetsOf(role, "dynamodb:PutItem").some((table) => table.startsWith("StorageViews"));
      });
    expect(writers.map(({ id }) => id)).toEqual(["per-user.web-clicks", "per-page.hourly"]);
  });

  test("let nobody but stages write the log", () => {
    for (const role of ["Ingest", "Query", "Clock"])
      expect(targetsOf(role, "dynamodb:PutItem").filter((table) => table.startsWith("StorageLog"))).toEqual(
        [],
      );
    expect(statementsOf("Query").flatMap(({ Action }) => listOf(Action))).not.toContain("kinesis:PutRecords");
  });
});
