import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiGateway } from "../../../local/api-gateway/api-gateway.ts";
import { iamAuthorization } from "../../../local/api-gateway/authorization.ts";
import {
  type Integration,
  type Method,
  RestApi,
  type RestApiOptions,
  type Stage,
} from "../../../local/api-gateway/rest-api.ts";
import { Callers } from "../../../local/iam/caller.ts";
import { Iam } from "../../../local/iam/iam.ts";
import { LambdaService } from "../../../local/lambda/lambda-service.ts";
import type { InvokeOutcome } from "../../../local/sources/event-source.ts";
import { functionIn } from "../../local/lambda/lambda-server.ts";
import { steppingClock } from "../../local/sources/kinesis-fixture.ts";
import type { Case } from "../harness/case.ts";

type ProxyEvent = {
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly requestContext: {
    readonly identity: Readonly<Record<string, unknown>>;
    readonly [name: string]: unknown;
  };
  readonly [name: string]: unknown;
};

/** An API behind a server, whose function is a script. */
export type Scene = {
  readonly url: string;
  readonly gateway: ApiGateway;
  readonly api: RestApi;
  readonly clock: ReturnType<typeof steppingClock>;
  readonly events: readonly ProxyEvent[];
  /** What the function answers from now on; what throws cannot be invoked. */
  answers(answer: () => Promise<InvokeOutcome> | InvokeOutcome): void;
  /** Adds a method to a path of the API, whose function answers `{ statusCode: 200, body: "ok" }`. */
  method(path: string, method?: Partial<Method>): void;
  setStage(stage: Partial<Stage>): void;
};

/** What cases are run with: each makes its own scene. */
export type Scenes = {
  run<T>(options: Partial<RestApiOptions>, run: (scene: Scene) => Promise<T>): Promise<T>;
};

/** What a function answers, as JSON. */
export const outcome = (value: unknown, functionError?: "Unhandled"): InvokeOutcome => ({
  requestId: "r",
  payload: new TextEncoder().encode(JSON.stringify(value)),
  ...(functionError && { functionError }),
});

const FUNCTION: Integration = { kind: "lambda", functionArn: "arn:fn", timeoutMs: 29_000 };

export const scenes: Scenes = {
  run: async (options, run) => {
    const clock = steppingClock();
    const events: ProxyEvent[] = [];
    let answer: () => Promise<InvokeOutcome> | InvokeOutcome = () => outcome({ statusCode: 200, body: "ok" });
    const lambda = new LambdaService({ endpoint: "http://127.0.0.1:1", region: "us-east-1", clock });
    lambda.create(functionIn("echo", { role: "arn:aws:iam::000000000000:role/caller" }));
    const gateway = new ApiGateway({
      clock,
      authorize: iamAuthorization(new Callers(lambda), new Iam({ clock })),
      invoke: async (_, payload) => {
        events.push(JSON.parse(typeof payload === "string" ? payload : new TextDecoder().decode(payload)));
        return answer();
      },
    });
    const api = new RestApi({
      id: "api1",
      name: "Api",
      binaryMediaTypes: [],
      minimumCompressionBytes: undefined,
      ...options,
    });
    gateway.add(api);
    const setStage = (stage: Partial<Stage>) =>
      api.setStage("prod", { variables: {}, throttles: {}, ...stage });
    setStage({});
    const server = createServer((request, response) => {
      const chunks: Uint8Array[] = [];
      request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      request.on("end", async () => {
        if (!(await gateway.handle(request, response, Buffer.concat(chunks)))) response.writeHead(418).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await run({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prod`,
        gateway,
        api,
        clock,
        events,
        setStage,
        answers: (next) => {
          answer = next;
        },
        method: (path, method) => addMethod(api, path, method),
      });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await lambda.close();
    }
  },
};

function addMethod(api: RestApi, path: string, method: Partial<Method> = {}): void {
  let parent = api.rootResourceId;
  let resource = "";
  for (const part of path.split("/").filter((each) => each !== "")) {
    resource += `/${part}`;
    if (!known(api, resource)) api.addResource(resource, parent, part);
    parent = resource;
  }
  const whole = { httpMethod: "ANY", integration: FUNCTION, iamAuthorization: false, apiKeyRequired: false };
  api.addMethod(parent, { ...whole, ...method });
}

const RESOURCES = new WeakMap<RestApi, Set<string>>();

/** Whether a resource was made before; notes it. */
function known(api: RestApi, resource: string): boolean {
  const resources = RESOURCES.get(api) ?? new Set();
  RESOURCES.set(api, resources);
  const before = resources.has(resource);
  resources.add(resource);
  return before;
}

type Documented = { readonly source: string; readonly says: string; readonly is: unknown };

export const apiCase = (
  name: string,
  aws: Documented,
  run: (scene: Scene) => Promise<unknown>,
  options: Partial<RestApiOptions> = {},
): Case<Scenes> => ({ name, aws, run: (client) => client.run(options, run) });

/** An answer as most cases look at it. */
export const read = async (response: Response): Promise<readonly [number, string]> => [
  response.status,
  await response.text(),
];
