import { request } from "node:http";
import { gzipSync } from "node:zlib";
import type { Case } from "../../harness/case.ts";
import { BINARY, COMPRESSION, LAMBDA_BINARY, LIMITS, PROXY, STAGES } from "../pages.ts";
import { apiCase, read, type Scenes } from "../scenes.ts";

const MEGABYTE = 1024 * 1024;

/** What reaches the function. */
export const requests: readonly Case<Scenes>[] = [
  apiCase(
    "an event has the request's method, path, parameters and stage",
    {
      source: PROXY,
      says: "Input format of a Lambda function for proxy integration: resource, path, httpMethod, queryStringParameters, multiValueQueryStringParameters, pathParameters, stageVariables, requestContext, body, isBase64Encoded",
      is: {
        resource: "/streams/{stream}",
        path: "/streams/flights",
        httpMethod: "POST",
        queryStringParameters: { a: "2", b: "x y" },
        multiValueQueryStringParameters: { a: ["1", "2"], b: ["x y"] },
        pathParameters: { stream: "flights" },
        stageVariables: { color: "blue" },
        body: '{"n":1}',
        isBase64Encoded: false,
        context: {
          stage: "prod",
          path: "/prod/streams/flights",
          resourcePath: "/streams/{stream}",
          apiId: "api1",
        },
      },
    },
    async (scene) => {
      scene.method("/streams/{stream}", { httpMethod: "POST" });
      scene.setStage({ variables: { color: "blue" } });
      await fetch(`${scene.url}/streams/flights?a=1&a=2&b=x%20y`, { method: "POST", body: '{"n":1}' });
      const [event] = scene.events;
      if (event === undefined) return undefined;
      const { requestContext, headers, multiValueHeaders, ...rest } = event;
      const { stage, path, resourcePath, apiId } = requestContext;
      return { ...rest, context: { stage, path, resourcePath, apiId } };
    },
  ),
  apiCase(
    "headers with several values are all in multiValueHeaders, the last one in headers",
    {
      source: PROXY,
      says: "API Gateway supports multiple headers and query string parameters that have the same name. … The headers key can only contain single-value headers. The multiValueHeaders key can contain multi-value headers as well as single-value headers.",
      is: { header: "2", multiValueHeader: ["1", "2"] },
    },
    async (scene) => {
      scene.method("/files");
      await new Promise<void>((resolve, reject) => {
        const outgoing = request(`${scene.url}/files`, { headers: { "X-Many": ["1", "2"] } }, (answer) => {
          answer.resume();
          answer.on("end", resolve);
        });
        outgoing.on("error", reject);
        outgoing.end();
      });
      const [event] = scene.events;
      return { header: event?.headers["X-Many"], multiValueHeader: event?.multiValueHeaders["X-Many"] };
    },
  ),
  apiCase(
    "what is not there is null",
    {
      source: PROXY,
      says: '"queryStringParameters": null, "pathParameters": null, "stageVariables": null, "body": null',
      is: {
        queryStringParameters: null,
        multiValueQueryStringParameters: null,
        pathParameters: null,
        stageVariables: null,
        body: null,
      },
    },
    async (scene) => {
      scene.method("/files");
      await fetch(`${scene.url}/files`);
      const names = [
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
      ];
      return Object.fromEntries(names.map((name) => [name, scene.events[0]?.[name]]));
    },
  ),
  apiCase(
    "a greedy path parameter takes all that is left of the path",
    {
      source: PROXY,
      says: "{proxy+} can refer to any resource along a path hierarchy, while {custom} refers to a particular path segment only.",
      is: { greedy: { proxy: "fruit/apple" }, withoutAPart: 403, one: { kind: "fruit" }, two: 403 },
    },
    async (scene) => {
      scene.method("/produce/{proxy+}");
      scene.method("/kinds/{kind}");
      const statusOf = async (path: string) => (await fetch(`${scene.url}${path}`)).status;
      await statusOf("/produce/fruit/apple");
      await statusOf("/kinds/fruit");
      const [greedy, one] = scene.events.map((event) => event["pathParameters"]);
      return {
        greedy,
        withoutAPart: await statusOf("/produce"),
        one,
        two: await statusOf("/kinds/fruit/apple"),
      };
    },
  ),
  apiCase(
    "the gateway adds headers for the way that the request came",
    {
      source: PROXY,
      says: '"X-Forwarded-For": "127.0.0.1, 127.0.0.2", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https"',
      is: {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        trace: true,
      },
    },
    async (scene) => {
      scene.method("/files");
      await fetch(`${scene.url}/files`);
      const headers = scene.events[0]?.headers ?? {};
      const named = ["X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"].map((name) => [
        name,
        headers[name],
      ]);
      return {
        ...Object.fromEntries(named),
        trace: /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(headers["X-Amzn-Trace-Id"] ?? ""),
      };
    },
  ),
  apiCase(
    "a body of a binary type reaches the function in base64",
    {
      source: BINARY,
      says: "For API Gateway to pass binary payloads, you add the media types to the binaryMediaTypes list of the RestApi resource … API Gateway can encode the raw binary bytes as a Base64-encoded string",
      is: [
        ["AQID", true],
        ["AQID", true],
        ["text", false],
      ],
    },
    async (scene) => {
      scene.method("/files");
      const post = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
        fetch(`${scene.url}/files`, { method: "POST", body, headers: { "content-type": type } });
      await post("application/octet-stream", Uint8Array.of(1, 2, 3));
      await post("image/png; q=1", Uint8Array.of(1, 2, 3));
      await post("text/plain", "text");
      return scene.events.map(({ body, isBase64Encoded }) => [body, isBase64Encoded]);
    },
    { binaryMediaTypes: ["application/octet-stream", "image/*"] },
  ),
  apiCase(
    "with */* every body is binary",
    {
      source: LAMBDA_BINARY,
      says: "set your API's binary media types to */* (for all content types)",
      is: ["eHl6", true],
    },
    async (scene) => {
      scene.method("/files");
      await fetch(`${scene.url}/files`, { method: "POST", body: "xyz" });
      return [scene.events[0]?.body, scene.events[0]?.isBase64Encoded];
    },
    { binaryMediaTypes: ["*/*"] },
  ),
  apiCase(
    "an API that compresses unpacks what is compressed",
    {
      source: COMPRESSION,
      says: "The client can submit an API request with a compressed payload and an appropriate Content-Encoding header for API Gateway to decompress the method request payload and apply applicable mapping templates, before passing the request to the integration endpoint.",
      is: ["[1,2]", false],
    },
    async (scene) => {
      scene.method("/files");
      const headers = { "content-encoding": "gzip", "content-type": "application/json" };
      await fetch(`${scene.url}/files`, { method: "POST", body: gzipSync("[1,2]"), headers });
      return [scene.events[0]?.body, scene.events[0]?.isBase64Encoded];
    },
    { minimumCompressionBytes: 0 },
  ),
  apiCase(
    "a request is at most 10 MB, and its event at most what a function takes",
    {
      source: LIMITS,
      says: "Payload size: 10 MB",
      is: { over10MB: [413, '{"message":"Request Too Long"}'], over6MBOfEvent: 413, invoked: 0 },
    },
    async (scene) => {
      scene.method("/files");
      const post = (megabytes: number) =>
        fetch(`${scene.url}/files`, { method: "POST", body: new Uint8Array(megabytes * MEGABYTE) });
      const over10MB = await read(await post(10.1));
      const over6MBOfEvent = (await post(5)).status;
      return { over10MB, over6MBOfEvent, invoked: scene.events.length };
    },
    { binaryMediaTypes: ["*/*"] },
  ),
  apiCase(
    "stage variables are the stage's own",
    {
      source: STAGES,
      says: "Stage variables are name-value pairs that you can define as configuration attributes associated with a deployment stage of a REST API.",
      is: { before: { color: "blue" }, after: { color: "green" } },
    },
    async (scene) => {
      scene.method("/files");
      scene.setStage({ variables: { color: "blue" } });
      await fetch(`${scene.url}/files`);
      scene.setStage({ variables: { color: "green" } });
      await fetch(`${scene.url}/files`);
      const [before, after] = scene.events.map((event) => event["stageVariables"]);
      return { before, after };
    },
  ),
];
