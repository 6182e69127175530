import type { ServerResponse } from "node:http";

/** What a function of a Lambda proxy integration answers. */
export type ProxyResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
};

/** Reads a function's answer; undefined where API Gateway would call it a "Malformed Lambda proxy response". */
export function readProxyResult(payload: Uint8Array): ProxyResult | undefined {
  const answer: unknown = JSON.parse(new TextDecoder().decode(payload));
  if (!isAnswer(answer)) return undefined;
  const statusCode = Number(answer.statusCode);
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) return undefined;
  const { body = "", headers, multiValueHeaders, isBase64Encoded } = answer;
  if (typeof body !== "string" && body !== null) return undefined;
  return {
    statusCode,
    headers: merged([...Object.entries(headers ?? {}), ...Object.entries(multiValueHeaders ?? {})]),
    body: body ?? "",
    isBase64Encoded: isBase64Encoded === true,
  };
}

/**
 * One list of values a header, whatever the letters of its name, each value once
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format).
 */
function merged(headers: readonly (readonly [string, unknown])[]): ProxyResult["headers"] {
  const byName = new Map<string, { readonly name: string; readonly values: Set<string> }>();
  for (const [name, value] of headers) {
    const entry = byName.get(name.toLowerCase()) ?? { name, values: new Set() };
    for (const each of [value].flat()) entry.values.add(String(each));
    byName.set(name.toLowerCase(), entry);
  }
  return Object.fromEntries([...byName.values()].map(({ name, values }) => [name, [...values]]));
}

type Answer = {
  readonly statusCode?: unknown;
  readonly headers?: object | null;
  readonly multiValueHeaders?: object | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
};

const isAnswer = (value: unknown): value is Answer =>
  typeof value === "object" && value !== null && !Array.isArray(value) && "statusCode" in value;

/** Headers of the connection, which the gateway keeps for itself and hands on under another name. */
const REMAPPED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "server",
  "transfer-encoding",
  "www-authenticate",
]);

/** Writes the answer out. @param decodeBase64 - whether the API sends base64 bodies as the bytes that they stand for */
export function writeProxyResult(response: ServerResponse, result: ProxyResult, decodeBase64: boolean): void {
  const body = Buffer.from(result.body, result.isBase64Encoded && decodeBase64 ? "base64" : "utf8");
  response.statusCode = result.statusCode;
  response.setHeader("content-type", "application/json");
  for (const [name, values] of Object.entries(result.headers)) {
    const sent = REMAPPED.has(name.toLowerCase()) ? `x-amzn-remapped-${name}` : name;
    response.setHeader(sent, values.length === 1 ? (values[0] ?? "") : [...values]);
  }
  response.setHeader("content-length", body.byteLength);
  response.end(body);
}
