import type { Case } from "../../harness/case.ts";
import { ANSWERS, CORS, LAMBDA_BINARY, LIMITS, NOTES, PROXY } from "../pages.ts";
import { apiCase, outcome, read, type Scenes } from "../scenes.ts";

const INTERNAL = '{"message": "Internal server error"}'.replace(": ", ":");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** What reaches the client. */
export const answers: readonly Case<Scenes>[] = [
  apiCase(
    "the function's answer has status, headers and body",
    {
      source: PROXY,
      says: 'Output format of a Lambda function for proxy integration: { "isBase64Encoded": true|false, "statusCode": httpStatusCode, "headers": {…}, "multiValueHeaders": {…}, "body": "..." }',
      is: { answer: [201, "made"], header: "1", type: "text/plain" },
    },
    async (scene) => {
      scene.method("/files");
      const headers = { "X-One": 1, "Content-Type": "text/plain" };
      scene.answers(() => outcome({ statusCode: 201, headers, body: "made" }));
      const response = await fetch(`${scene.url}/files`);
      return {
        answer: await read(response),
        header: response.headers.get("x-one"),
        type: response.headers.get("content-type"),
      };
    },
  ),
  apiCase(
    "an answer without a content type is JSON",
    {
      source: PROXY,
      says: "The headers and multiValueHeaders keys can be unspecified if no extra response headers are to be returned.",
      is: "application/json",
    },
    async (scene) => {
      scene.method("/files");
      return (await fetch(`${scene.url}/files`)).headers.get("content-type");
    },
  ),
  apiCase(
    "headers and multiValueHeaders become one list, each pair once",
    {
      source: PROXY,
      says: "If you specify values for both headers and multiValueHeaders, API Gateway merges them into a single list. If the same key-value pair is specified in both, only the values from multiValueHeaders will appear in the merged list.",
      is: { cookies: ["a=1", "b=2", "c=3"], one: "same" },
    },
    async (scene) => {
      scene.method("/files");
      scene.answers(() =>
        outcome({
          statusCode: 200,
          headers: { "set-cookie": "a=1", "x-one": "same" },
          multiValueHeaders: { "Set-Cookie": ["b=2", "c=3"], "X-One": ["same"] },
        }),
      );
      const { headers } = await fetch(`${scene.url}/files`);
      return { cookies: headers.getSetCookie().toSorted(), one: headers.get("x-one") };
    },
  ),
  ...(
    [
      ["text instead of an object", "text"],
      ["no statusCode", { body: "x" }],
      ["a statusCode that is none", { statusCode: "abc" }],
      ["a body that is no text", { statusCode: 200, body: { a: 1 } }],
      ["null", null],
    ] as const
  ).map(([what, answer]) =>
    apiCase(
      `an answer of ${what} is a 502`,
      {
        source: PROXY,
        says: "If the function output is of a different format, API Gateway returns a 502 Bad Gateway error response.",
        is: [502, INTERNAL],
      },
      async (scene) => {
        scene.method("/files");
        scene.answers(() => outcome(answer));
        return read(await fetch(`${scene.url}/files`));
      },
    ),
  ),
  apiCase(
    "a function that fails is a 502",
    {
      source: PROXY,
      says: 'If the function output is of a different format, API Gateway returns a 502 Bad Gateway error response. To throw an exception, call throw new Error("internal server error").',
      is: { answer: [502, INTERNAL], type: "InternalServerErrorException" },
    },
    async (scene) => {
      scene.method("/files");
      scene.answers(() => outcome({ errorType: "Error", errorMessage: "no" }, "Unhandled"));
      const response = await fetch(`${scene.url}/files`);
      return { type: response.headers.get("x-amzn-errortype"), answer: await read(response) };
    },
  ),
  apiCase(
    "a function that cannot be invoked is a 500",
    {
      source: ANSWERS,
      says: "DEFAULT_5XX: The default gateway response for an unspecified response type with a status code of 5XX.",
      is: [500, INTERNAL],
    },
    async (scene) => {
      scene.method("/files");
      scene.answers(() => {
        throw new Error("TooManyRequestsException");
      });
      return read(await fetch(`${scene.url}/files`));
    },
  ),
  apiCase(
    "a function that takes longer than the integration may is a 504",
    {
      source: ANSWERS,
      says: "INTEGRATION_TIMEOUT 504: The gateway response for an integration timed out error. Integration timeout: 50 milliseconds - 29 seconds for all integration types.",
      is: [504, '{"message":"Endpoint request timed out"}'],
    },
    async (scene) => {
      scene.method("/files", { integration: { kind: "lambda", functionArn: "arn:fn", timeoutMs: 50 } });
      scene.answers(() => new Promise(() => {}));
      return read(await fetch(`${scene.url}/files`));
    },
  ),
  apiCase(
    "a base64 answer is decoded where the first accepted type is binary",
    {
      source: LAMBDA_BINARY,
      says: "API Gateway uses the first Accept header from clients to determine if a response should return binary media.",
      is: ["bytes", base64("bytes"), base64("bytes")],
    },
    async (scene) => {
      scene.method("/files");
      scene.answers(() => outcome({ statusCode: 200, isBase64Encoded: true, body: base64("bytes") }));
      const accepting = async (accept: string) =>
        (await fetch(`${scene.url}/files`, { headers: { accept } })).text();
      return [
        await accepting("image/png, text/html"),
        await accepting("text/html, image/png"),
        await accepting("text/html"),
      ];
    },
    { binaryMediaTypes: ["image/png"] },
  ),
  apiCase(
    "with */* a base64 answer is always decoded",
    {
      source: LAMBDA_BINARY,
      says: "To return binary media when you can't control the order of Accept header values, such as requests from a browser, set your API's binary media types to */* (for all content types).",
      is: "bytes",
    },
    async (scene) => {
      scene.method("/files");
      scene.answers(() => outcome({ statusCode: 200, isBase64Encoded: true, body: base64("bytes") }));
      return (await fetch(`${scene.url}/files`)).text();
    },
    { binaryMediaTypes: ["*/*"] },
  ),
  apiCase(
    "headers of the connection come under another name",
    {
      source: NOTES,
      says: "The following headers may be remapped to x-amzn-Remapped-<HeaderName> when sent to your integration endpoint or sent back by your integration endpoint: … Connection, Content-Length, Date, Server, WWW-Authenticate …",
      is: { server: "mine", text: "four" },
    },
    async (scene) => {
      scene.method("/files");
      scene.answers(() =>
        outcome({ statusCode: 200, headers: { Server: "mine", "Content-Length": "2" }, body: "four" }),
      );
      const response = await fetch(`${scene.url}/files`);
      return { server: response.headers.get("x-amzn-remapped-server"), text: await response.text() };
    },
  ),
  apiCase(
    "a mock integration answers a preflight by itself",
    {
      source: CORS,
      says: "To support CORS, a REST API resource needs to implement an OPTIONS method that can respond to the OPTIONS preflight request with at least the following response headers: Access-Control-Allow-Methods, Access-Control-Allow-Headers, Access-Control-Allow-Origin",
      is: { status: 204, origin: "*", invoked: 0 },
    },
    async (scene) => {
      const headers = { "Access-Control-Allow-Origin": "*" };
      scene.method("/files", { httpMethod: "OPTIONS", integration: { kind: "mock", status: 204, headers } });
      const response = await fetch(`${scene.url}/files`, { method: "OPTIONS" });
      return {
        status: response.status,
        origin: response.headers.get("access-control-allow-origin"),
        invoked: scene.events.length,
      };
    },
  ),
  apiCase(
    "a path or method that the API has not is a missing authentication token",
    {
      source: ANSWERS,
      says: "MISSING_AUTHENTICATION_TOKEN 403: The gateway response for a missing authentication token error, including the cases when the client attempts to invoke an unsupported API method or resource.",
      is: [
        [403, '{"message":"Missing Authentication Token"}'],
        [403, '{"message":"Missing Authentication Token"}'],
      ],
    },
    async (scene) => {
      scene.method("/files", { httpMethod: "GET" });
      return [
        await read(await fetch(`${scene.url}/nothing`)),
        await read(await fetch(`${scene.url}/files`, { method: "POST" })),
      ];
    },
  ),
  apiCase(
    "a function's answer of 6 MB reaches the client",
    {
      source: LIMITS,
      says: "Payload size: 10 MB",
      is: 6_000_000,
    },
    async (scene) => {
      scene.method("/files");
      scene.answers(() => outcome({ statusCode: 200, body: "x".repeat(6_000_000) }));
      return (await (await fetch(`${scene.url}/files`)).text()).length;
    },
  ),
];
