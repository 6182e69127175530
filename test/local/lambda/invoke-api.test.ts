import { afterEach, beforeEach, expect, test } from "vitest";
import { functionIn, type LambdaServer, startLambda } from "./lambda-server.ts";

let server: LambdaServer;
beforeEach(async () => {
  server = await startLambda();
  server.lambda.create(functionIn("echo"));
});
afterEach(() => server.close());

const invoke = (name: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/2015-03-31/functions/${name}/invocations`, { method: "POST", body, headers });

test("an SDK's Invoke call waits for the result", async () => {
  const response = await invoke("echo", '{"n":1}', { "x-amz-log-type": "Tail" });
  expect([response.status, response.headers.get("x-amz-executed-version")]).toEqual([200, "$LATEST"]);
  expect(await response.json()).toMatchObject({ event: { n: 1 } });
});

test("a function by its ARN that throws answers 200 with the error in a header", async () => {
  const arn = encodeURIComponent("arn:aws:lambda:us-east-1:000000000000:function:echo:live");
  const response = await invoke(arn, '{"fail":"no"}');
  expect([response.status, response.headers.get("x-amz-function-error")]).toEqual([200, "Unhandled"]);
  expect(await response.json()).toMatchObject({ errorMessage: "no" });
});

test("an event is accepted at once and run all the same", async () => {
  const logged = new Promise<void>((resolve) =>
    server.lambda.logs.onLine(({ line }) => line === "ran" && resolve()),
  );
  const response = await invoke("echo", '{"log":"ran"}', { "x-amz-invocation-type": "Event" });
  expect(response.status).toBe(202);
  await logged;
});

test("an unknown function is a ResourceNotFoundException", async () => {
  const response = await invoke("nobody", "{}");
  expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([
    404,
    "ResourceNotFoundException",
  ]);
});
