import { describe, expect, test } from "vitest";
import { sessionOf } from "../../../local/iam/principal.ts";
import { deploying } from "./deploying.ts";
import { allow, arn, document, lambda, type Resources, role } from "./resources.ts";

const deployed = deploying();
const { deploy } = deployed;

test.each([
  ["AWS::DynamoDB::Table", (policy: object) => ({ ResourcePolicy: policy })],
  [
    "AWS::DynamoDB::GlobalTable",
    (policy: object) => ({ Replicas: [{ Region: "us-east-1", ResourcePolicy: policy }] }),
  ],
])("the policy of an %s covers its indexes, and goes with it", async (Type, withPolicy) => {
  const caller = sessionOf("arn:aws:iam::000000000000:role/any", "x");
  const may = (resource: string) =>
    deployed.into.iam.refusalOf(caller, [{ action: "dynamodb:Query", resource }]) === undefined;
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
    deployed.into.iam.mayInvoke("apigateway.amazonaws.com", functionArn, sourceArn);

  test("lets in whom a permission names, for what it names, as long as it is there", async () => {
    await deploy({ ...role(), ...lambda() });
    expect(mayGateway()).toBe(false);
    expect(deployed.into.iam.refusals()).toEqual([
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
    expect(deployed.into.iam.mayInvoke("events.amazonaws.com", functionArn, method)).toBe(false);
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
