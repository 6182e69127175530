import type { ServerResponse } from "node:http";

/** An answer of the gateway itself. */
export type GatewayAnswer = { readonly status: number; readonly type: string; readonly message: string };

const answer = (status: number, type: string, message: string): GatewayAnswer => ({ status, type, message });

/** What API Gateway says by itself: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
export const FORBIDDEN: GatewayAnswer = answer(403, "ForbiddenException", "Forbidden");
export const MISSING_TOKEN: GatewayAnswer = answer(
  403,
  "MissingAuthenticationTokenException",
  "Missing Authentication Token",
);
export const TOO_LARGE: GatewayAnswer = answer(413, "RequestTooLargeException", "Request Too Long");
export const THROTTLED: GatewayAnswer = answer(429, "TooManyRequestsException", "Too Many Requests");
export const QUOTA_EXCEEDED: GatewayAnswer = answer(429, "LimitExceededException", "Limit Exceeded");
/** The function could not be invoked. */
export const FAILED: GatewayAnswer = answer(500, "InternalServerErrorException", "Internal server error");
/** The function failed, or answered in another form than a proxy's. */
export const MALFORMED: GatewayAnswer = answer(502, "InternalServerErrorException", "Internal server error");
export const LATE: GatewayAnswer = answer(504, "InternalServerErrorException", "Endpoint request timed out");

export function writeAnswer(response: ServerResponse, { status, type, message }: GatewayAnswer): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
  response.end(JSON.stringify({ message }));
}
