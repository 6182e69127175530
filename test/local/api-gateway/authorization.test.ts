import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { iamAuthorization } from "../../../local/api-gateway/authorization.ts";
import { Callers } from "../../../local/iam/caller.ts";
import { Iam } from "../../../local/iam/iam.ts";
import { credentialsOf } from "../../../local/lambda/function-credentials.ts";
import { LambdaService } from "../../../local/lambda/lambda-service.ts";
import { systemClock as clock } from "../../../shared/time/clock.ts";
import { functionIn } from "../lambda/lambda-server.ts";

const METHOD = "arn:aws:execute-api:us-east-1:000000000000:api1/prod/GET/files/x";
const ROLE = "arn:aws:iam::000000000000:role/caller";

const lambda = new LambdaService({ endpoint: "http://127.0.0.1:1", region: "us-east-1", clock });
lambda.create(functionIn("echo", { role: ROLE }));
const { accessKeyId, sessionToken } = credentialsOf("echo");

const signedBy = (key: string, more: Record<string, string> = {}) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261122/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc`,
  "x-amz-date": "20261122T000000Z",
  ...more,
});

const judged = (headers: Record<string, string>, mode: "enforced" | "off" = "enforced") => {
  const authorize = iamAuthorization(new Callers(lambda), new Iam({ clock, mode }));
  const judgement = authorize({ headers, url: "/prod/files/x" } as unknown as IncomingMessage, METHOD);
  return "refused" in judgement ? judgement.refused : judgement.identity;
};

test("a request without a signature has no authentication token", () => {
  expect(judged({})).toMatchObject({ status: 403, message: "Missing Authentication Token" });
});

test.each([
  ["Bearer abc", "missing equal-sign"],
  [
    "AWS4-HMAC-SHA256 Credential=key/20261122/us-east-1/execute-api/aws4_request",
    "requires 'Signature' parameter",
  ],
])("%s is an incomplete signature", (authorization, message) => {
  const refused = judged({ authorization });
  expect(refused).toMatchObject({ status: 403, type: "IncompleteSignatureException" });
  expect("message" in refused && refused.message).toContain(message);
});

test("a key like a function's that no function has is no valid token", () => {
  const type = "UnrecognizedClientException";
  expect(judged(signedBy("LOCAL0123456789ABCDE"))).toMatchObject({ status: 403, type });
  expect(judged(signedBy(accessKeyId))).toMatchObject({ status: 403, type });
});

test("a function is let in where its role may invoke the API", () => {
  const signed = signedBy(accessKeyId, { "x-amz-security-token": sessionToken });
  expect(judged(signed)).toMatchObject({
    status: 403,
    type: "AccessDeniedException",
    message: `User: arn:aws:sts::000000000000:assumed-role/caller/echo is not authorized to perform: execute-api:Invoke on resource: ${METHOD} because no identity-based policy allows the execute-api:Invoke action`,
  });
  expect(judged(signed, "off")).toMatchObject({
    userArn: "arn:aws:sts::000000000000:assumed-role/caller/echo",
  });
});

test("somebody with a key of his own is let in", () => {
  expect(judged(signedBy("AKIAMINE"))).toMatchObject({ userArn: "arn:aws:iam::000000000000:root" });
});
