import * as z from "zod";

const Headers = z.record(z.string(), z.string().optional()).nullish();

/**
 * What ingest reads of an API Gateway proxy event, payload version 1.0. The rest of the envelope is neither
 * needed nor checked, so that a gateway may add to it.
 */
export const ProxyEvent: z.ZodType<ProxyEvent> = z.object({
  httpMethod: z.string(),
  headers: Headers,
  pathParameters: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().optional(),
});
export type ProxyEvent = {
  readonly httpMethod: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
};

/** A request whose header names are in lower case: proxies and clients write them as they like. */
export type IngestRequest = {
  readonly method: string;
  readonly stream: string;
  readonly headers: ReadonlyMap<string, string>;
  /** As it arrived: text, or base64 where `isBase64` says so. */
  readonly body: string;
  readonly isBase64: boolean;
};

export function requestOf(event: ProxyEvent): IngestRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(event.headers ?? {}))
    if (value !== undefined) headers.set(name.toLowerCase(), value);
  return {
    method: event.httpMethod,
    stream: event.pathParameters?.["stream"] ?? "",
    headers,
    body: event.body ?? "",
    isBase64: event.isBase64Encoded === true,
  };
}
