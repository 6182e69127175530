import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiGateway } from "../../../local/api-gateway/api-gateway.ts";
import { type Integration, type Method, RestApi } from "../../../local/api-gateway/rest-api.ts";
import type { UsagePlan } from "../../../local/api-gateway/usage-plans.ts";
import type { InvokeOutcome } from "../../../local/sources/event-source.ts";
import { steppingClock } from "../sources/kinesis-fixture.ts";

type ProxyEvent = {
  readonly path: string;
  readonly resource: string;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly [name: string]: unknown;
};

let server: Server;
let url: string;
let gateway: ApiGateway;
/** What the function answers; the event is noted before. */
let answer: (event: ProxyEvent) => Promise<InvokeOutcome> | InvokeOutcome;
let events: ProxyEvent[];

const outcome = (value: unknown, functionError?: string): InvokeOutcome => ({
  requestId: "r",
  payload: new TextEncoder().encode(JSON.stringify(value)),
  ...(functionError && { functionError }),
});
const lambda = (timeoutMs = 29_000): Integration => ({ kind: "lambda", functionArn: "arn:fn", timeoutMs });

function addApi(options: Partial<RestApi["options"]> = {}): RestApi {
  const api = new RestApi({
    name: "shop",
    id: "api1",
    binaryMediaTypes: [],
    minimumCompressionBytes: undefined,
    ...options,
  });
  api.addResource("streams", api.rootResourceId, "streams");
  api.addResource("stream", "streams", "{stream}");
  api.addResource("files", api.rootResourceId, "files");
  api.addResource("file", "files", "{proxy+}");
  const method = (httpMethod: string, more: Partial<Method> = {}): Method => ({
    httpMethod,
    integration: lambda(),
    iamAuthorization: false,
    apiKeyRequired: false,
    ...more,
  });
  api.addMethod("stream", method("POST"));
  api.addMethod("file", method("ANY"));
  api.addMethod("streams", method("GET", { apiKeyRequired: true }));
  api.addMethod("files", method("GET", { integration: lambda(5) }));
  api.addMethod("files", method("POST", { iamAuthorization: true }));
  const cors = { "Access-Control-Allow-Origin": "*" };
  const preflight = { kind: "mock", status: 204, headers: cors } as const;
  api.addMethod("streams", method("OPTIONS", { integration: preflight }));
  api.setStage("prod", { variables: { color: "blue" }, throttles: {} });
  gateway.add(api);
  return api;
}

beforeEach(async () => {
  events = [];
  answer = () => outcome({ statusCode: 200, body: "ok" });
  gateway = new ApiGateway({
    clock: steppingClock(),
    invoke: async (_, payload) => {
      const event: ProxyEvent = JSON.parse(
        typeof payload === "string" ? payload : new TextDecoder().decode(payload),
      );
      events.push(event);
      return answer(event);
    },
  });
  server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", async () => {
      if (!(await gateway.handle(request, response, Buffer.concat(chunks))))
        response.writeHead(404).end("not an API");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const messageOf = async (response: Response) => [response.status, await response.json()];

describe("the event", () => {
  test("has the shape of payload version 1.0", async () => {
    addApi();
    await fetch(`${url}/prod/streams/fl%20ights?a=1&a=2&b=x%20y`, {
      method: "POST",
      body: '{"n":"é"}',
      headers: { "Content-Type": "application/json", "X-Trace": "t" },
    });
    expect(events[0]).toMatchObject({
      resource: "/streams/{stream}",
      path: "/streams/fl ights",
      httpMethod: "POST",
      pathParameters: { stream: "fl ights" },
      queryStringParameters: { a: "2", b: "x y" },
      multiValueQueryStringParameters: { a: ["1", "2"], b: ["x y"] },
      stageVariables: { color: "blue" },
      body: '{"n":"é"}',
      isBase64Encoded: false,
      requestContext: {
        apiId: "api1",
        stage: "prod",
        resourcePath: "/streams/{stream}",
        identity: { sourceIp: "127.0.0.1" },
        requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      },
    });
    const headers = events[0]?.["headers"] as Record<string, string>;
    expect(Object.entries(headers).filter(([name]) => name.toLowerCase() === "x-trace")).toEqual([
      ["X-Trace", "t"],
    ]);
  });

  test("has null where there is nothing", async () => {
    addApi();
    await fetch(`${url}/prod/files/a/b`);
    expect(events[0]).toMatchObject({
      body: null,
      queryStringParameters: null,
      pathParameters: { proxy: "a/b" },
    });
  });

  test("has a binary body in base64, by the API's media types", async () => {
    addApi({ binaryMediaTypes: ["application/gzip", "image/*"] });
    const body = gzipSync("hello");
    for (const type of ["application/gzip", "image/png", "text/plain"])
      await fetch(`${url}/prod/streams/s`, { method: "POST", body, headers: { "content-type": type } });
    expect(events.map(({ isBase64Encoded }) => isBase64Encoded)).toEqual([true, true, false]);
    expect(events[0]?.body).toBe(body.toString("base64"));
  });

  test("has a compressed body unpacked where the API compresses", async () => {
    addApi({ minimumCompressionBytes: 0 });
    const headers = { "content-encoding": "gzip", "content-type": "application/json" };
    await fetch(`${url}/prod/streams/s`, { method: "POST", body: gzipSync("[1]"), headers });
    expect(events[0]?.body).toBe("[1]");
    const bomb = gzipSync(Buffer.alloc(11 * 1024 * 1024));
    const refused = await fetch(`${url}/prod/streams/s`, { method: "POST", body: bomb, headers });
    expect(refused.status).toBe(413);
  });
});

describe("the answer", () => {
  test("carries status, headers and body; several values stay several", async () => {
    addApi();
    answer = () =>
      outcome({
        statusCode: 201,
        headers: { "X-A": 1 },
        multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] },
        body: "made",
      });
    const response = await fetch(`${url}/prod/files/x`);
    expect([
      response.status,
      response.headers.get("x-a"),
      response.headers.getSetCookie(),
      await response.text(),
    ]).toEqual([201, "1", ["a=1", "b=2"], "made"]);
  });

  test("has each value of a header once, from both lists, whatever the letters of its name", async () => {
    addApi();
    answer = () =>
      outcome({
        statusCode: 200,
        headers: { "set-cookie": "a=1", "x-one": "1" },
        multiValueHeaders: { "Set-Cookie": ["b=2", "a=1"] },
      });
    const { headers } = await fetch(`${url}/prod/files/x`);
    expect([headers.getSetCookie().toSorted(), headers.get("x-one")]).toEqual([["a=1", "b=2"], "1"]);
  });

  test("keeps headers of the connection for the gateway", async () => {
    addApi();
    answer = () =>
      outcome({ statusCode: 200, headers: { "Content-Length": "1", Server: "mine" }, body: "four" });
    const response = await fetch(`${url}/prod/files/x`);
    expect([await response.text(), response.headers.get("x-amzn-remapped-server")]).toEqual(["four", "mine"]);
  });

  test("is decoded from base64 where the API has binary types", async () => {
    addApi({ binaryMediaTypes: ["*/*"] });
    answer = () =>
      outcome({ statusCode: 200, isBase64Encoded: true, body: Buffer.from("bytes").toString("base64") });
    expect(await (await fetch(`${url}/prod/files/x`)).text()).toBe("bytes");
  });

  test("is 502 when the function fails or answers in another form", async () => {
    addApi();
    const failures = [
      outcome({ errorType: "Error" }, "Unhandled"),
      outcome("text"),
      outcome({ statusCode: 99 }),
      outcome(null),
    ];
    for (const failure of failures) {
      answer = () => failure;
      expect(await messageOf(await fetch(`${url}/prod/files/x`))).toEqual([
        502,
        { message: "Internal server error" },
      ]);
    }
  });

  test("is 504 when the function takes longer than the integration may", async () => {
    addApi();
    answer = () => new Promise(() => {});
    expect(await messageOf(await fetch(`${url}/prod/files`))).toEqual([
      504,
      { message: "Endpoint request timed out" },
    ]);
  });

  test("is 413 for more than 10 MB, and for an event that no function can take", async () => {
    addApi({ binaryMediaTypes: ["*/*"] });
    for (const megabytes of [10.1, 5]) {
      const body = new Uint8Array(megabytes * 1024 * 1024);
      expect((await fetch(`${url}/prod/streams/s`, { method: "POST", body })).status).toBe(413);
    }
    expect(events).toEqual([]);
  });

  test("is 403 for an unknown path or method, an unknown stage and a missing key", async () => {
    addApi();
    const missing = [403, { message: "Missing Authentication Token" }];
    expect(await messageOf(await fetch(`${url}/prod/nothing`))).toEqual(missing);
    expect(await messageOf(await fetch(`${url}/prod/streams/s`))).toEqual(missing);
    expect(await messageOf(await fetch(`${url}/restapis/api1/test/_user_request_/files/x`))).toEqual([
      403,
      { message: "Forbidden" },
    ]);
    expect((await fetch(`${url}/prod/streams`)).status).toBe(403);
  });

  test("of a mock integration comes from the gateway", async () => {
    addApi();
    const response = await fetch(`${url}/prod/streams`, { method: "OPTIONS" });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    expect(events).toEqual([]);
  });
});

describe("a key", () => {
  const get = (key: string) => fetch(`${url}/prod/streams`, { headers: { "x-api-key": key } });
  const plan = (more: Partial<UsagePlan> = {}): UsagePlan => ({
    id: "plan",
    stages: [{ apiId: "api1", stage: "prod", methods: {} }],
    ...more,
  });

  test("opens a stage by a usage plan that has both", async () => {
    addApi();
    const { usagePlans } = gateway;
    usagePlans.setKey("k1", "secret", true);
    expect((await get("secret")).status).toBe(403);
    usagePlans.setPlan(plan());
    usagePlans.join("plan", "k1");
    expect([(await get("secret")).status, (await get("wrong")).status]).toEqual([200, 403]);
    expect(events[0]?.["requestContext"]).toMatchObject({ identity: { apiKey: "secret", apiKeyId: "k1" } });
    usagePlans.setKey("k1", "secret", false);
    expect((await get("secret")).status).toBe(403);
  });

  test("is throttled by itself, and has its quota", async () => {
    addApi();
    const { usagePlans } = gateway;
    usagePlans.setPlan(
      plan({ throttle: { rate: 0.001, burst: 2 }, quota: { limit: 4, period: "DAY", offset: 0 } }),
    );
    for (const key of ["one", "two"]) {
      usagePlans.setKey(key, key, true);
      usagePlans.join("plan", key);
    }
    const statuses = [];
    for (const key of ["one", "one", "one", "two"]) statuses.push((await get(key)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
    usagePlans.setPlan(plan({ quota: { limit: 3, period: "DAY", offset: 0 } }));
    expect((await get("one")).status).toBe(200);
    expect(await messageOf(await get("one"))).toEqual([429, { message: "Limit Exceeded" }]);
  });
});

describe("a method's throttle", () => {
  test("lets its burst pass, and answers 429 beyond it; other methods have their own", async () => {
    const api = addApi();
    api.setStage("prod", {
      variables: {},
      throttles: { "*": { rate: 0.001, burst: 2 }, "/streams/{stream}/POST": { rate: 0.001, burst: 1 } },
    });
    const post = () => fetch(`${url}/prod/streams/s`, { method: "POST", body: "x" });
    expect((await post()).status).toBe(200);
    expect(await messageOf(await post())).toEqual([429, { message: "Too Many Requests" }]);
    const statuses = [];
    for (let call = 0; call < 3; call++) statuses.push((await fetch(`${url}/prod/files/x`)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe("the address", () => {
  test("may name the API in the path, or only the stage; all else is left to others", async () => {
    addApi();
    expect((await fetch(`${url}/restapis/api1/prod/_user_request_/files/x`)).status).toBe(200);
    expect((await fetch(`${url}/prod/files/x`)).status).toBe(200);
    expect(await (await fetch(`${url}/bucket/key`)).text()).toBe("not an API");
  });
});
