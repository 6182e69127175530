import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { apiAddress } from "../../infra/local/api-address.ts";
import { environmentFor } from "../../infra/local/environment.ts";

const AWS_ENDPOINT_URL = "http://127.0.0.1:4566";
const API_URL = "https://abc123.execute-api.127.0.0.1:4566/prod/";

/** An endpoint that answers its health check with a status. */
async function endpointWith(status: number): Promise<string> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/_localstack/health" ? status : 500;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([{}, { AWS_ENDPOINT_URL: "" }])("a local deployment without an endpoint is refused: %j", (env) => {
  expect(() => environmentFor(env)).toThrow(expect.objectContaining({ code: "SETTING_MISSING" }));
});

test("a local deployment never runs with the credentials of a profile", () => {
  const env = environmentFor({ AWS_ENDPOINT_URL, AWS_PROFILE: "work" });
  expect(env).toMatchObject({ AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  expect(env).not.toHaveProperty("AWS_PROFILE");
});

test("a local deployment keeps the credentials and the region that the environment has", () => {
  const given = {
    AWS_ENDPOINT_URL,
    AWS_ACCESS_KEY_ID: "111111111111",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_DEFAULT_REGION: "eu-central-1",
  };
  expect(environmentFor(given)).toMatchObject({ ...given, AWS_REGION: "eu-central-1" });
});

test("an API of LocalStack answers under a path of its port", async () => {
  const endpoint = await endpointWith(200);
  expect(await apiAddress(API_URL, endpoint)).toBe(`${endpoint}/_aws/execute-api/abc123/prod/`);
});

test("an API elsewhere answers at the address that the stack names", async () => {
  expect(await apiAddress(API_URL, await endpointWith(404))).toBe(API_URL);
  expect(await apiAddress("http://127.0.0.1:1/prod/", await endpointWith(200))).toBe(
    "http://127.0.0.1:1/prod/",
  );
});
