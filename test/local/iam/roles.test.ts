import { describe, expect, test } from "vitest";
import { sessionOf } from "../../../local/iam/principal.ts";
import { denied, deploying } from "./deploying.ts";
import { allow, document, lambda, policy, role, STREAM, trust } from "./resources.ts";

const deployed = deploying();
const { deploy } = deployed;

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
    expect(
      deployed.formation.resources.find(({ logicalId }) => logicalId === "Role")?.attributes["Arn"],
    ).toBe(arnOfRole);
    const may = (action: string) =>
      deployed.into.iam.refusalOf(sessionOf(arnOfRole, "x"), [
        { action: `kinesis:${action}`, resource: "*" },
      ]) === undefined;
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
    deployed.into.iam.refusalOf(sessionOf("arn:aws:iam::000000000000:role/App-Role", "x"), [
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
