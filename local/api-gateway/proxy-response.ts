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
  const single = Object.entries(headers ?? {}).map(([name, value]) => [name, [String(value)]] as const);
  const multiple = Object.entries(multiValueHeaders ?? {}).map(
    ([name, values]) => [name, Array.isArray(values) ? values.map(String) : [String(values)]] as const,
  );
  return {
    statusCode,
    headers: Object.fromEntries([...single, ...multiple]),
    body: body ?? "",
    isBase64Encoded: isBase64Encoded === true,
  };
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

/** Writes the answer out. @param decodeBase64 - whether the API sends base64 bodies as the bytes that they stand for */
export function writeProxyResult(response: ServerResponse, result: ProxyResult, decodeBase64: boolean): void {
  const body = Buffer.from(result.body, result.isBase64Encoded && decodeBase64 ? "base64" : "utf8");
  response.statusCode = result.statusCode;
  response.setHeader("content-type", "application/json");
  for (const [name, values] of Object.entries(result.headers))
    response.setHeader(name, values.length === 1 ? (values[0] ?? "") : [...values]);
  response.setHeader("content-length", body.byteLength);
  response.end(body);
}

/** An answer of the gateway itself. */
export function writeMessage(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
}
