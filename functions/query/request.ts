import * as z from "zod";

const Parameters = z.record(z.string(), z.string().optional()).nullish();

/** What query reads of an API Gateway proxy event, payload version 1.0. */
export type ProxyEvent = {
  readonly httpMethod: string;
  /** The path as the API declares it: `/v1/views/{view}`. */
  readonly resource: string;
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null | undefined;
};
export const ProxyEvent: z.ZodType<ProxyEvent> = z.object({
  httpMethod: z.string(),
  resource: z.string(),
  pathParameters: Parameters,
  queryStringParameters: Parameters,
});
