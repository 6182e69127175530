import type { UsagePlan } from "../../../../local/api-gateway/usage-plans.ts";
import { credentialsOf } from "../../../../local/lambda/function-credentials.ts";
import { days, hours } from "../../../../shared/time/time.ts";
import type { Case } from "../../harness/case.ts";
import { ANSWERS, CONTEXT, IAM, KEYS, PLANS, PROXY, THROTTLING } from "../pages.ts";
import { apiCase, read, type Scene, type Scenes } from "../scenes.ts";

const PLAN: UsagePlan = { id: "plan", stages: [{ apiId: "api1", stage: "prod", methods: {} }] };

/** Makes keys that are members of the plan. */
function withKeys(
  { gateway: { usagePlans } }: Scene,
  plan: Partial<UsagePlan>,
  ...keys: readonly string[]
): void {
  usagePlans.setPlan({ ...PLAN, ...plan });
  for (const key of keys) {
    usagePlans.setKey(key, key, true);
    usagePlans.join(PLAN.id, key);
  }
}

const get = (scene: Scene, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${scene.url}/files`, { headers });
const withKey = (scene: Scene, key: string): Promise<Response> => get(scene, { "x-api-key": key });

async function statusesOf(count: number, send: () => Promise<Response>): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let call = 0; call < count; call++) statuses.push((await send()).status);
  return statuses;
}

const signed = (key: string): Readonly<Record<string, string>> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261122/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc`,
  "x-amz-date": "20261122T000000Z",
});

/** Who may call, and how often. */
export const admission: readonly Case<Scenes>[] = [
  apiCase(
    "a method that asks for a key refuses requests without one, or with another",
    {
      source: ANSWERS,
      says: "INVALID_API_KEY 403: The gateway response for an invalid API key submitted for a method requiring an API key.",
      is: [
        [403, '{"message":"Forbidden"}'],
        [403, '{"message":"Forbidden"}'],
        [200, "ok"],
      ],
    },
    async (scene) => {
      scene.method("/files", { apiKeyRequired: true });
      withKeys(scene, {}, "mine");
      return [
        await read(await get(scene)),
        await read(await withKey(scene, "other")),
        await read(await withKey(scene, "mine")),
      ];
    },
  ),
  apiCase(
    "a key opens a stage only by a usage plan that has both, while it is enabled",
    {
      source: KEYS,
      says: "When you associate a usage plan with an API and enable API keys on API methods, … API Gateway reads the key and compares it against the keys in the usage plan. If there is a match, API Gateway throttles the requests according to the plan's request limit and quota. Otherwise, … the caller receives a 403 Forbidden response.",
      is: { withoutPlan: 403, otherStage: 403, member: 200, disabled: 403 },
    },
    async (scene) => {
      scene.method("/files", { apiKeyRequired: true });
      const { usagePlans } = scene.gateway;
      usagePlans.setKey("k", "mine", true);
      const status = async () => (await withKey(scene, "mine")).status;
      const withoutPlan = await status();
      usagePlans.setPlan({ ...PLAN, stages: [{ apiId: "api1", stage: "test", methods: {} }] });
      usagePlans.join("plan", "k");
      const otherStage = await status();
      usagePlans.setPlan(PLAN);
      const member = await status();
      usagePlans.setKey("k", "mine", false);
      return { withoutPlan, otherStage, member, disabled: await status() };
    },
  ),
  apiCase(
    "a usage plan throttles each key by itself",
    {
      source: PLANS,
      says: "A throttling limit is a request rate limit that is applied to each API key that you add to the usage plan.",
      is: { one: [200, 200, 429], other: [200] },
    },
    async (scene) => {
      scene.method("/files", { apiKeyRequired: true });
      withKeys(scene, { throttle: { rate: 1, burst: 2 } }, "one", "other");
      return {
        one: await statusesOf(3, () => withKey(scene, "one")),
        other: await statusesOf(1, () => withKey(scene, "other")),
      };
    },
  ),
  apiCase(
    "a usage plan may throttle one method of a stage",
    {
      source: THROTTLING,
      says: "You can set additional throttling limits at the method level in Usage Plans … by specifying Resource=<resource>, Method=<method>.",
      is: { files: [200, 429], others: [200, 200] },
    },
    async (scene) => {
      scene.method("/files", { httpMethod: "GET", apiKeyRequired: true });
      scene.method("/others", { httpMethod: "GET", apiKeyRequired: true });
      const methods = { "/files/GET": { rate: 1, burst: 1 } };
      withKeys(scene, { stages: [{ apiId: "api1", stage: "prod", methods }] }, "mine");
      const others = () => fetch(`${scene.url}/others`, { headers: { "x-api-key": "mine" } });
      return {
        files: await statusesOf(2, () => withKey(scene, "mine")),
        others: await statusesOf(2, others),
      };
    },
  ),
  apiCase(
    "a quota is of a calendar day",
    {
      source: PLANS,
      says: "A quota limit is the maximum number of requests with a given API key that can be submitted within a specified time interval. … QUOTA_EXCEEDED 429",
      is: { today: [200, 200, 429], message: '{"message":"Limit Exceeded"}', tomorrow: 200 },
    },
    async (scene) => {
      scene.method("/files", { apiKeyRequired: true });
      withKeys(scene, { quota: { limit: 2, period: "DAY", offset: 0 } }, "mine");
      const today = await statusesOf(3, () => withKey(scene, "mine"));
      const [, message] = await read(await withKey(scene, "mine"));
      // it is 22:13 by the scene's clock
      scene.clock.advance(hours(2));
      return { today, message, tomorrow: (await withKey(scene, "mine")).status };
    },
  ),
  ...(
    [
      ["WEEK", days(4), days(1)],
      ["MONTH", days(15), days(2)],
    ] as const
  ).map(([period, within, beyond]) =>
    apiCase(
      `a quota is of a calendar ${period.toLowerCase()}`,
      {
        source: PLANS,
        says: "A quota limit is the maximum number of requests with a given API key that can be submitted within a specified time interval.",
        // the scene begins on Tuesday, the 14th of November
        is: { within: 429, beyond: 200 },
      },
      async (scene) => {
        scene.method("/files", { apiKeyRequired: true });
        withKeys(scene, { quota: { limit: 1, period, offset: 0 } }, "mine");
        await withKey(scene, "mine");
        scene.clock.advance(within);
        const later = (await withKey(scene, "mine")).status;
        scene.clock.advance(beyond);
        return { within: later, beyond: (await withKey(scene, "mine")).status };
      },
    ),
  ),
  apiCase(
    "the event names the key and its id, where the method asks for one",
    {
      source: CONTEXT,
      says: "$context.identity.apiKey: For API methods that require an API key, this variable is the API key associated with the method request. For methods that don't require an API key, this variable is null. $context.identity.apiKeyId: The API key ID associated with an API request that requires an API key.",
      is: { asked: ["mine", "mine"], notAsked: [null, undefined] },
    },
    async (scene) => {
      scene.method("/files", { apiKeyRequired: true });
      scene.method("/open");
      withKeys(scene, {}, "mine");
      await withKey(scene, "mine");
      await fetch(`${scene.url}/open`, { headers: { "x-api-key": "mine" } });
      const [asked, notAsked] = scene.events.map(({ requestContext: { identity } }) => [
        identity["apiKey"],
        identity["apiKeyId"],
      ]);
      return { asked, notAsked };
    },
  ),
  apiCase(
    "a stage's throttle is a token bucket for each method",
    {
      source: THROTTLING,
      says: "API Gateway throttles requests to your API using the token bucket algorithm, where a token counts for a request. … returns 429 Too Many Requests error responses to the client.",
      is: {
        burst: [200, 200, 200, 429],
        message: '{"message":"Too Many Requests"}',
        aSecondLater: [200, 200, 429],
        otherMethod: 200,
      },
    },
    async (scene) => {
      scene.method("/files");
      scene.method("/others");
      scene.setStage({ throttles: { "*": { rate: 2, burst: 3 } } });
      const burst = await statusesOf(4, () => get(scene));
      const [, message] = await read(await get(scene));
      scene.clock.advance(1_000);
      const aSecondLater = await statusesOf(3, () => get(scene));
      return { burst, message, aSecondLater, otherMethod: (await fetch(`${scene.url}/others`)).status };
    },
  ),
  apiCase(
    "a method may have a throttle of its own",
    {
      source: THROTTLING,
      says: "You can set the default method throttling to override the account-level request throttling limits for a specific stage or for individual methods in your API.",
      is: { files: [200, 429], others: [200, 200] },
    },
    async (scene) => {
      scene.method("/files", { httpMethod: "GET" });
      scene.method("/others", { httpMethod: "GET" });
      scene.setStage({ throttles: { "*": { rate: 1, burst: 5 }, "/files/GET": { rate: 1, burst: 1 } } });
      return {
        files: await statusesOf(2, () => get(scene)),
        others: await statusesOf(2, () => fetch(`${scene.url}/others`)),
      };
    },
  ),
  apiCase(
    "a request that the stage throttles does not reach the function",
    {
      source: ANSWERS,
      says: "THROTTLED 429: The gateway response when usage plan-, method-, stage-, or account-level throttling limits exceeded.",
      is: { invoked: 1, type: "TooManyRequestsException" },
    },
    async (scene) => {
      scene.method("/files");
      scene.setStage({ throttles: { "*": { rate: 1, burst: 1 } } });
      await get(scene);
      const response = await get(scene);
      return { invoked: scene.events.length, type: response.headers.get("x-amzn-errortype") };
    },
  ),
  apiCase(
    "a method with IAM authorization refuses a request without a signature",
    {
      source: IAM,
      says: "The API developer must set the method's authorizationType property to AWS_IAM to require that the caller submit the IAM user's access keys to be authenticated.",
      is: {
        answer: [403, '{"message":"Missing Authentication Token"}'],
        type: "MissingAuthenticationTokenException",
      },
    },
    async (scene) => {
      scene.method("/files", { iamAuthorization: true });
      const response = await get(scene);
      return { type: response.headers.get("x-amzn-errortype"), answer: await read(response) };
    },
  ),
  apiCase(
    "a header that is no signature is an incomplete one",
    {
      source: ANSWERS,
      says: "INVALID_SIGNATURE 403: The gateway response for an invalid AWS signature error.",
      is: [403, "IncompleteSignatureException"],
    },
    async (scene) => {
      scene.method("/files", { iamAuthorization: true });
      const response = await get(scene, { authorization: "Bearer token" });
      return [response.status, response.headers.get("x-amzn-errortype")];
    },
  ),
  apiCase(
    "a role may call only what its policies allow",
    {
      source: IAM,
      says: "To allow an API caller to invoke the API or refresh its caching, you must create IAM policies that permit a specified API caller to invoke the API method for which user authentication is enabled. … arn:aws:execute-api:region:account-id:api-id/stage-name/HTTP-VERB/resource-path-specifier",
      is: {
        status: 403,
        type: "AccessDeniedException",
        resource: "arn:aws:execute-api:us-east-1:000000000000:api1/prod/GET/files",
      },
    },
    async (scene) => {
      scene.method("/files", { iamAuthorization: true });
      const { accessKeyId, sessionToken } = credentialsOf("echo");
      const response = await get(scene, { ...signed(accessKeyId), "x-amz-security-token": sessionToken });
      const type = response.headers.get("x-amzn-errortype");
      const [status, text] = await read(response);
      return { status, type, resource: /on resource: (\S+)/.exec(text)?.[1] };
    },
  ),
  apiCase(
    "the event says who signed",
    {
      source: PROXY,
      says: "When the authorization type is AWS_IAM, the authorized user information includes $context.identity.* properties.",
      is: {
        status: 200,
        accountId: "000000000000",
        accessKey: "AKIAMINE",
        userArn: "arn:aws:iam::000000000000:root",
      },
    },
    async (scene) => {
      scene.method("/files", { iamAuthorization: true });
      const { status } = await get(scene, signed("AKIAMINE"));
      const { accountId, accessKey, userArn } = scene.events[0]?.requestContext.identity ?? {};
      return { status, accountId, accessKey, userArn };
    },
  ),
];
