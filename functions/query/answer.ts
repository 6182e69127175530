import type { ErrorCode } from "../../shared/errors/codes.ts";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { type Answer, jsonAnswer } from "../aws/answer.ts";

const STATUS: Partial<Record<ErrorCode, number>> = {
  CURSOR_INVALID: 400,
  QUERY_KEY: 400,
  QUERY_LIMIT: 400,
  QUERY_RANGE: 400,
  PIPELINE_UNKNOWN: 404,
  ROUTE_UNKNOWN: 404,
  STATE_UNKNOWN: 404,
  VIEW_UNKNOWN: 404,
  METHOD: 405,
  STATE_MIGRATION: 500,
  // this code, or this moment, cannot read the state that is there
  EPOCH_EMPTY: 503,
  EPOCH_ENDED: 503,
  STATE_LIMIT: 503,
  STATE_MISMATCH: 503,
  STATE_VERSION: 503,
};

/** The answer to a query that cannot be answered; undefined for an error that nobody foresaw. */
export function refusalOf(thrown: unknown): Answer | undefined {
  if (!(thrown instanceof MillraceError)) return undefined;
  const status = STATUS[thrown.code];
  if (status === undefined) return undefined;
  const headers: Record<string, string> = status === 405 ? { allow: "GET" } : {};
  return jsonAnswer(status, JSON.stringify({ code: thrown.code, message: thrown.message }), headers);
}
