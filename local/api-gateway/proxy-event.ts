import type { IncomingMessage } from "node:http";
import { isoOf } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { ACCOUNT_ID } from "../models/arn.ts";
import type { CallerIdentity } from "./authorization.ts";

export type ProxyRequest = {
  readonly request: IncomingMessage;
  /** After the stage, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly apiId: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly at: EpochMs;
  /** Who signed the request, where the method asks for that. */
  readonly caller: CallerIdentity | undefined;
  /** The key of the request, where the method asks for one. */
  readonly apiKey: { readonly value: string; readonly id: string } | undefined;
};

/**
 * The event of a Lambda proxy integration, payload version 1.0, as JSON
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html).
 * The body is put in behind the rest, so that a megabyte of base64 is not walked for escapes.
 */
export function proxyEvent(proxy: ProxyRequest, body: Uint8Array, isBinary: boolean): Uint8Array {
  const event = JSON.stringify(eventWithoutBody(proxy));
  return Buffer.from(
    `${event.slice(0, -1)},"body":${bodyJson(body, isBinary)},"isBase64Encoded":${isBinary}}`,
  );
}

function bodyJson(body: Uint8Array, isBinary: boolean): string {
  if (body.byteLength === 0) return "null";
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return isBinary ? `"${bytes.toString("base64")}"` : JSON.stringify(bytes.toString("utf8"));
}

function eventWithoutBody(proxy: ProxyRequest): object {
  const { request, path, query, resource, parameters, stageVariables } = proxy;
  const headers = { ...multiHeaders(request.rawHeaders), ...forwarded(proxy) };
  const queries = Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)]));
  return {
    resource,
    path,
    httpMethod: request.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: nullIfEmpty(lastOfEach(queries)),
    multiValueQueryStringParameters: nullIfEmpty(queries),
    pathParameters: nullIfEmpty(parameters),
    stageVariables: nullIfEmpty(stageVariables),
    requestContext: requestContext(proxy),
  };
}

function requestContext(proxy: ProxyRequest): object {
  const { request, path, resource, apiId, stage, requestId, at } = proxy;
  return {
    accountId: ACCOUNT_ID,
    apiId,
    domainName: `${apiId}.execute-api.localhost`,
    domainPrefix: apiId,
    extendedRequestId: requestId,
    httpMethod: request.method,
    identity: identityOf(proxy),
    path: `/${stage}${path}`,
    protocol: `HTTP/${request.httpVersion}`,
    requestId,
    requestTime: commonLogTime(at),
    requestTimeEpoch: at,
    resourceId: resource,
    resourcePath: resource,
    stage,
  };
}

function identityOf({ request, caller, apiKey }: ProxyRequest): object {
  return {
    cognitoIdentityPoolId: null,
    cognitoIdentityId: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    principalOrgId: null,
    accountId: caller?.accountId ?? null,
    caller: caller?.caller ?? null,
    user: caller?.user ?? null,
    userArn: caller?.userArn ?? null,
    accessKey: caller === undefined ? null : accessKeyOf(request),
    apiKey: apiKey?.value ?? null,
    ...(apiKey !== undefined && { apiKeyId: apiKey.id }),
    sourceIp: sourceIpOf(request),
    userAgent: request.headers["user-agent"] ?? null,
  };
}

const accessKeyOf = ({ headers }: IncomingMessage): string | null =>
  /Credential=([^/,\s]+)/.exec(headers.authorization ?? "")?.[1] ?? null;

const sourceIpOf = ({ socket }: IncomingMessage): string =>
  (socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");

/** What the gateway adds to a request's headers. */
const forwarded = ({ request, requestId, at }: ProxyRequest): Readonly<Record<string, string[]>> => ({
  "X-Amzn-Trace-Id": [
    `Root=1-${Math.floor(at / 1_000).toString(16)}-${requestId.replaceAll("-", "").slice(0, 24)}`,
  ],
  "X-Forwarded-For": [sourceIpOf(request)],
  "X-Forwarded-Port": ["443"],
  "X-Forwarded-Proto": ["https"],
});

/** Headers as they were written, each with all its values. */
function multiHeaders(raw: readonly string[]): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name, value] = [raw[index] ?? "", raw[index + 1] ?? ""];
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  return Object.fromEntries(headers);
}

const lastOfEach = (lists: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1) ?? ""]));

const nullIfEmpty = <T extends object>(value: T): T | null =>
  Object.keys(value).length === 0 ? null : value;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `21/Nov/2026:22:31:39 +0000` */
function commonLogTime(at: EpochMs): string {
  const iso = isoOf(at);
  const [year, month, day] = iso.slice(0, 10).split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${iso.slice(11, 19)} +0000`;
}
