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
import { isBinaryType } from "./media-types.ts";
import { proxyEvent } from "./proxy-event.ts";
import { readProxyResult, writeMessage, writeProxyResult } from "./proxy-response.ts";
import type { Integration, RestApi } from "./rest-api.ts";
import { decoded } from "./route-tree.ts";

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
  /** Gets every request to an API, before it is answered. */
  readonly onRequest?: (api: RestApi, response: ServerResponse) => void;
};

/** REST APIs with Lambda proxy integrations, on the local cloud's one port. */
export class ApiGateway {
  readonly #options: ApiGatewayOptions;
  readonly #apis = new Map<string, RestApi>();
  readonly #apiKeys = new Set<string>();

  constructor(options: ApiGatewayOptions) {
    this.#options = options;
  }

  add(api: RestApi): void {
    this.#apis.set(api.options.id, api);
  }

  remove(apiId: string): void {
    this.#apis.delete(apiId);
  }

  removeApiKey(value: string): void {
    this.#apiKeys.delete(value);
  }

  /** Lets a key through, to every method that asks for one. */
  addApiKey(value: string): void {
    this.#apiKeys.add(value);
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
    { api, stage, path, query }: ApiAddress,
    request: IncomingMessage,
    response: ServerResponse,
    body: Uint8Array,
  ): Promise<void> {
    const stageVariables = api.stage(stage);
    if (stageVariables === undefined) return writeMessage(response, 403, "Forbidden");
    const match = api.routes.match(path, request.method ?? "GET");
    if (match === undefined) return writeMessage(response, 403, "Missing Authentication Token");
    const key = request.headers["x-api-key"];
    if (match.value.apiKeyRequired && !this.#apiKeys.has(String(key)))
      return writeMessage(response, 403, "Forbidden");
    const { integration } = match.value;
    if (integration.kind === "mock") {
      response.writeHead(integration.status, { ...integration.headers }).end();
      return;
    }
    const plain = body.byteLength > REQUEST_LIMIT_BYTES ? undefined : await unpacked(api, request, body);
    if (plain === undefined) return writeMessage(response, 413, "Request Too Long");
    const proxy = {
      ...match,
      request,
      path: path.split("/").map(decoded).join("/"),
      query,
      apiId: api.options.id,
      stage,
      stageVariables,
      requestId: randomUUID(),
      at: this.#options.clock.now(),
    };
    const isBinary = isBinaryType(request.headers["content-type"], api.options.binaryMediaTypes);
    const event = proxyEvent(proxy, plain, isBinary && plain.byteLength > 0);
    if (event.byteLength > PAYLOAD_LIMIT_BYTES) return writeMessage(response, 413, "Request Too Long");
    const sourceArn = arnOf("execute-api", `${api.options.id}/${stage}/${request.method}${match.resource}`);
    await this.#proxy(
      integration,
      sourceArn,
      event,
      response,
      isBinaryType(request.headers.accept, api.options.binaryMediaTypes),
    );
  }

  async #proxy(
    { functionArn, timeoutMs, roleArn }: Extract<Integration, { readonly kind: "lambda" }>,
    sourceArn: string,
    event: Uint8Array,
    response: ServerResponse,
    decodeBase64: boolean,
  ): Promise<void> {
    const timer = new AbortController();
    const late = delay(timeoutMs, "late" as const, { signal: timer.signal }).catch(() => "late" as const);
    try {
      const invoked = this.#options.invoke(functionArn, event, sourceArn, roleArn);
      const outcome = await Promise.race([invoked, late]);
      if (outcome === "late") return writeMessage(response, 504, "Endpoint request timed out");
      const result = outcome.functionError === undefined ? readProxyResult(outcome.payload) : undefined;
      if (result === undefined) return writeMessage(response, 502, "Internal server error");
      writeProxyResult(response, result, decodeBase64);
    } catch {
      // the function could not be invoked: the caller learns as much as AWS would tell
      writeMessage(response, 500, "Internal server error");
    } finally {
      timer.abort();
    }
  }
}

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
