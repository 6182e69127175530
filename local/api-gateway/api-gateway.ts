import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import type { Clock } from "../../shared/time/clock.ts";
import { PAYLOAD_LIMIT_BYTES } from "../lambda/invocation.ts";
import { arnOf } from "../models/arn.ts";
import type { Invoke, InvokeOutcome } from "../sources/event-source.ts";
import { type ApiAddress, apiAddressOf } from "./api-address.ts";
import type { Authorize, CallerIdentity } from "./authorization.ts";
import {
  FAILED,
  FORBIDDEN,
  type GatewayAnswer,
  LATE,
  MALFORMED,
  MISSING_TOKEN,
  QUOTA_EXCEEDED,
  THROTTLED,
  TOO_LARGE,
  writeAnswer,
} from "./gateway-answers.ts";
import { firstType, isBinaryType } from "./media-types.ts";
import { type ProxyRequest, proxyEvent } from "./proxy-event.ts";
import { readProxyResult, writeProxyResult } from "./proxy-response.ts";
import type { Integration, Method, RestApi, Stage } from "./rest-api.ts";
import { decoded, type RouteMatch } from "./route-tree.ts";
import { ACCOUNT_THROTTLE, Throttles } from "./throttles.ts";
import { UsagePlans } from "./usage-plans.ts";

/** The largest request that API Gateway takes. */
const REQUEST_LIMIT_BYTES = 10 * 1024 * 1024;

export type ApiGatewayOptions = {
  /**
   * @param sourceArn - the stage's method for which it is, `arn:aws:execute-api:…:<api>/<stage>/<method>/<resource>`
   * @param roleArn - the role as which it is; undefined where it is in the gateway's own name
   */
  readonly invoke: (
    functionArn: string,
    payload: Parameters<Invoke>[0],
    sourceArn: string,
    roleArn: string | undefined,
  ) => Promise<InvokeOutcome>;
  readonly clock: Clock;
  /** Judges requests to methods with IAM authorization; without it they pass unsigned. */
  readonly authorize?: Authorize;
  /** Gets every request to an API, before it is answered. */
  readonly onRequest?: (api: RestApi, response: ServerResponse) => void;
};

/** A request on its way to its method. */
type Routed = {
  readonly address: ApiAddress;
  readonly stage: Stage;
  readonly match: RouteMatch<Method>;
  readonly request: IncomingMessage;
  readonly body: Uint8Array;
};

/** Who sent a request that may pass. */
type Admitted = Pick<ProxyRequest, "caller" | "apiKey">;

/** REST APIs with Lambda proxy integrations, on the local cloud's one port. */
export class ApiGateway {
  readonly usagePlans: UsagePlans;
  readonly #options: ApiGatewayOptions;
  readonly #apis = new Map<string, RestApi>();
  readonly #throttles: Throttles;

  constructor(options: ApiGatewayOptions) {
    this.#options = options;
    this.usagePlans = new UsagePlans(options.clock);
    this.#throttles = new Throttles(options.clock);
  }

  add(api: RestApi): void {
    this.#apis.set(api.options.id, api);
  }

  remove(apiId: string): void {
    this.#apis.delete(apiId);
  }

  apis(): readonly RestApi[] {
    return [...this.#apis.values()];
  }

  /** Answers a request that is for one of the APIs; false when it is not. */
  handle(request: IncomingMessage, response: ServerResponse, body: Uint8Array): boolean | Promise<boolean> {
    const address = apiAddressOf(request, this.#apis);
    if (address === undefined) return false;
    this.#options.onRequest?.(address.api, response);
    return this.#serve(address, request, response, body).then(() => true);
  }

  async #serve(
    address: ApiAddress,
    request: IncomingMessage,
    response: ServerResponse,
    body: Uint8Array,
  ): Promise<void> {
    const requestId = randomUUID();
    response.setHeader("x-amzn-requestid", requestId);
    const stage = address.api.stage(address.stage);
    if (stage === undefined) return writeAnswer(response, FORBIDDEN);
    const match = address.api.routes.match(address.path, request.method ?? "GET");
    if (match === undefined) return writeAnswer(response, MISSING_TOKEN);
    const routed = { address, stage, match, request, body };
    const admitted = this.#admit(routed);
    if ("refused" in admitted) return writeAnswer(response, admitted.refused);
    const { integration } = match.value;
    if (integration.kind === "mock") {
      response.writeHead(integration.status, { ...integration.headers }).end();
      return;
    }
    const event = await this.#eventOf(routed, admitted, requestId);
    if (event === undefined) return writeAnswer(response, TOO_LARGE);
    await this.#proxy(routed, integration, event, response);
  }

  /** Signature, key and limits, in this order. */
  #admit(routed: Routed): Admitted | { readonly refused: GatewayAnswer } {
    const { address, stage, match, request } = routed;
    const { iamAuthorization, apiKeyRequired, httpMethod } = match.value;
    const method = {
      apiId: address.api.options.id,
      stage: address.stage,
      resource: match.resource,
      httpMethod,
    };
    let caller: CallerIdentity | undefined;
    if (iamAuthorization && this.#options.authorize !== undefined) {
      const judged = this.#options.authorize(request, methodArn(address, `${request.method}${address.path}`));
      if ("refused" in judged) return judged;
      caller = judged.identity;
    }
    const admitted = apiKeyRequired ? this.#keyOf(request, method) : { apiKey: undefined };
    if ("refused" in admitted) return admitted;
    const path = `${match.resource}/${httpMethod}`;
    const passes =
      this.#throttles.take(`${method.apiId} ${method.stage} ${path}`, throttleOf(stage, path)) &&
      this.#throttles.take("account", ACCOUNT_THROTTLE);
    return passes ? { ...admitted, caller } : { refused: THROTTLED };
  }

  #keyOf(
    request: IncomingMessage,
    method: Parameters<UsagePlans["use"]>[1],
  ): Pick<Admitted, "apiKey"> | { readonly refused: GatewayAnswer } {
    const value = String(request.headers["x-api-key"] ?? "");
    const verdict = this.usagePlans.use(value, method);
    switch (verdict.kind) {
      case "passes":
        return { apiKey: { value, id: verdict.keyId } };
      case "forbidden":
        return { refused: FORBIDDEN };
      case "throttled":
        return { refused: THROTTLED };
      case "quota exceeded":
        return { refused: QUOTA_EXCEEDED };
    }
  }

  /** Undefined where the request is too large for the gateway, or its event for a function. */
  async #eventOf(
    { address, stage, match, request, body }: Routed,
    admitted: Admitted,
    requestId: string,
  ): Promise<Uint8Array | undefined> {
    const { api, path, query } = address;
    const plain = body.byteLength > REQUEST_LIMIT_BYTES ? undefined : await unpacked(api, request, body);
    if (plain === undefined) return undefined;
    const proxy: ProxyRequest = {
      ...match,
      ...admitted,
      request,
      path: path.split("/").map(decoded).join("/"),
      query,
      apiId: api.options.id,
      stage: address.stage,
      stageVariables: stage.variables,
      requestId,
      at: this.#options.clock.now(),
    };
    const isBinary = isBinaryType(request.headers["content-type"], api.options.binaryMediaTypes);
    const event = proxyEvent(proxy, plain, isBinary && plain.byteLength > 0);
    return event.byteLength > PAYLOAD_LIMIT_BYTES ? undefined : event;
  }

  async #proxy(
    { address, match, request }: Routed,
    { functionArn, timeoutMs, roleArn }: Extract<Integration, { readonly kind: "lambda" }>,
    event: Uint8Array,
    response: ServerResponse,
  ): Promise<void> {
    const sourceArn = methodArn(address, `${request.method}${match.resource}`);
    const timer = new AbortController();
    const late = delay(timeoutMs, "late" as const, { signal: timer.signal }).catch(() => "late" as const);
    try {
      const invoked = this.#options.invoke(functionArn, event, sourceArn, roleArn);
      const outcome = await Promise.race([invoked, late]);
      if (outcome === "late") return writeAnswer(response, LATE);
      const result = outcome.functionError === undefined ? readProxyResult(outcome.payload) : undefined;
      if (result === undefined) return writeAnswer(response, MALFORMED);
      const accepted = firstType(request.headers.accept);
      writeProxyResult(response, result, isBinaryType(accepted, address.api.options.binaryMediaTypes));
    } catch {
      // the function could not be invoked: the caller learns as much as AWS would tell
      writeAnswer(response, FAILED);
    } finally {
      timer.abort();
    }
  }
}

const methodArn = ({ api, stage }: ApiAddress, method: string): string =>
  arnOf("execute-api", `${api.options.id}/${stage}/${method}`);

const throttleOf = ({ throttles }: Stage, path: string): Stage["throttles"][string] | undefined =>
  throttles[path] ?? throttles["*"];

const unzip = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/** The body without its Content-Encoding, where the API unpacks; undefined where it grows beyond the limit. */
async function unpacked(
  api: RestApi,
  request: IncomingMessage,
  body: Uint8Array,
): Promise<Uint8Array | undefined> {
  const encoding = request.headers["content-encoding"];
  if (api.options.minimumCompressionBytes === undefined) return body;
  if (encoding !== "gzip" && encoding !== "deflate") return body;
  try {
    return await unzip[encoding](body, { maxOutputLength: REQUEST_LIMIT_BYTES });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    // not what its header says: the function shall see it as it came
    return body;
  }
}
