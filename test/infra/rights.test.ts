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

/** Folders of the bucket in which a role may do something: what its resources' ARNs end in. */
const foldersOf = (role: string, action: string): readonly unknown[] =>
  statementsOf(role)
    .filter(({ Action }) => listOf(Action).includes(action))
    .flatMap(({ Resource }) => listOf(Resource))
    .map((arn) =>
      (arn as { readonly "Fn::Join": readonly [string, readonly unknown[]] })["Fn::Join"][1].at(-1),
    );

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

  test("of a stage over the queue of what was abandoned end at sending", () => {
    const sqs = statementsOf("Stagesperpagewebclicks")
      .flatMap(({ Action }) => listOf(Action))
      .filter((action) => action.startsWith("sqs:"));
    expect(sqs).toEqual(["sqs:SendMessage"]);
  });

  test("let a stage delete bodies of its log's entries and snapshots, and nothing of the lake", () => {
    expect(foldersOf("Stagesperpagehourly", "s3:DeleteObject")).toEqual(["/log/*", "/snapshots/*"]);
    expect(foldersOf("Stagesperpagehourly", "s3:GetObject")).toEqual(["/log/*", "/snapshots/*"]);
  });

  test("let the clock look for the newest entries only, which it queries", () => {
    const dynamodb = statementsOf("Clock")
      .flatMap(({ Action }) => listOf(Action))
      .filter((action) => action.startsWith("dynamodb:"));
    expect(dynamodb).toEqual(["dynamodb:Query"]);
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
