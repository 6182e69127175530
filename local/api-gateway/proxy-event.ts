import type { IncomingMessage } from "node:http";
import { isoOf } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { ACCOUNT_ID } from "../models/arn.ts";

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
  const headers = multiHeaders(request.rawHeaders);
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

function requestContext({ request, path, resource, apiId, stage, requestId, at }: ProxyRequest): object {
  return {
    accountId: ACCOUNT_ID,
    apiId,
    domainName: `${apiId}.execute-api.localhost`,
    domainPrefix: apiId,
    extendedRequestId: requestId,
    httpMethod: request.method,
    identity: {
      apiKey: request.headers["x-api-key"] ?? null,
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      userAgent: request.headers["user-agent"] ?? null,
    },
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
