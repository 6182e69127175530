import { describe, expect, test } from "vitest";
import { denied, deploying } from "./deploying.ts";
import {
  allow,
  arn,
  document,
  lambda,
  mapping,
  policy,
  QUEUE,
  type Resources,
  role,
  STREAM,
  waiting,
} from "./resources.ts";

const deployed = deploying();
const { deploy } = deployed;

describe("a schedule of EventBridge Scheduler", () => {
  const schedule: Resources = {
    Nightly: {
      Type: "AWS::Scheduler::Schedule",
      Properties: {
        ScheduleExpression: "rate(1 hour)",
        ScheduleExpressionTimezone: "Etc/UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        State: "DISABLED",
        Target: { Arn: arn("Stage"), RoleArn: arn("Caller") },
      },
    },
  };
  const GROUP = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/default";
  /** As the CDK writes it: for the schedules of a group. */
  const caller = (service: string, sourceArn = GROUP): Resources => ({
    Caller: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: document({
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceAccount": "000000000000", "aws:SourceArn": sourceArn } },
        }),
        Policies: [
          {
            PolicyName: "invoke",
            PolicyDocument: document(allow(["lambda:InvokeFunction"], arn("Stage"))),
          },
        ],
      },
    },
  });

  test("acts as its role, which it must be able to assume", async () => {
    await expect(
      deploy({ ...role(), ...lambda(), ...caller("lambda.amazonaws.com"), ...schedule }),
    ).rejects.toThrow(denied("Nightly (AWS::Scheduler::Schedule).Target.RoleArn"));
    const other = caller("scheduler.amazonaws.com", GROUP.replace("default", "other"));
    await expect(deploy({ ...role(), ...lambda(), ...other, ...schedule })).rejects.toThrow(
      denied("RoleArn"),
    );
    await deploy({ ...role(), ...lambda(), ...caller("scheduler.amazonaws.com"), ...schedule });
    const arnNamed = (id: string) =>
      deployed.formation.resources.find(({ logicalId }) => logicalId === id)?.attributes["Arn"] ?? "";
    const mayCall = (roleId: string) =>
      deployed.into.iam.mayInvoke(
        "scheduler.amazonaws.com",
        arnNamed("Stage"),
        arnNamed("Nightly"),
        arnNamed(roleId),
      );
    expect([mayCall("Caller"), mayCall("Role")]).toEqual([true, false]);
  });
});

test("where a function's events end, its role must be able to deliver", async () => {
  const DeadLetterConfig = { TargetArn: arn("Dead") };
  await expect(deploy({ ...QUEUE, ...role(), ...lambda({ DeadLetterConfig }) })).rejects.toThrow(
    denied("Stage (AWS::Lambda::Function).DeadLetterConfig asks for what the role"),
  );
  const config = {
    Events: {
      Type: "AWS::Lambda::EventInvokeConfig",
      Properties: {
        FunctionName: { Ref: "Stage" },
        Qualifier: "$LATEST",
        DestinationConfig: { OnSuccess: { Destination: arn("Dead") } },
      },
    },
  };
  await expect(deploy({ ...QUEUE, ...role(), ...lambda(), ...config })).rejects.toThrow(
    denied("Events (AWS::Lambda::EventInvokeConfig).DestinationConfig"),
  );
  const rights = policy(allow(["sqs:SendMessage"], arn("Dead")));
  await deploy({
    ...QUEUE,
    ...role(),
    ...rights,
    ...waiting(lambda({ DeadLetterConfig }), "Rights"),
    ...config,
  });
});

test("with rights off, policies are not even read, and everything is deployed", async () => {
  deployed.unguarded();
  const unknown = {
    ...allow(["s3:GetObject"], "*"),
    Condition: { StringEquals: { "aws:PrincipalOrgID": "o" } },
  };
  await deploy({
    ...STREAM,
    ...role({ AssumeRolePolicyDocument: {}, ManagedPolicyArns: ["arn:aws:iam::aws:policy/AnyOther"] }),
    ...policy(unknown),
    ...lambda(),
    ...mapping(arn("Words")),
  });
  expect(deployed.into.iam.mayInvoke("apigateway.amazonaws.com", "arn:any", "arn:any")).toBe(true);
});
