import type { ErrorCode } from "../../shared/errors/codes.ts";
import { MillraceError } from "../../shared/errors/millrace-error.ts";

/** What API Gateway turns into a response. */
export type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** An answer is of its moment: the next event may change it. */
export const answer = (statusCode: number, body: string): Answer => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body,
});

const STATUS: Partial<Record<ErrorCode, number>> = {
  CURSOR_INVALID: 400,
  QUERY_KEY: 400,
  QUERY_LIMIT: 400,
  QUERY_RANGE: 400,
  PIPELINE_UNKNOWN: 404,
  ROUTE_UNKNOWN: 404,
  VIEW_UNKNOWN: 404,
  METHOD: 405,
};

/** The answer to a query that cannot be answered; undefined for an error that is no fault of the client. */
export function refusalOf(thrown: unknown): Answer | undefined {
  if (!(thrown instanceof MillraceError)) return undefined;
  const status = STATUS[thrown.code];
  if (status === undefined) return undefined;
  const told = answer(status, JSON.stringify({ code: thrown.code, message: thrown.message }));
  return status === 405 ? { ...told, headers: { ...told.headers, allow: "GET" } } : told;
}

export const refused = (code: ErrorCode, message: string, cause?: unknown): MillraceError =>
  new MillraceError(code, message, { next: "refused", ...(cause === undefined ? {} : { cause }) });
