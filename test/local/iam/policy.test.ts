import { describe, expect, test } from "vitest";
import { decide } from "../../../local/iam/decide.ts";
import { type PolicyKind, readPolicy } from "../../../local/iam/policy.ts";
import { type Principal, sessionOf } from "../../../local/iam/principal.ts";

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:dead";
const ROLE = "arn:aws:iam::000000000000:role/Stage";

const read = (statement: object, kind: PolicyKind = "identity") =>
  readPolicy({ Version: "2012-10-17", Statement: [statement] }, kind, "Rights (AWS::IAM::Policy)");

describe("a policy that says more than is modelled is refused with its place", () => {
  const allow = { Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE };
  test.each([
    [
      "an operator",
      { ...allow, Condition: { BinaryEquals: { "aws:SourceArn": "QQ==" } } },
      "Rights (AWS::IAM::Policy).Statement[0].Condition.BinaryEquals has the condition operator BinaryEquals, which is not modelled",
    ],
    [
      "an operator whose meaning the User Guide leaves open",
      { ...allow, Condition: { "ForAnyValue:StringEqualsIfExists": { "dynamodb:Attributes": "id" } } },
      "the condition operator ForAnyValue:StringEqualsIfExists",
    ],
    [
      "a key",
      { ...allow, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } },
      "Condition.StringEquals has the condition key aws:PrincipalOrgID, which is not modelled",
    ],
    [
      "a key of many values without a set operator",
      { ...allow, Condition: { StringEquals: { "dynamodb:LeadingKeys": "a" } } },
      "without ForAllValues or ForAnyValue",
    ],
    ["an element", { ...allow, NotPrincipal: { AWS: ROLE } }, "Statement[0] has the element NotPrincipal"],
  ])("%s", (_, statement, message) => {
    expect(() => read(statement)).toThrow(
      expect.objectContaining({
        code: "LOCAL_RESOURCE_UNSUPPORTED",
        message: expect.stringContaining(message),
      }),
    );
  });

  test("a kind of principal", () => {
    const federated = { ...allow, Principal: { Federated: "cognito-identity.amazonaws.com" } };
    expect(() => read(federated, "resource")).toThrow("Statement[0].Principal is of the type Federated");
  });

  test("but not where it can decide no call: its actions are of services that are not here", () => {
    const Condition = { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } };
    expect(read({ Effect: "Allow", Action: ["kms:Decrypt"], Resource: "*", Condition })).toHaveLength(1);
    expect(() => read({ Effect: "Allow", Action: ["kms:*", "s3:*"], Resource: "*", Condition })).toThrow(
      "kms:ViaService",
    );
    expect(() => read({ Effect: "Allow", Action: "*", Resource: "*", Condition })).toThrow("kms:ViaService");
  });
});

test.each([
  [{ Effect: "Maybe", Action: "*", Resource: "*" }, "has no Effect"],
  [{ Effect: "Allow", Action: "*", NotAction: "s3:*", Resource: "*" }, "either Action or NotAction"],
  [{ Effect: "Allow", Action: "*" }, "either Resource or NotResource"],
  [{ Effect: "Allow", Action: "SendMessage", Resource: "*" }, 'Action is "SendMessage"'],
  [{ Effect: "Allow", Action: [], Resource: "*" }, "Action is empty"],
  [{ Effect: "Allow", Action: "*", Resource: "*", Principal: "*" }, "must have no Principal"],
  [
    { Effect: "Allow", Action: "*", Resource: "*", Condition: { Bool: { "aws:SecureTransport": "yes" } } },
    'Condition.Bool compares with "yes"',
  ],
  [
    { Effect: "Allow", Action: "*", Resource: "*", Condition: { IpAddress: { "aws:SourceIp": "10.0.0/8" } } },
    'Condition.IpAddress compares with "10.0.0/8"',
  ],
  [
    { Effect: "Allow", Action: "*", Resource: "*", Condition: { ArnLike: { "aws:SourceArn": "*" } } },
    'Condition.ArnLike compares with "*", which is no ARN',
  ],
])("%j is no statement", (statement, message) => {
  expect(() => read(statement)).toThrow(
    expect.objectContaining({ code: "LOCAL_TEMPLATE_INVALID", message: expect.stringContaining(message) }),
  );
});

describe("a resource's policy", () => {
  const role = sessionOf(ROLE, "stage");
  const service: Principal = { kind: "service", name: "sns.amazonaws.com" };
  const anonymous: Principal = { kind: "anonymous" };
  const allowed = (principal: Principal, Principal: unknown, Effect = "Allow") => {
    const grant = read({ Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE });
    const policy = read({ Effect, Principal, Action: "sqs:*", Resource: "*" }, "resource");
    const request = { principal, action: "sqs:SendMessage", resource: QUEUE, keys: () => undefined };
    return decide(request, Effect === "Deny" ? grant : [], policy).allowed;
  };

  test.each([
    ["everyone", "*", [true, true, true]],
    ["everyone, in the other form", { AWS: "*" }, [true, true, true]],
    ["the role", { AWS: [ROLE] }, [true, false, false]],
    ["its session", { AWS: "arn:aws:sts::000000000000:assumed-role/Stage/stage" }, [true, false, false]],
    ["another role", { AWS: `${ROLE}s` }, [false, false, false]],
    ["a service", { Service: "sns.amazonaws.com" }, [false, true, false]],
    [
      "the account, which leaves it to the role's own policies",
      { AWS: "000000000000" },
      [false, false, false],
    ],
  ])("allows %s", (_, named, answers) => {
    expect([role, service, anonymous].map((principal) => allowed(principal, named))).toEqual(answers);
  });

  test.each([
    ["everyone", "*", false],
    ["the role", { AWS: ROLE }, false],
    ["the account", { AWS: "arn:aws:iam::000000000000:root" }, false],
    ["another account", { AWS: "111111111111" }, true],
    ["a service", { Service: "sns.amazonaws.com" }, true],
  ])("that denies %s decides against what the role's policy allows", (_, named, answer) => {
    expect(allowed(role, named, "Deny")).toBe(answer);
  });
});

test.each([
  ["IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"], "10.255.0.1", true],
  ["IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", true],
  ["IpAddress", "aws:SourceIp", ["10.0.0.0/8"], "11.0.0.1", false],
  ["NotIpAddress", "aws:SourceIp", ["127.0.0.1"], "127.0.0.1", false],
  ["DateLessThan", "aws:CurrentTime", ["2026-01-01"], "2025-12-31T23:59:59.999Z", true],
  ["DateGreaterThanEquals", "aws:CurrentTime", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:00.000Z", true],
  ["DateNotEquals", "aws:EpochTime", ["1767225600"], "1767225600", false],
  ["NumericLessThan", "s3:TlsVersion", ["1.2"], "1.3", false],
  ["StringNotEqualsIgnoreCase", "s3:prefix", ["LOG/"], "log/", false],
] as const)("%s of %s and %j is, for %s, %s", (operator, key, wanted, given, answer) => {
  const [statement] = read({
    Effect: "Allow",
    Action: "*",
    Resource: "*",
    Condition: { [operator]: { [key]: wanted } },
  });
  const keys = (name: string) => (name === key.toLowerCase() ? [given] : undefined);
  expect(statement?.conditions[0]?.holds(keys, () => undefined)).toBe(answer);
});
