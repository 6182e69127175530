import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Iam } from "../../../local/iam/iam.ts";
import { sessionOf } from "../../../local/iam/principal.ts";
import type { Template } from "../../../local/template/cloud-assembly.ts";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import type { Services } from "../../../local/template/resource-kind.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { services } from "../template/services.ts";

type Resources = Template["Resources"];

const assetFolders = new Map([
  ["stage.zip", fileURLToPath(new URL("../template/app/asset.stage", import.meta.url))],
]);

let into: Services;
let formation: CloudFormation;
beforeEach(() => {
  into = services();
  formation = new CloudFormation(into);
});
afterEach(async () => {
  await Promise.all(into.sources.map((source) => source.close()));
  await into.lambda.close();
});

const deploy = (template: Resources) =>
  formation.update([{ name: "App", template: { Resources: template }, assetFolders }]);

const trust = (...services: readonly string[]) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" }],
});
const role = (properties: object = {}): Resources => ({
  Role: {
    Type: "AWS::IAM::Role",
    Properties: { AssumeRolePolicyDocument: trust("lambda.amazonaws.com"), ...properties },
  },
});
const document = (...Statement: readonly object[]) => ({ Version: "2012-10-17", Statement });
const allow = (Action: readonly string[], Resource: unknown) => ({ Effect: "Allow", Action, Resource });
const arn = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });
const policy = (...statements: readonly object[]): Resources => ({
  Rights: {
    Type: "AWS::IAM::Policy",
    Properties: { PolicyName: "rights", PolicyDocument: document(...statements), Roles: [{ Ref: "Role" }] },
  },
});
const lambda = (properties: object = {}, logicalId = "Stage"): Resources => ({
  [logicalId]: {
    Type: "AWS::Lambda::Function",
    // as the CDK writes it, so that whatever names the function has the role's policies
    DependsOn: ["Role"],
    Properties: {
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { S3Key: "stage.zip" },
      Role: arn("Role"),
      ...properties,
    },
  },
});
const waiting = (resources: Resources, ...DependsOn: readonly string[]): Resources =>
  Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      { ...resource, DependsOn: ["Role", ...DependsOn] },
    ]),
  );
const STREAM: Resources = { Words: { Type: "AWS::Kinesis::Stream" } };
const QUEUE: Resources = { Dead: { Type: "AWS::SQS::Queue" } };
const BUCKET: Resources = { Bodies: { Type: "AWS::S3::Bucket" } };
const mapping = (source: unknown, more: object = {}): Resources => ({
  Mapping: {
    Type: "AWS::Lambda::EventSourceMapping",
    Properties: {
      FunctionName: { Ref: "Stage" },
      EventSourceArn: source,
      StartingPosition: "TRIM_HORIZON",
      ...more,
    },
  },
});
const onFailure = (destination: unknown) => ({
  DestinationConfig: { OnFailure: { Destination: destination } },
});

const READ = [
  "kinesis:DescribeStream",
  "kinesis:DescribeStreamSummary",
  "kinesis:GetRecords",
  "kinesis:GetShardIterator",
  "kinesis:ListShards",
];

const denied = (message: string) =>
  expect.objectContaining({ code: "LOCAL_ACCESS_DENIED", message: expect.stringContaining(message) });

describe("a mapping is refused where the function's role", () => {
  test.each(READ)("lacks %s", async (missing) => {
    const rights = policy(
      allow(
        READ.filter((action) => action !== missing),
        arn("Words"),
      ),
    );
    const template = {
      ...STREAM,
      ...role(),
      ...rights,
      ...waiting(lambda(), "Rights"),
      ...mapping(arn("Words")),
    };
    await expect(deploy(template)).rejects.toThrow(
      denied(
        `Mapping (AWS::Lambda::EventSourceMapping).EventSourceArn asks for what the role "App-Role" may not do: ${missing} on arn:aws:kinesis:us-east-1:000000000000:stream/App-Words`,
      ),
    );
    expect(into.iam.refusals()).toEqual([expect.objectContaining({ action: missing })]);
  });

  test("may not subscribe to the shards of a consumer", async () => {
    const consumer = {
      Reader: {
        Type: "AWS::Kinesis::StreamConsumer",
        Properties: { ConsumerName: "reader", StreamARN: arn("Words") },
      },
    };
    const template = (...actions: readonly string[]) => ({
      ...STREAM,
      ...consumer,
      ...role(),
      ...policy(allow(READ, arn("Words")), allow(actions, { Ref: "Reader" })),
      ...waiting(lambda(), "Rights"),
      ...mapping({ Ref: "Reader" }),
    });
    await expect(deploy(template("kinesis:DescribeStreamConsumer"))).rejects.toThrow(
      denied(
        "kinesis:SubscribeToShard on arn:aws:kinesis:us-east-1:000000000000:stream/App-Words/consumer/reader:",
      ),
    );
    await deploy(template("kinesis:SubscribeToShard"));
  });

  test.each(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])(
    "lacks %s for a queue",
    async (missing) => {
      const all = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
      const rights = policy(
        allow(
          all.filter((action) => action !== missing),
          arn("Dead"),
        ),
      );
      const template = {
        ...QUEUE,
        ...role(),
        ...rights,
        ...waiting(lambda(), "Rights"),
        ...mapping(arn("Dead")),
      };
      await expect(deploy(template)).rejects.toThrow(denied(`${missing} on arn:aws:sqs:`));
    },
  );

  test("may not write where batches go that are given up", async () => {
    const template = (destination: string, ...more: readonly object[]) => ({
      ...STREAM,
      ...QUEUE,
      ...BUCKET,
      ...role(),
      ...policy(allow(READ, arn("Words")), ...more),
      ...waiting(lambda(), "Rights"),
      ...mapping(arn("Words"), onFailure(arn(destination))),
    });
    await expect(deploy(template("Dead"))).rejects.toThrow(
      denied("Mapping (AWS::Lambda::EventSourceMapping).DestinationConfig.OnFailure.Destination"),
    );
    await expect(deploy(template("Bodies", allow(["s3:PutObject"], "*")))).rejects.toThrow(
      denied("s3:ListBucket on arn:aws:s3:::app-bodies"),
    );
    await deploy(template("Dead", allow(["sqs:SendMessage"], arn("Dead"))));
  });

  test("gets its rights from a policy that is made only later, which is luck on AWS", async () => {
    const template = {
      ...STREAM,
      ...role(),
      ...lambda(),
      ...mapping(arn("Words")),
      ...policy(allow(READ, "*")),
    };
    await expect(deploy(template)).rejects.toThrow(denied("kinesis:GetRecords"));
  });
});

test.each(["AWSLambdaKinesisExecutionRole", "AWSLambdaSQSQueueExecutionRole"])(
  "AWS's own policy %s is enough for its source",
  async (name) => {
    const ManagedPolicyArns = [`arn:aws:iam::aws:policy/service-role/${name}`];
    const source = name.includes("SQS") ? "Dead" : "Words";
    await deploy({
      ...STREAM,
      ...QUEUE,
      ...role({ ManagedPolicyArns }),
      ...lambda(),
      ...mapping(arn(source)),
    });
    expect(into.sources).toHaveLength(1);
  },
);

describe("a role", () => {
  test("is refused with a policy whose statements nobody knows", async () => {
    const ManagedPolicyArns = ["arn:aws:iam::aws:policy/AmazonBraketFullAccess"];
    await expect(deploy(role({ ManagedPolicyArns }))).rejects.toThrow(
      "Role (AWS::IAM::Role).ManagedPolicyArns has arn:aws:iam::aws:policy/AmazonBraketFullAccess",
    );
  });

  test("is refused with a boundary, which is not modelled", async () => {
    const PermissionsBoundary = "arn:aws:iam::aws:policy/AdministratorAccess";
    await expect(deploy(role({ PermissionsBoundary }))).rejects.toThrow("PermissionsBoundary");
  });

  test("that Lambda may not assume is refused to a function", async () => {
    const template = { ...role({ AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }), ...lambda() };
    await expect(deploy(template)).rejects.toThrow(
      denied(
        "Stage (AWS::Lambda::Function).Role is arn:aws:iam::000000000000:role/App-Role, whose trust policy",
      ),
    );
  });

  test("of no template is refused to a function: nobody knows what it may do", async () => {
    const template = { ...role(), ...lambda({ Role: "arn:aws:iam::000000000000:role/elsewhere" }) };
    await expect(deploy(template)).rejects.toThrow("which is no role of the templates");
  });

  test("has the statements of all its policies, wherever they are written", async () => {
    await deploy({
      ...role({
        Path: "/service/",
        Policies: [{ PolicyName: "own", PolicyDocument: document(allow(["kinesis:PutRecord"], "*")) }],
        ManagedPolicyArns: [{ Ref: "Mine" }],
      }),
      Mine: {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: { PolicyDocument: document(allow(["kinesis:PutRecords"], "*")) },
      },
      Yours: {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: {
          PolicyDocument: document(allow(["kinesis:ListShards"], "*")),
          Roles: [{ Ref: "Role" }],
        },
      },
      ...policy(allow(["kinesis:ListStreams"], "*")),
    });
    const arnOfRole = "arn:aws:iam::000000000000:role/service/App-Role";
    expect(formation.resources.find(({ logicalId }) => logicalId === "Role")?.attributes["Arn"]).toBe(
      arnOfRole,
    );
    const may = (action: string) =>
      into.iam.refusalOf(sessionOf(arnOfRole, "x"), [{ action: `kinesis:${action}`, resource: "*" }]) ===
      undefined;
    expect(["PutRecord", "PutRecords", "ListShards", "ListStreams", "GetRecords"].map(may)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});

test("a policy that changes, and one that goes, are felt at once", async () => {
  const may = () =>
    into.iam.refusalOf(sessionOf("arn:aws:iam::000000000000:role/App-Role", "x"), [
      { action: "kinesis:PutRecords", resource: "*" },
    ]) === undefined;
  await deploy({ ...role(), ...policy(allow(["kinesis:PutRecords"], "*")) });
  expect(may()).toBe(true);
  await deploy({ ...role(), ...policy(allow(["kinesis:PutRecord"], "*")) });
  expect(may()).toBe(false);
  const Policies = [{ PolicyName: "p", PolicyDocument: document(allow(["kinesis:PutRecords"], "*")) }];
  await deploy(role({ Policies }));
  expect(may()).toBe(true);
  await deploy(STREAM);
  expect(may()).toBe(false);
});

test.each([
  ["AWS::DynamoDB::Table", (policy: object) => ({ ResourcePolicy: policy })],
  [
    "AWS::DynamoDB::GlobalTable",
    (policy: object) => ({ Replicas: [{ Region: "us-east-1", ResourcePolicy: policy }] }),
  ],
])("the policy of an %s covers its indexes, and goes with it", async (Type, withPolicy) => {
  const caller = sessionOf("arn:aws:iam::000000000000:role/any", "x");
  const may = (resource: string) =>
    into.iam.refusalOf(caller, [{ action: "dynamodb:Query", resource }]) === undefined;
  const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/seen";
  const statement = { ...allow(["dynamodb:Query"], [TABLE, `${TABLE}/index/*`]), Principal: "*" };
  const table = (more: object): Resources => ({
    Seen: {
      Type,
      Properties: {
        TableName: "seen",
        KeySchema: [{ AttributeName: "word", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "word", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
        ...more,
      },
    },
  });
  await deploy(table(withPolicy({ PolicyDocument: document(statement) })));
  expect([may(TABLE), may(`${TABLE}/index/by-page`), may(`${TABLE}s`)]).toEqual([true, true, false]);
  await deploy(table({}));
  expect(may(TABLE)).toBe(false);
});

describe("a function's policy", () => {
  const permission = (properties: object): Resources => ({
    Permission: {
      Type: "AWS::Lambda::Permission",
      Properties: { Action: "lambda:InvokeFunction", FunctionName: arn("Stage"), ...properties },
    },
  });
  const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:App-Stage";
  const method = "arn:aws:execute-api:us-east-1:000000000000:api/prod/GET/v1/views/{view}";
  const mayGateway = (sourceArn = method) =>
    into.iam.mayInvoke("apigateway.amazonaws.com", functionArn, sourceArn);

  test("lets in whom a permission names, for what it names, as long as it is there", async () => {
    await deploy({ ...role(), ...lambda() });
    expect(mayGateway()).toBe(false);
    expect(into.iam.refusals()).toEqual([
      expect.objectContaining({
        principal: "apigateway.amazonaws.com",
        message: `User: apigateway.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} because no resource-based policy allows the lambda:InvokeFunction action`,
      }),
    ]);
    const SourceArn = "arn:aws:execute-api:us-east-1:000000000000:api/prod/*/v1/views/*";
    const Principal = "apigateway.amazonaws.com";
    await deploy({ ...role(), ...lambda(), ...permission({ Principal, SourceArn }) });
    expect(mayGateway()).toBe(true);
    expect(mayGateway(method.replace("prod", "test"))).toBe(false);
    expect(into.iam.mayInvoke("events.amazonaws.com", functionArn, method)).toBe(false);
    const SourceAccount = "111111111111";
    await deploy({ ...role(), ...lambda(), ...permission({ Principal, SourceArn, SourceAccount }) });
    expect(mayGateway()).toBe(false);
    await deploy({ ...role(), ...lambda(), ...permission({ Principal, SourceAccount: "000000000000" }) });
    expect(mayGateway()).toBe(true);
    await deploy({ ...role(), ...lambda() });
    expect(mayGateway()).toBe(false);
  });

  test("is refused with a condition that is not modelled", async () => {
    const properties = { Principal: "*", PrincipalOrgID: "o-1" };
    await expect(deploy({ ...role(), ...lambda(), ...permission(properties) })).rejects.toThrow(
      "Permission (AWS::Lambda::Permission).PrincipalOrgID",
    );
  });
});

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
      formation.resources.find(({ logicalId }) => logicalId === id)?.attributes["Arn"] ?? "";
    const mayCall = (roleId: string) =>
      into.iam.mayInvoke("scheduler.amazonaws.com", arnNamed("Stage"), arnNamed("Nightly"), arnNamed(roleId));
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
  into = { ...into, iam: new Iam({ clock: systemClock, mode: "off" }) };
  formation = new CloudFormation(into);
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
  expect(into.iam.mayInvoke("apigateway.amazonaws.com", "arn:any", "arn:any")).toBe(true);
});
